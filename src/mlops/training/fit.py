"""Fitting, with the machine's last bits taken out of the result."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.pipeline import Pipeline

from mlops.contract import Estimator, Task
from mlops.errors import TrainingError

DIGITS = 6  # decimals kept of fitted coefficients
LINEAR_ALGEBRA = ("coef_", "intercept_", "mean_", "scale_", "var_", "statistics_")


def fitted(
    name: str, estimator: Estimator, rows: pd.DataFrame, inputs: list[str], target: str
) -> Estimator:
    """Fit on `rows`; TrainingError, naming the estimator, when it cannot be fitted."""
    try:
        estimator.fit(rows[inputs], rows[target].to_numpy())
    except (ValueError, TypeError, ArithmeticError, np.linalg.LinAlgError) as reason:
        raise TrainingError(
            f"{name} cannot be fitted: {str(reason).splitlines()[0]} See its pipeline in "
            f"src/problem/model.py"
        ) from reason
    return canonical(estimator)


def dummy(task: Task) -> Estimator:
    """The constant prediction: class shares, or the mean."""
    constant: Any = DummyRegressor() if task == "regression" else DummyClassifier(strategy="prior")
    return constant


def canonical(estimator: Estimator) -> Estimator:
    """Make a fitted estimator's bytes depend on its inputs alone, in place.

    Linear algebra's last digits follow the processor, so fitted coefficients are rounded; a
    boosted model remembers how many threads it was binned with, which changes nothing it predicts.
    """
    for part in _parts(estimator):
        for attribute in LINEAR_ALGEBRA:
            value = getattr(part, attribute, None)
            if isinstance(value, np.ndarray | float) and np.asarray(value).dtype.kind == "f":
                setattr(part, attribute, np.round(value, DIGITS) + 0.0)
        binner = getattr(part, "_bin_mapper", None)
        if binner is not None:
            binner.n_threads = 1
    return estimator


def _parts(estimator: Any) -> Iterator[Any]:
    """The estimator, and every fitted estimator inside it."""
    yield estimator
    if isinstance(estimator, Pipeline):
        inner = [step for _, step in estimator.steps]
    else:
        inner = [step for _, step, *_ in getattr(estimator, "transformers_", [])]
        inner += [e for e in vars(estimator).values() if isinstance(e, BaseEstimator)]
        inner += list(getattr(estimator, "estimators_", []))
    for step in inner:
        if isinstance(step, BaseEstimator):
            yield from _parts(step)
