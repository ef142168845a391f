"""What params.yaml asks of the first model and its successors, from what the trial showed.

A floor lies halfway between a constant and the model that was tried, so that a model of shuffled
labels stays short of it, or lower where nearly no test of this size would reach that. A margin is
what two sensible models differ by on such a test, three standard errors, and never more than half
of what the model is better than a constant.
"""

import warnings
from dataclasses import dataclass
from math import floor, log10

import numpy as np
import pandas as pd

from mlops.contract import Task
from mlops.evaluation.metrics import Truth, calibration_error
from mlops.evaluation.names import BETTER, headline
from mlops.evaluation.predict import Array
from mlops.init.table.trial import Trial
from mlops.judge.gates.absolute import slope
from mlops.judge.rows import Rows

FLOORS: dict[Task, tuple[str, ...]] = {
    "binary": ("roc_auc", "brier", "log_loss"),
    "multiclass": ("roc_auc", "accuracy", "log_loss"),
    "regression": ("r2", "rmse"),
}
MARGINS: dict[Task, tuple[str, ...]] = {
    "binary": ("roc_auc", "brier"),
    "multiclass": ("roc_auc", "brier"),
    "regression": ("r2", "rmse"),
}
IN_SLICES: dict[Task, str] = {"binary": "brier", "multiclass": "brier", "regression": "rmse"}
"""Metrics that a slice of a single class has, too."""
HALFWAY = 0.5
UNLUCKY = 0.005  # share of simulated tests that may fall short of a floor
LEAST = 0.1  # of the way from a constant to the model: a floor is never below
ERRORS = 3.0  # standard errors in a margin
LITTLE = 0.02  # of that way: a margin is never below
TESTS = 100  # simulated for the calibration
SLOPE = (0.5, 2.0)
STEEP = 20.0  # from which on top classes are all but certain, and a slope has no end
CALIBRATION = 0.1
PERFECT = 1.0
NEVER = 1.01  # a limit that no score reaches
SEPARABLE = 0.97  # a headline metric of one input from which on being too good means nothing
LEAK: dict[Task, float] = {"binary": 0.995, "multiclass": 0.995, "regression": 0.95}
"""The headline metric of one input alone from which it is taken for the answer itself."""


@dataclass(frozen=True)
class Limits:
    """Values for params.yaml. `gain`: how much better than a constant, by metric."""

    floors: dict[str, float]
    margins: dict[str, float]
    slice_margins: dict[str, float]
    minimum_slice: int
    error: float
    slope: tuple[float, float]
    too_good: float
    alone: float
    gain: dict[str, float]


def limits(trial: Trial) -> Limits:
    """Every limit that depends on the table."""
    task = trial.task
    names = [*dict.fromkeys([*FLOORS[task], *MARGINS[task], IN_SLICES[task]])]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # tests that lack a class have no value
        simulated = trial.simulated(names)
    reached, constant = trial.scores(trial.estimator, names), _constant(trial, names)
    gain = {name: abs(reached[name] - constant[name]) for name in names}
    minimum = max(20, trial.rows // 20)
    margins = {name: _margin(trial, name, gain[name]) for name in MARGINS[task]}
    wider = float(np.sqrt(trial.rows / minimum))
    in_slices = IN_SLICES[task]
    error, low, high = _calibration(trial)
    metric = headline(task)
    best = float(np.quantile(simulated[metric], 1 - UNLUCKY)) if len(simulated[metric]) else PERFECT
    alone = max(trial.alone.values(), default=0.0)
    return Limits(
        floors={
            name: _floor(task, name, reached[name], constant[name], simulated[name])
            for name in FLOORS[task]
        },
        margins=margins,
        slice_margins={in_slices: _up(min(margins[in_slices] * wider, max(gain[in_slices], 1e-6)))},
        minimum_slice=minimum,
        error=error,
        slope=(low, high),
        too_good=_between(max(best, reached[metric])),
        alone=_between(alone),
        gain=gain,
    )


def leaks(trial: Trial) -> dict[str, float]:
    """Inputs that alone tell the target, with the headline metric of each."""
    limit = LEAK[trial.task]
    return {name: value for name, value in trial.alone.items() if value >= limit}


def tells(trial: Trial) -> bool:
    """Whether the inputs tell anything of the target: surely more than a constant does."""
    metric = headline(trial.task)
    found = trial.against("dummy", trial.estimator, [metric])[metric]
    return found.interval(0.95)[0] > 0


def _constant(trial: Trial, names: list[str]) -> dict[str, float]:
    """What a constant scores; a worse one, such as that of other days, asks for no more."""
    found = trial.scores("dummy", names)
    if trial.task == "regression":
        return {"r2": 0.0, "rmse": min(found["rmse"], float(trial.truth.y.std()))}
    return found | {"roc_auc": 0.5}


def _floor(task: Task, name: str, reached: float, constant: float, simulated: Array) -> float:
    sign = 1.0 if BETTER[task][name] == "higher" else -1.0
    way = max(sign * (reached - constant), 0.0)
    unlucky = float(np.quantile(sign * simulated, UNLUCKY)) if len(simulated) else np.inf
    lowest = sign * constant + max(LEAST * way, 1e-4)
    value = max(min(sign * constant + HALFWAY * way, unlucky), lowest)
    return _significant(sign * value, 3)


def _margin(trial: Trial, name: str, gain: float) -> float:
    wanted = max(ERRORS * trial.error(name), LITTLE * gain)
    return _up(max(min(wanted, HALFWAY * gain), 1e-6))


def _calibration(trial: Trial) -> tuple[float, float, float]:
    """The error and the slope's ends that simulated tests stay within, and usual ones at least."""
    slopes, errors = [], []
    said = trial.said[trial.estimator]
    for chosen in trial.tests(TESTS):
        truth = Truth(trial.truth.y[chosen], trial.truth.classes, trial.truth.threshold)
        p = said[chosen]
        rows = Rows(trial.task, truth, trial.block.iloc[chosen], pd.DataFrame(), {"challenger": p})
        slopes.append(slope(rows))
        if trial.task != "regression":
            errors.append(calibration_error(truth, p))
    known = [value for value in slopes if np.isfinite(value)]
    low, high = (min(known), max(known)) if known else SLOPE
    error = max(CALIBRATION, _up(1.2 * max(errors))) if errors else CALIBRATION
    steep = 1000.0 if high > STEEP else max(SLOPE[1], _up(1.2 * high))
    return error, max(0.1, min(SLOPE[0], _significant(low / 1.2, 2))), steep


def _between(score: float) -> float:
    """Halfway from a score to a perfect one; no limit for what is all but perfect already."""
    if score >= SEPARABLE:
        return NEVER
    return _significant(score + HALFWAY * (PERFECT - max(score, 0.0)), 3)


def _significant(value: float, digits: int) -> float:
    return float(f"{value:.{digits}g}")


def _up(value: float) -> float:
    """Two significant digits, rounded up."""
    if value <= 0:
        return 0.0
    unit = 10.0 ** (floor(log10(value)) - 1)
    return _significant(float(np.ceil(value / unit) * unit), 6)
