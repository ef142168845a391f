"""Fitting, with the machine's last bits taken out of the result."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.dummy import DummyClassifier, DummyRegressor

from mlops.contract import Estimator, Task
from mlops.errors import TrainingError

DECIMALS = 6  # kept of fitted coefficients: a solver's accuracy is absolute
COEFFICIENTS = ("coef_", "intercept_")
DIGITS = 9  # kept of moments: a sum's accuracy is relative
MOMENTS = ("mean_", "scale_", "var_", "statistics_")
NOISE = 1e-12  # under which a mean is what is left of numbers that cancel out
PROBE = 1000  # rows on which rounding is tried


def fitted(
    name: str, estimator: Estimator, rows: pd.DataFrame, inputs: list[str], target: str
) -> Estimator:
    """Fit on `rows`, and make the bytes canonical.

    Raises TrainingError, naming the estimator, when it cannot be fitted, or when its coefficients
    are so small that rounding them changes what it predicts.
    """
    probe = rows[inputs].iloc[:: len(rows) // PROBE + 1]
    try:
        estimator.fit(rows[inputs], rows[target].to_numpy())
        before = _says(estimator, probe)
        after = _says(canonical(estimator), probe)
    except (ValueError, TypeError, ArithmeticError, np.linalg.LinAlgError) as reason:
        raise TrainingError(
            f"{name} cannot be fitted: {str(reason).splitlines()[0]} See its pipeline in "
            f"src/problem/model.py"
        ) from reason
    change, spread = np.abs(after - before).max(), before.std(axis=0).max()
    if change > 0.01 * spread + 1e-6 * np.abs(before).max():
        raise TrainingError(
            f"{name}: rounding its coefficients to {DECIMALS} decimals, which makes them the same "
            f"on every machine, changes its predictions by up to {change:.3g}. Put a "
            f"StandardScaler before it, or give the target a larger unit, in src/problem/model.py"
        )
    return estimator


def dummy(task: Task) -> Estimator:
    """The constant prediction: class shares, or the mean."""
    constant: Any = DummyRegressor() if task == "regression" else DummyClassifier(strategy="prior")
    return constant


def canonical(estimator: Estimator) -> Estimator:
    """Make a fitted estimator's bytes depend on its inputs alone, in place.

    Linear algebra's last digits follow the processor, so what it finds is rounded; a boosted model
    remembers how many threads it was binned with, which changes nothing it predicts.
    """
    for part in _parts(estimator):
        for attribute in COEFFICIENTS + MOMENTS:
            value = getattr(part, attribute, None)
            if isinstance(value, np.ndarray | float) and np.asarray(value).dtype.kind == "f":
                setattr(part, attribute, _rounded(value, attribute))
        binner = getattr(part, "_bin_mapper", None)
        if binner is not None:
            binner.n_threads = 1
    return estimator


def _rounded(value: Any, attribute: str) -> Any:
    if attribute in COEFFICIENTS:
        return np.round(value, DECIMALS) + 0.0
    floor = NOISE if attribute in ("mean_", "statistics_") else 0.0
    kept = np.where(np.abs(value) < floor, 0.0, value)
    digits = [float(f"{number:.{DIGITS}g}") for number in kept.ravel()]
    return np.array(digits, dtype=kept.dtype).reshape(kept.shape)[()]


def _says(estimator: Any, rows: pd.DataFrame) -> Any:
    """The numbers a prediction rests on: probabilities, distances from the border, or values."""
    ways = ("predict_proba", "decision_function", "predict")
    say = next(getattr(estimator, way) for way in ways if hasattr(estimator, way))
    return np.asarray(say(rows), dtype=np.float64)


def _parts(value: Any) -> Iterator[Any]:
    """Every estimator in an estimator, its attributes, and the lists and tuples among them."""
    if isinstance(value, BaseEstimator):
        yield value
        value = vars(value).values()
    elif not isinstance(value, list | tuple):
        return
    for inner in value:
        yield from _parts(inner)
