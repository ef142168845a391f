"""Metrics on rows whose outcome is known, beside those on the held-out rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import isfinite, sqrt

import numpy as np

from mlops.contract import Task
from mlops.evaluation import bootstrap
from mlops.evaluation.bootstrap import FEWEST_BLOCKS
from mlops.evaluation.metrics import scores
from mlops.evaluation.names import BETTER
from mlops.evaluation.predict import Array
from mlops.judge.rows import Rows
from mlops.judge.statistics import Difference, holm, standard_error
from mlops.monitor.performance.concept import degrees_of_freedom
from mlops.monitor.performance.outcomes import CHAMPION
from mlops.monitor.result import Metric, State, number
from mlops.params import Gates, Params

HARDER = ("brier", "log_loss")  # worse for any model where the outcome is less one-sided


@dataclass(frozen=True)
class Resampled:
    """The metrics of some rows, and how they vary when whole blocks are drawn anew."""

    rows: Rows
    resamples: int
    seed: int

    @cached_property
    def blocks(self) -> int:
        return int(self.rows.block.nunique())

    @cached_property
    def values(self) -> dict[str, float]:
        return scores(self.rows.task, self.rows.truth, self.rows.said[CHAMPION])

    @cached_property
    def distributions(self) -> dict[str, Array]:
        """By metric, its value in every resample, shape (resamples,)."""
        counts = bootstrap.draw(self.blocks, self.resamples, self.seed)
        return bootstrap.distributions(self.rows.task, self.rows.sample(CHAMPION), counts)

    @property
    def enough(self) -> bool:
        """Whether an interval of so few blocks is to be believed."""
        return self.blocks >= FEWEST_BLOCKS

    def error(self, name: str) -> float:
        """The standard error; NaN without one."""
        return standard_error(self.distributions[name], self.blocks)


def measured(now: Resampled, then: Resampled, knobs: Params) -> list[Metric]:
    """Every metric of the task, now and then.

    An alarm is a metric that is surely worse than on the held-out rows by more than its margin,
    or surely beyond its floor, after Holm's correction for all of those questions.
    """
    differences = {name: independent(now, then, name) for name in BETTER[now.rows.task]}
    asked = {
        (name, "margin"): difference.inferior(knobs.gates.margins[name])
        for name, difference in differences.items()
        if name in knobs.gates.margins
    }
    asked |= {
        (name, "floor"): _beside(now, name, floor).inferior(0.0)
        for name, floor in _floors(knobs.gates).items()
        if name in differences
    }
    surely = holm(asked, (1 - knobs.evaluate.level) / 2)
    found = []
    for name, difference in differences.items():
        beyond = [kind for of, kind in sorted(surely) if of == name]
        told = _metric(now, difference, name, knobs, beyond)
        if name in HARDER and "margin" in beyond:
            note = f"{told.note}; {_of_a_constant(now, then, name)}"
            told = told.model_copy(update={"note": note})
        found.append(told)
    return found


def _of_a_constant(now: Resampled, then: Resampled, name: str) -> str:
    """What to make of a loss that any model has more of."""
    values = []
    for rows in (now.rows, then.rows):
        share = np.bincount(rows.truth.y.astype(np.int64), minlength=rows.truth.classes)
        p = np.tile(share / share.sum(), (len(rows.block), 1))
        p = p[:, 1] if rows.task == "binary" else p
        values.append(scores(rows.task, rows.truth, p, [name])[name])
    return (
        f"a model that knows nothing but how often each outcome happens has {values[0]:.3f} on "
        f"these rows and {values[1]:.3f} on the held-out ones"
    )


def _floors(gates: Gates) -> dict[str, float]:
    return gates.floors | {"calibration_error": gates.calibration.error}


def independent(now: Resampled, then: Resampled, name: str) -> Difference:
    """How much better a metric is now: the two samples share no rows, so that their errors add.

    The degrees of freedom are Welch's, rounded down and told as blocks.
    """
    value, before = now.values[name], then.values[name]
    blocks, error = min(now.blocks, then.blocks), float("nan")
    if now.enough and then.enough:
        mine, other = now.error(name), then.error(name)
        error = sqrt(mine**2 + other**2)
        degrees = degrees_of_freedom(mine, now.blocks, other, then.blocks)
        blocks = int(degrees) + 1 if isfinite(degrees) else blocks
    better = _better(now.rows.task, name, value - before)
    return Difference(value, before, better, error, blocks)


def _beside(now: Resampled, name: str, floor: float) -> Difference:
    """How far a metric is on the good side of a fixed value."""
    value = now.values[name]
    error = now.error(name) if now.enough else np.nan
    good = _better(now.rows.task, name, value - floor)
    return Difference(value, floor, good, error, now.blocks)


def _better(task: Task, name: str, difference: float) -> float:
    return difference if BETTER[task][name] == "higher" else -difference


def _metric(
    now: Resampled, difference: Difference, name: str, knobs: Params, found: Sequence[str]
) -> Metric:
    """`found`: which of its margin and its floor the metric is surely beyond."""
    level = knobs.evaluate.level
    margin, floor = knobs.gates.margins.get(name), _floors(knobs.gates).get(name)
    ends = bootstrap.interval(now.distributions[name], level) if now.enough else (np.nan, np.nan)
    apart = difference.interval(level) if difference.tells else (np.nan, np.nan)
    told = margin is None or difference.tells
    told &= floor is None or _beside(now, name, floor).tells
    state: State = "alarm" if found else "steady" if told else "untold"
    words = {
        "margin": f"surely worse than on the held-out rows by more than {margin}",
        "floor": f"surely beyond the gate's {floor}",
    }
    why_not = "too few blocks" if isfinite(difference.value) else "no value on these rows"
    return Metric(
        name=name,
        value=number(difference.value),
        low=number(ends[0]),
        high=number(ends[1]),
        held_out=number(difference.other),
        difference=number(difference.estimate),
        difference_low=number(apart[0]),
        difference_high=number(apart[1]),
        margin=margin,
        floor=floor,
        state=state,
        note=why_not if state == "untold" else "; ".join(words[kind] for kind in found),
    )
