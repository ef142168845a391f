"""Quantiles, agreement and stability of two servers' answers, and their intervals.

Whole requests are resampled (a bootstrap by cluster: rows of one request are answered together),
with the same draws for both sides, and the percentile interval is taken (Efron, 1979).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlops.data.shift import BINS, SMALLEST

Array = NDArray[np.float64]
Integers = NDArray[np.int64]
AT_ONCE = 4_000_000  # draws that are held in memory


@dataclass(frozen=True)
class Estimate:
    """A statistic and the ends of its interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Timed:
    """Milliseconds, shape (n,), and the number of the request that each belongs to."""

    milliseconds: Array
    request: Integers


@dataclass(frozen=True)
class Bootstrap:
    """How intervals are had."""

    requests: int
    resamples: int
    level: float
    seed: int

    def estimate(self, statistic: Callable[[Integers], Array]) -> Estimate:
        """`statistic` is given how often each request counts, shape (resamples, requests)."""
        value = statistic(np.ones((1, self.requests), dtype=np.int64))[0]
        found = np.concatenate([statistic(counts) for counts in self._draws()])
        found = found[np.isfinite(found)]
        outside = (1 - self.level) / 2
        low, high = np.quantile(found, [outside, 1 - outside]) if len(found) else (np.nan, np.nan)
        return Estimate(float(value), float(low), float(high))

    def _draws(self) -> Iterator[Integers]:
        random = np.random.default_rng(self.seed)
        chance = np.full(self.requests, 1 / self.requests)
        left = self.resamples
        while left:
            size = min(left, max(1, AT_ONCE // self.requests))
            yield random.multinomial(self.requests, chance, size=size)
            left -= size


def quantile(timed: Timed, q: float, counts: Integers) -> Array:
    """The least time that at least the part `q` does not exceed, per resample; NaN for none."""
    order = np.argsort(timed.milliseconds, kind="stable")
    reached = counts[:, timed.request[order]].cumsum(axis=1)
    at = (reached < q * reached[:, -1:]).sum(axis=1)
    found = timed.milliseconds[order][np.minimum(at, len(order) - 1)]
    return np.where(reached[:, -1] > 0, found, np.nan)


def latency_ratio(champion: Timed, challenger: Timed, q: float, how: Bootstrap) -> Estimate:
    """The challenger's quantile as a multiple of the champion's."""
    return how.estimate(
        lambda counts: quantile(challenger, q, counts) / quantile(champion, q, counts)
    )


def agreement(equal: NDArray[np.bool_], request: Integers, how: Bootstrap) -> Estimate:
    """The share of rows, shape (n,), on which both decide the same."""
    sames = np.bincount(request, equal, minlength=how.requests)
    rows = np.bincount(request, minlength=how.requests)
    with np.errstate(invalid="ignore"):
        return how.estimate(lambda counts: (counts @ sames) / (counts @ rows))


def stability(champion: Array, challenger: Array, request: Integers, how: Bootstrap) -> Estimate:
    """The population stability index of scores, shape (n, k); of several the largest.

    Bins are the tenths of the champion's scores, as for the shift of a column.
    """
    pairs = [
        _histograms(champion[:, k], challenger[:, k], request, how.requests)
        for k in range(champion.shape[1])
    ]

    def largest(counts: Integers) -> Array:
        return np.max([_index(counts @ before, counts @ after) for before, after in pairs], axis=0)

    return how.estimate(largest)


def _histograms(
    champion: Array, challenger: Array, request: Integers, requests: int
) -> tuple[Integers, Integers]:
    """How many rows of each request are in each bin, shape (requests, bins), for both."""
    edges = np.unique(np.quantile(champion, np.linspace(0, 1, BINS + 1)[1:-1]))
    bins = len(edges) + 1

    def table(scores: Array) -> Integers:
        cells = request * bins + np.searchsorted(edges, scores, side="right")
        return np.bincount(cells, minlength=requests * bins).reshape(requests, bins)

    return table(champion), table(challenger)


def _index(before: Integers, after: Integers) -> Array:
    with np.errstate(invalid="ignore"):
        p = np.maximum(before / before.sum(axis=1, keepdims=True), SMALLEST)
        q = np.maximum(after / after.sum(axis=1, keepdims=True), SMALLEST)
    return ((p - q) * np.log(p / q)).sum(axis=1)
