"""How well the champion would do, as its own probabilities say, before any outcome is known.

Confidence-based estimation: a forecast of 0.3 that is calibrated is right about three rows in ten,
so that the expectation of every metric follows from the forecasts alone. The forecasts are
recalibrated on the held-out rows first (Platt, 1999; Guo et al., 2017). How far to trust it is
measured there as well: the estimate of every held-out window is laid beside what happened in it.
"""

from dataclasses import dataclass
from math import isfinite, sqrt
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from mlops.contract import Task
from mlops.evaluation.metrics import Truth, calibration_error, scores
from mlops.evaluation.names import BETTER
from mlops.evaluation.predict import Array
from mlops.judge.rows import Rows
from mlops.judge.statistics import holm
from mlops.monitor.performance.expected import expected, recalibrated
from mlops.monitor.performance.outcomes import CHAMPION, forecasts, known, labels, matured, window
from mlops.monitor.result import Estimate, Estimated, State, number
from mlops.monitor.rows import Problem, Reference

FEWEST_WINDOWS = 3  # of held-out rows, under which nothing is known of the estimate's error
MOST_WINDOWS = 60  # the newest ones, where a block is a row and windows are many
WHEN = (
    "It holds as long as the same inputs still mean the same outcome: what moves the outcome "
    "without moving an input shows only once labels are there."
)


@dataclass(frozen=True)
class Tried:
    """How such estimates did on the held-out windows."""

    estimate: float
    """Of the batch."""
    held_out: float
    """What happened on the held-out rows."""
    errors: Array
    """What happened less what was estimated, by window with a value, shape (windows,)."""

    @property
    def tells(self) -> bool:
        return isfinite(self.estimate) and len(self.errors) >= FEWEST_WINDOWS

    @property
    def error(self) -> float:
        """The standard error of the next estimate.

        That of one window, whatever the length of the batch: neighbouring windows err together.
        """
        return float(np.std(self.errors, ddof=1)) * sqrt(1 + 1 / len(self.errors))

    def interval(self, level: float) -> tuple[float, float]:
        """The prediction interval at `level`, in (0, 1); NaN where none can be told."""
        if not self.tells:
            return float("nan"), float("nan")
        reach = float(stats.t.ppf((1 + level) / 2, len(self.errors) - 1)) * self.error
        return self.estimate - reach, self.estimate + reach

    def inferior(self, margin: float, sign: int) -> float:
        """The one-sided p-value of "not worse than held out by more than `margin`".

        sign: 1 where more is better, else -1. It is 1 when none can be told.
        """
        gap = sign * (self.estimate - self.held_out) + margin
        if not self.tells or not isfinite(gap):
            return 1.0
        if self.error == 0:
            return float(gap >= 0)
        return float(stats.t.cdf(gap / self.error, len(self.errors) - 1))


def estimate(problem: Problem, reference: Reference, batch: pd.DataFrame) -> Estimate:
    """The metrics of the batch as they are to be expected, beside the truth where it is known.

    Untold for a regression, whose forecasts say nothing of their error, and where the batch has
    no whole window, or the held-out rows fewer than FEWEST_WINDOWS.
    """
    knobs, size = problem.knobs, problem.knobs.monitor.window
    level, classes = knobs.evaluate.level, labels(problem, reference)
    p, there = forecasts(problem, batch)
    then = known(problem, reference.predictions, classes)
    at = window(then.block, size)
    windows = min(int(at.max(initial=-1)) + 1, MOST_WINDOWS)
    blocks = int(batch[problem.features.BLOCK][there].nunique())
    if why_not := _why_not(problem, then, windows, blocks):
        return Estimate(state="untold", why_not=why_not, level=level, windows=windows)

    tried = _tried(problem.task, then, at, p[there])
    truth = _truth(problem, batch, classes)
    margins = {n: m for n, m in knobs.gates.margins.items() if n in tried}
    sign = {name: 1 if BETTER[problem.task][name] == "higher" else -1 for name in tried}
    p_values = {name: tried[name].inferior(m, sign[name]) for name, m in margins.items()}
    worse = holm(p_values, (1 - level) / 2)
    metrics = []
    for name, found in tried.items():
        state: State = "alarm" if name in worse else "steady" if found.tells else "untold"
        metrics.append(_estimated(name, found, level, truth.get(name), state))
    gated = {metric.state for metric in metrics if metric.name in margins}
    told: State = "alarm" if "alarm" in gated else "steady" if "steady" in gated else "untold"
    return Estimate(
        state=told,
        why_not="no metric that a gate has can be estimated" if told == "untold" else "",
        level=level,
        windows=windows,
        metrics=metrics,
        notes=_notes(problem, then),
    )


def _why_not(problem: Problem, then: Rows, windows: int, blocks: int) -> str:
    size = problem.knobs.monitor.window
    if problem.task == "regression":
        return "a regression forecasts a value, not how sure it is of it"
    if windows < FEWEST_WINDOWS:
        return (
            f"the held-out rows have {windows} whole windows of {size} blocks (monitor.window), "
            f"{FEWEST_WINDOWS} are needed to tell how far such estimates are off"
        )
    if len(np.unique(then.truth.y)) < 2:
        return "the held-out rows have a single outcome, which forecasts cannot be laid beside"
    if blocks < size:
        return f"{blocks} blocks of the batch have predictions, {size} are needed (monitor.window)"
    return ""


def _tried(task: Task, then: Rows, at: NDArray[np.int64], p: Array) -> dict[str, Tried]:
    """By metric: the estimate of forecasts `p`, and how those of the windows `at` came out.

    The window that is estimated has no part in its own recalibration.
    """
    truth, said = then.truth, then.said[CHAMPION]
    found = expected(task, p, recalibrated(truth.y, said, p), truth.threshold)
    held_out = scores(task, truth, said, found)
    errors: dict[str, list[float]] = {name: [] for name in found}
    for w in range(at.max() + 1)[-MOST_WINDOWS:]:
        inside = at == w
        q = recalibrated(truth.y[~inside], said[~inside], said[inside])
        part = Truth(truth.y[inside], truth.classes, truth.threshold)
        happened = scores(task, part, said[inside], found)
        for name, value in expected(task, said[inside], q, truth.threshold).items():
            if isfinite(happened[name] - value):
                errors[name].append(happened[name] - value)
    return {n: Tried(found[n], held_out[n], np.array(errors[n])) for n in found}


def _truth(problem: Problem, batch: pd.DataFrame, classes: list[Any]) -> dict[str, float]:
    """The metrics of the batch, once no block waits for labels; before, nothing."""
    has = matured(problem, batch)
    if has.waiting or not has.mature:
        return {}
    rows = known(problem, has.rows, classes)
    return scores(problem.task, rows.truth, rows.said[CHAMPION]) if len(rows.block) else {}


def _estimated(
    name: str, found: Tried, level: float, truth: float | None, state: State
) -> Estimated:
    low, high = found.interval(level)
    low = max(low, 0.0) if isfinite(low) else low  # no metric of a classifier is below
    compared = truth is not None and isfinite(truth) and found.tells
    return Estimated(
        name=name,
        value=number(found.estimate),
        low=number(low),
        high=number(high),
        held_out=number(found.held_out),
        truth=number(truth),
        within=low <= truth <= high if truth is not None and compared else None,
        error=number(float(np.abs(found.errors).mean())) if len(found.errors) else None,
        state=state,
    )


def _notes(problem: Problem, then: Rows) -> list[str]:
    size, limit = problem.knobs.monitor.window, problem.knobs.gates.calibration.error
    taken = "were recalibrated on the held-out rows"
    if problem.task != "binary":
        taken = "are taken as they are"
    how = (
        f"The forecasts {taken}. The interval is how far such estimates of {size} held-out blocks "
        f"were off; more blocks do not narrow it, since neighbouring ones err together."
    )
    notes = [how, WHEN, "The calibration error cannot be estimated: it is taken to be none."]
    off = calibration_error(then.truth, then.said[CHAMPION])
    if off > limit:
        doubt = (
            f"Do not rely on it: on the held-out rows forecasts are off by {off:.3f} on average, "
            f"more than the gate's {limit:g}."
        )
        notes.insert(0, doubt)
    return notes
