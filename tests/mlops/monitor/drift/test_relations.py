"""Residuals of each number given the others, against a ridge regression for each."""

from math import nan

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from mlops.evaluation.predict import Array
from mlops.monitor.drift.relations import RIDGE, Relations


def related(rows: int = 500) -> Array:
    """Temperature, dew point below it, and humidity from both; all standardised."""
    rng = np.random.default_rng(0)
    temperature, spread = rng.normal(0, 10, rows), rng.gamma(2, 3, rows)
    humidity = 100 - 4 * spread + rng.normal(0, 3, rows)
    numbers = np.column_stack([temperature, temperature - spread, humidity])
    return (numbers - numbers.mean(axis=0)) / numbers.std(axis=0)


def test_residuals_are_those_of_a_ridge_regression_on_all_others() -> None:
    z = related()

    left = Relations.of(z).residuals(z)

    for j in range(3):
        others = np.delete(z, j, axis=1)
        fitted = Ridge(alpha=RIDGE * len(z), fit_intercept=False).fit(others, z[:, j])
        assert left[:, j] == pytest.approx(z[:, j] - fitted.predict(others))


def test_gaps_count_as_the_mean_and_have_no_residual() -> None:
    z = related()
    z[::3, 1] = nan

    left = Relations.of(z).residuals(z)

    filled = np.nan_to_num(z)
    deviations = np.sqrt((filled**2).mean(axis=0))
    others = (filled / deviations)[:, [1, 2]]
    target = filled[:, 0] / deviations[0]
    fitted = Ridge(alpha=RIDGE * len(z), fit_intercept=False).fit(others, target)
    assert np.isnan(left[:, 1]).tolist() == np.isnan(z[:, 1]).tolist()
    assert left[:, 0] == pytest.approx(deviations[0] * (target - fitted.predict(others)))


def test_a_constant_goes_with_nothing_and_a_copy_breaks_nothing() -> None:
    z = related()
    z = np.column_stack([z, np.zeros(len(z)), z[:, 0], np.full(len(z), nan)])

    left = Relations.of(z).residuals(z)

    assert left[:, 3].tolist() == [0.0] * len(z)
    assert np.abs(left[:, 0]).max() < 0.1  # its copy says all of it
    assert np.isfinite(left[:, :5]).all()
    assert np.isnan(left[:, 5]).all()


def test_no_rows_relate_to_nothing() -> None:
    assert Relations.of(np.zeros((0, 2))).coefficients.tolist() == [[1, 0], [0, 1]]
