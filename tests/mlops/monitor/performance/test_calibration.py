"""Forecasts beside what happened, against scikit-learn."""

import numpy as np
import pandas as pd
import pytest
from sklearn.calibration import calibration_curve
from sklearn.linear_model import LinearRegression, LogisticRegression

from mlops.monitor.performance.calibration import calibration
from mlops.monitor.performance.outcomes import known
from tests.mlops.monitor import worlds


def test_bins_are_those_of_scikit_learn_and_the_slope_is_of_the_logit() -> None:
    problem = worlds.problem()
    rows = worlds.rows(np.random.default_rng(1), unseen=0.5)
    late, p = rows["late"].to_numpy(), rows["prediction"].to_numpy()

    found = calibration(known(problem, rows, [0, 1]), problem.knobs.gates)

    observed, forecast = calibration_curve(late, p, n_bins=10)
    assert found.forecast == pytest.approx(forecast.tolist())
    assert found.observed == pytest.approx(observed.tolist())
    assert sum(found.rows) == len(rows)
    weights = np.array(found.rows) / len(rows)
    assert found.error == pytest.approx((np.abs(observed - forecast) * weights).sum())
    assert found.limit == problem.knobs.gates.calibration.error
    logit = np.log(p / (1 - p))[:, None]
    slope = LogisticRegression(C=np.inf).fit(logit, late).coef_[0, 0]
    assert found.slope == pytest.approx(slope, rel=1e-3)


def test_empty_bins_are_left_out_and_a_constant_has_no_slope() -> None:
    problem = worlds.problem()
    rows = worlds.rows(np.random.default_rng(2), count=3).assign(prediction=0.25)

    found = calibration(known(problem, rows, [0, 1]), problem.knobs.gates)

    assert found.forecast == [0.25]
    assert found.observed == [pytest.approx(rows["late"].mean())]
    assert found.slope is None


def test_of_a_regression_tenths_of_the_rows_are_compared() -> None:
    problem = worlds.problem("regression")
    rows = worlds.rows(np.random.default_rng(3), task="regression")

    found = calibration(known(problem, rows, []), problem.knobs.gates)

    tenth = pd.qcut(rows["prediction"], 10, labels=False)
    means = rows.groupby(tenth)[["prediction", "late"]].mean()
    assert found.forecast == pytest.approx(means["prediction"].tolist(), rel=0.01)
    assert found.observed == pytest.approx(means["late"].tolist(), rel=0.05)
    assert sum(found.rows) == len(rows)
    slope = LinearRegression().fit(rows[["prediction"]], rows["late"]).coef_[0]
    assert found.slope == pytest.approx(slope)
    assert (found.error, found.limit) == (None, None)
