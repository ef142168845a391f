"""Whether the same inputs still mean the same outcome."""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from scipy import stats

from mlops.evaluation.metrics import confidence
from mlops.evaluation.predict import Array
from mlops.judge.rows import Rows
from mlops.monitor.performance.outcomes import CHAMPION, window
from mlops.monitor.result import Concept, number
from mlops.monitor.rows import Problem


@dataclass(frozen=True)
class Welch:
    """The difference of two means whose variances need not be equal (Welch, 1947)."""

    shift: float
    error: float
    degrees: float

    def interval(self, level: float) -> tuple[float, float]:
        """The two-sided interval at `level`, in (0, 1)."""
        reach = float(stats.t.ppf((1 + level) / 2, self.degrees)) * self.error
        return self.shift - reach, self.shift + reach

    @property
    def p(self) -> float:
        """The two-sided p-value of no difference."""
        if self.error == 0:
            return float(self.shift == 0)
        return float(2 * stats.t.sf(abs(self.shift) / self.error, self.degrees))


def concept(problem: Problem, now: Rows, then: Rows) -> Concept:
    """Outcomes less forecasts, week by week: those of the batch against the held-out ones.

    What the model knows of is in its forecast, so that a stormy month shifts nothing here. The
    means of whole windows are compared, since the days of a week go together.
    """
    knobs = problem.knobs.monitor
    sides = [_by_window(rows, knobs.window) for rows in (now, then)]
    for side, whose in zip(sides, ("the batch", "the held-out rows"), strict=True):
        if len(side) < 2:
            return Concept(
                state="untold",
                why_not=f"{whose}: {len(side)} whole windows of {knobs.window} blocks have known "
                f"outcomes, 2 are needed (monitor.window)",
            )
    found = welch(*sides)
    spread = float(np.std(_happened(then)))
    effect = abs(found.shift) / spread if spread > 0 else 0.0
    low, high = found.interval(1 - knobs.alpha)
    return Concept(
        state="alarm" if found.p <= knobs.alpha and effect >= knobs.effect else "steady",
        shift=number(found.shift),
        low=number(low),
        high=number(high),
        effect=number(effect),
        p=number(found.p),
    )


def welch(now: Array, then: Array) -> Welch:
    """By how much the mean of `now` is above that of `then`; two values of each, at least."""
    of_now, of_then = (float(np.var(side, ddof=1)) / len(side) for side in (now, then))
    error = sqrt(of_now + of_then)
    degrees = degrees_of_freedom(sqrt(of_now), len(now), sqrt(of_then), len(then))
    return Welch(float(now.mean() - then.mean()), error, degrees)


def degrees_of_freedom(error: float, count: int, other: float, other_count: int) -> float:
    """Of the difference of two estimates with these standard errors (Satterthwaite, 1946).

    At least those of the smaller sample, at most those of both.
    """
    parts = error**4 / (count - 1) + other**4 / (other_count - 1)
    if parts == 0:
        return float(min(count, other_count) - 1)
    return (error**2 + other**2) ** 2 / parts


def _by_window(rows: Rows, size: int) -> Array:
    """The mean of outcome less forecast in each whole window, oldest first."""
    at = window(rows.block, size)
    whole = at >= 0
    residual = (_happened(rows) - _forecast(rows))[whole]
    return np.bincount(at[whole], residual) / np.bincount(at[whole])


def _happened(rows: Rows) -> Array:
    return rows.truth.y if rows.task == "regression" else _confidence(rows)[1]


def _forecast(rows: Rows) -> Array:
    return rows.said[CHAMPION] if rows.task == "regression" else _confidence(rows)[0]


def _confidence(rows: Rows) -> tuple[Array, Array]:
    return confidence(rows.truth, rows.said[CHAMPION])
