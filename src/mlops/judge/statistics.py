"""Paired comparisons by resampling whole blocks: how much better, how surely, and for how many.

The difference of two models on the same rows is resampled with the same counts for both. Its
interval takes the bootstrap's standard error and Student's t with one degree of freedom less than
there are blocks (Efron, Tibshirani, 1993, chapter 12): percentiles of 2,000 resamples cannot tell
the levels that a corrected test asks for, and are too narrow for a month of days.
"""

from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass
from math import ceil, isfinite, sqrt
from typing import TypeVar

import numpy as np
from scipy import stats

from mlops.contract import Task
from mlops.evaluation.bootstrap import FEWEST_BLOCKS, Counts, Sample, distributions
from mlops.evaluation.metrics import Codes, Truth, scores
from mlops.evaluation.names import BETTER
from mlops.evaluation.predict import Array
from mlops.judge.verdict import Outcome

Name = TypeVar("Name", bound=Hashable)


@dataclass(frozen=True)
class Difference:
    """How much better the challenger is: above 0 is better, whichever way the metric points."""

    value: float
    other: float
    """The metric of the challenger, and of the model it is compared with."""
    estimate: float
    error: float
    """The standard error of `estimate`."""
    blocks: int
    """With rows in them."""

    def interval(self, level: float) -> tuple[float, float]:
        """The two-sided interval at `level`, in (0, 1)."""
        reach = self._quantile(level) * self.error
        return self.estimate - reach, self.estimate + reach

    def outcome(self, margin: float, level: float) -> Outcome:
        """Pass: surely not worse by more than `margin`; fail: surely worse; else inconclusive.

        Without a value that the other has it fails; without either, or with too few blocks, it
        is inconclusive.
        """
        if not isfinite(self.value) and isfinite(self.other):
            return "fail"
        if not self.tells:
            return "inconclusive"
        low, high = self.interval(level)
        if low >= -margin:
            return "pass"
        return "fail" if high < -margin else "inconclusive"

    def inferior(self, margin: float) -> float:
        """The one-sided p-value of "not worse by more than `margin`"; 1 when none can be told."""
        if not self.tells:
            return 1.0
        if self.error == 0:
            return float(self.estimate >= -margin)
        return float(stats.t.cdf((self.estimate + margin) / self.error, self.blocks - 1))

    def blocks_needed(self, margin: float, level: float) -> int | None:
        """How many more blocks would settle it, were the estimate to stay; None when none would.

        The error falls with the root of the number of blocks.
        """
        gap = abs(self.estimate + margin)
        if not self.tells or gap == 0:
            return None
        total = self.blocks * (self._quantile(level) * self.error / gap) ** 2
        more = ceil(total) - self.blocks
        return max(more, 1) if more <= 100 * self.blocks else None

    @property
    def tells(self) -> bool:
        """Whether both models have a value, with an error from enough blocks."""
        known = isfinite(self.estimate) and isfinite(self.error)
        return known and self.blocks >= FEWEST_BLOCKS

    def _quantile(self, level: float) -> float:
        return float(stats.t.ppf((1 + level) / 2, self.blocks - 1))


def paired(
    task: Task, challenger: Sample, other: Sample, counts: Counts, names: Collection[str]
) -> dict[str, Difference]:
    """The difference in each of the metrics `names`, resampled with `counts` (resamples, blocks).

    Both samples hold the same rows in the same order.
    """
    present = len(np.unique(challenger.block))
    values = [scores(task, sample.truth, sample.p, names) for sample in (challenger, other)]
    spread = [distributions(task, sample, counts, names) for sample in (challenger, other)]
    found = {}
    for name in names:
        sign = 1.0 if BETTER[task][name] == "higher" else -1.0
        value, beside = (of_one[name] for of_one in values)
        error = standard_error(spread[0][name] - spread[1][name], present)
        found[name] = Difference(value, beside, sign * (value - beside), error, present)
    return found


def standard_error(distribution: Array, blocks: int) -> float:
    """Of the resamples with a value; the factor undoes that n blocks vary as n - 1 do."""
    valued = distribution[np.isfinite(distribution)]
    if len(valued) < len(distribution) / 2 or blocks < 2:
        return float("nan")
    return float(np.std(valued, ddof=1)) * sqrt(blocks / (blocks - 1))


def part(sample: Sample, rows: Codes) -> Sample:
    """Some rows of a sample, block codes as they were, so that the same counts apply."""
    truth = Truth(sample.truth.y[rows], sample.truth.classes, sample.truth.threshold)
    return Sample(truth, sample.p[rows], sample.block[rows], sample.blocks)


def holm(p_values: Mapping[Name, float], alpha: float) -> set[Name]:
    """Which hypotheses are rejected, so that any is by mistake with chance at most alpha (1979)."""
    rejected: set[Name] = set()
    for rank, (name, p) in enumerate(sorted(p_values.items(), key=lambda item: item[1])):
        if p > alpha / (len(p_values) - rank):
            break
        rejected.add(name)
    return rejected


def level(first: float, uses: int) -> float:
    """The level of the intervals at the n-th decision on the same held-out rows.

    The chance of a mistake, 1 - first, is dealt out as 1/2, 1/6, 1/12, … = 1 / n (n + 1): however
    many decisions follow, the shares add up to no more than the whole. This bounds mistakes of
    models fixed beforehand; a model chosen by looking at earlier verdicts is not covered, which is
    why the count is shown.
    """
    return 1 - (1 - first) / (uses * (uses + 1))
