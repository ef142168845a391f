"""Intervals by resampling whole blocks (Künsch, 1989; here the blocks do not overlap).

A resample draws as many blocks as there are, with replacement, so it is a count per block. Every
metric below is written in terms of those counts: what a block contributes is computed once, and
two thousand resamples are a matrix product.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlops.contract import Task
from mlops.evaluation.metrics import (
    BINS,
    Truth,
    calibration_bins,
    confidence,
    decisions,
)
from mlops.evaluation.names import BETTER
from mlops.evaluation.predict import Array

Counts = NDArray[np.int64]
Single = NDArray[np.float32]
AT_ONCE = 128  # segments of the ranking
FEWEST_BLOCKS = 10  # under which no interval is believed


@dataclass(frozen=True)
class Sample:
    """Rows with their truth, predictions, and block codes 0 … blocks - 1, shape (n,)."""

    truth: Truth
    p: Array
    block: NDArray[np.int64]
    blocks: int

    def per_block(self, values: Array) -> Array:
        """The sum of a row value over each block, shape (blocks,)."""
        return np.bincount(self.block, values, minlength=self.blocks).astype(np.float64)


def draw(blocks: int, resamples: int, seed: int) -> Counts:
    """How often each block is in each resample, shape (resamples, blocks); rows sum to `blocks`."""
    chance = np.full(blocks, 1 / blocks)
    return np.random.default_rng(seed).multinomial(blocks, chance, size=resamples)


def distributions(
    task: Task, sample: Sample, counts: Counts, names: Collection[str] | None = None
) -> dict[str, Array]:
    """Metrics of the task in every resample, each of shape (resamples,); NaN without value.

    Every metric of the task, or only those in `names`.
    """
    wanted = BETTER[task] if names is None else names
    with np.errstate(divide="ignore", invalid="ignore"):
        return {name: _RESAMPLED[task][name](sample, counts) for name in wanted}


def interval(distribution: Array, level: float) -> tuple[float, float]:
    """The percentile interval (Efron, 1979) of the resamples that have a value; NaN without any."""
    valued = distribution[~np.isnan(distribution)]
    if not len(valued):
        return float("nan"), float("nan")
    outside = (1 - level) / 2
    low, high = np.quantile(valued, [outside, 1 - outside])
    return float(low), float(high)


def _sums(sample: Sample, counts: Counts, *values: Array) -> list[Array]:
    """The sum of each row value in each resample."""
    return list((counts @ np.stack([sample.per_block(v) for v in values], axis=1)).T)


def _float(flags: NDArray[np.bool_]) -> Array:
    return flags.astype(np.float64)


def _mean(sample: Sample, counts: Counts, loss: Array) -> Array:
    total, rows = _sums(sample, counts, loss, np.ones(len(loss)))
    return total / rows


def _down_the_ranking(
    sample: Sample,
    counts: Counts,
    positive: NDArray[np.bool_],
    segment: NDArray[np.int64],
    at_once: int = AT_ONCE,
) -> Iterator[tuple[Single, Single]]:
    """How many rows and positives each resample has down to the end of each segment of rows.

    Segments are numbered from the best score down, 0, 1, …; `at_once` come together, the first
    column being the end of the one before. Only blocks with rows there are looked at, so that
    neither many rows nor many blocks fill the memory. Counts stay below 2**24, so that single
    precision adds them without error.
    """
    order = np.argsort(segment, kind="stable")
    segment, block, positive = segment[order], sample.block[order], positive[order]
    times = counts.astype(np.float32)
    rows = hits = np.zeros((len(counts), 1), dtype=np.float32)
    segments = int(segment[-1]) + 1
    at_once = min(at_once, segments)
    for start in range(0, segments, at_once):
        part = slice(*np.searchsorted(segment, [start, start + at_once]))
        blocks, place = np.unique(block[part], return_inverse=True)
        drawn, cells = times[:, blocks], place * at_once + segment[part] - start

        def further(last: Single, cells: NDArray[np.int64], drawn: Single = drawn) -> Single:
            table = np.bincount(cells, minlength=drawn.shape[1] * at_once).reshape(-1, at_once)
            return np.hstack([last, last + drawn @ table.cumsum(axis=1, dtype=np.float32)])

        rows, hits = further(rows[:, -1:], cells), further(hits[:, -1:], cells[positive[part]])
        yield rows, hits


def _auc(sample: Sample, counts: Counts, positive: NDArray[np.bool_], score: Array) -> Array:
    """The share of (positive, negative) pairs in the right order, ties half (Mann, Whitney, 1947).

    A segment is one score of positives, or the gap between two. Where blocks are fewer than
    resamples, the pairs won are counted once for every two blocks, and a resample adds those up.
    """
    at = np.unique(score[positive])
    segment = 2 * len(at) - np.searchsorted(at, score) - np.searchsorted(at, score, side="right")
    if sample.blocks <= len(counts):
        between = np.zeros((sample.blocks, sample.blocks))
        every = np.eye(sample.blocks, dtype=np.int64)
        at_once = AT_ONCE * (len(counts) // sample.blocks)
        for ahead, passed in _duels(sample, every, positive, segment, at_once):
            there = passed.any(axis=1)
            between[:, there] += ahead @ passed[there].T
        won = ((counts @ between) * counts).sum(axis=1)
    else:
        won = np.zeros(len(counts))
        for ahead, passed in _duels(sample, counts, positive, segment, AT_ONCE):
            won += (ahead * passed).sum(axis=1, dtype=np.float64)
    positives, negatives = _sums(sample, counts, _float(positive), _float(~positive))
    return won / (positives * negatives)


def _duels(
    sample: Sample,
    counts: Counts,
    positive: NDArray[np.bool_],
    segment: NDArray[np.int64],
    at_once: int,
) -> Iterator[tuple[Single, Single]]:
    """By segment: positives ahead of it, with half of those in it, and the negatives in it."""
    for rows, hits in _down_the_ranking(sample, counts, positive, segment, at_once):
        yield (hits[:, 1:] + hits[:, :-1]) * np.float32(0.5), np.diff(rows - hits)


def _average_precision(sample: Sample, counts: Counts) -> Array:
    """The mean over positives of the precision at their score, as scikit-learn defines it."""
    positive = sample.truth.y == 1
    at = np.unique(sample.p[positive])
    segment = len(at) - np.searchsorted(at, sample.p, side="right")
    total = np.zeros(len(counts))
    for rows, hits in _down_the_ranking(sample, counts, positive, segment):
        gain = np.diff(hits)
        gain *= hits[:, 1:]
        gain /= np.maximum(rows[:, 1:], 1)
        total += gain.sum(axis=1, dtype=np.float64)
    return total / (counts @ sample.per_block(_float(positive)))


def _calibration_error(sample: Sample, counts: Counts) -> Array:
    forecast, happened = confidence(sample.truth, sample.p)
    bins = calibration_bins(forecast)
    gaps = [np.where(bins == b, forecast - happened, 0.0) for b in range(BINS)]
    *sums, rows = _sums(sample, counts, *gaps, np.ones(len(forecast)))
    return np.abs(sums).sum(axis=0) / rows


def _decided(sample: Sample, counts: Counts, label: int = 1) -> tuple[Array, Array, Array]:
    """True positives, predicted positives and actual positives of a class in each resample."""
    called = decisions(sample.truth, sample.p) == label
    actual = sample.truth.y == label
    hit, calls, all_actual = _sums(sample, counts, called & actual, called * 1.0, actual * 1.0)
    return hit, calls, all_actual


def _ratio(part: Array, whole: Array) -> Array:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def _f1(sample: Sample, counts: Counts, label: int = 1) -> Array:
    hit, calls, actual = _decided(sample, counts, label)
    return _ratio(2 * hit, calls + actual)


def _likelihood(sample: Sample) -> Array:
    """The logarithm of the probability given to what happened, clipped as scikit-learn does."""
    p = np.stack([1 - sample.p, sample.p], axis=1) if sample.p.ndim == 1 else sample.p
    given = p[np.arange(len(p)), sample.truth.y.astype(np.int64)]
    tiny = np.finfo(np.float64).eps
    return np.log(np.clip(given, tiny, 1 - tiny))


def _squared(sample: Sample) -> Array:
    if sample.p.ndim == 1:
        return (sample.p - sample.truth.y) ** 2
    one_hot = np.eye(sample.truth.classes)[sample.truth.y.astype(np.int64)]
    return ((sample.p - one_hot) ** 2).sum(axis=1)


def _r2(sample: Sample, counts: Counts) -> Array:
    """No value where the outcome is constant, but for the last digits that subtraction leaves."""
    y = sample.truth.y - sample.truth.y.mean()
    residual, squares, total, rows = _sums(
        sample, counts, _squared(sample), y**2, y, np.ones(len(y))
    )
    spread = squares - total**2 / rows
    return np.where(spread > 1e-12 * squares, 1 - residual / spread, np.nan)


def _macro_auc(s: Sample, c: Counts) -> Array:
    per_class = [_auc(s, c, s.truth.y == k, s.p[:, k]) for k in range(s.truth.classes)]
    return np.mean(per_class, axis=0)


def _macro_f1(s: Sample, c: Counts) -> Array:
    """The mean over the classes that a resample has, actual or predicted."""
    per_class = []
    for label in range(s.truth.classes):
        _, calls, actual = _decided(s, c, label)
        per_class.append(np.where(calls + actual > 0, _f1(s, c, label), np.nan))
    return np.nanmean(per_class, axis=0)


Resampled = Callable[[Sample, Counts], Array]
_LOSSES: dict[str, Resampled] = {
    "brier": lambda s, c: _mean(s, c, _squared(s)),
    "log_loss": lambda s, c: -_mean(s, c, _likelihood(s)),
    "calibration_error": _calibration_error,
}
_RESAMPLED: dict[Task, dict[str, Resampled]] = {
    "binary": _LOSSES
    | {
        "roc_auc": lambda s, c: _auc(s, c, s.truth.y == 1, s.p),
        "average_precision": _average_precision,
        "precision": lambda s, c: _ratio(*_decided(s, c)[:2]),
        "recall": lambda s, c: _ratio(_decided(s, c)[0], _decided(s, c)[2]),
        "f1": _f1,
    },
    "multiclass": _LOSSES
    | {
        "roc_auc": _macro_auc,
        "accuracy": lambda s, c: _mean(s, c, (decisions(s.truth, s.p) == s.truth.y) * 1.0),
        "f1": _macro_f1,
    },
    "regression": {
        "r2": _r2,
        "rmse": lambda s, c: np.sqrt(_mean(s, c, _squared(s))),
        "mae": lambda s, c: _mean(s, c, np.abs(s.p - s.truth.y)),
    },
}
