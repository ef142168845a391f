"""The metrics, against their definitions written out and against scikit-learn."""

from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mlops.contract import Task
from mlops.evaluation.bootstrap import _RESAMPLED
from mlops.evaluation.metrics import (
    VALUES,
    Truth,
    calibration_bins,
    calibration_error,
    confidence,
    decisions,
    scores,
)
from mlops.evaluation.names import BETTER, headline

TASKS: list[Task] = ["binary", "multiclass", "regression"]
Y = np.array([1.0, 0.0, 1.0, 0.0, 0.0, 1.0])
P = np.array([0.9, 0.8, 0.8, 0.2, 0.3, 0.3])  # with ties across the classes
BINARY = Truth(Y, 2, 0.3)


def calibration_error_by_hand(forecast: Any, happened: Any) -> float:
    """The gap of each tenth of [0, 1], weighed by its share of the rows, row by row."""
    total = 0.0
    for bin_ in range(10):
        inside = [
            i for i, p in enumerate(forecast) if int(p * 10) == bin_ or (bin_ == 9 and p == 1.0)
        ]
        if inside:
            mean_forecast = sum(forecast[i] for i in inside) / len(inside)
            frequency = sum(happened[i] for i in inside) / len(inside)
            total += len(inside) / len(forecast) * abs(mean_forecast - frequency)
    return total


def test_every_binary_metric_is_what_its_definition_says() -> None:
    found = scores("binary", BINARY, P)

    pairs = [(a, b) for a, b in product(P[Y == 1], P[Y == 0])]
    assert found["roc_auc"] == pytest.approx(sum((a > b) + (a == b) / 2 for a, b in pairs) / 9)
    at_or_above = [threshold <= P for threshold in P[Y == 1]]
    precisions = [Y[chosen].mean() for chosen in at_or_above]
    assert found["average_precision"] == pytest.approx(np.mean(precisions))
    assert found["brier"] == pytest.approx(np.mean((P - Y) ** 2))
    assert found["log_loss"] == pytest.approx(-np.mean(np.log(np.where(Y == 1, P, 1 - P))))
    # At 0.3 and above five rows are called positive; the three actual positives are among them.
    assert found["precision"] == pytest.approx(3 / 5)
    assert found["recall"] == 1.0
    assert found["f1"] == pytest.approx(2 * 3 / (5 + 3))


def test_every_multiclass_metric_is_what_its_definition_says() -> None:
    y = np.array([0.0, 1.0, 2.0, 1.0])
    p = np.array([[0.6, 0.3, 0.1], [0.5, 0.4, 0.1], [0.1, 0.2, 0.7], [0.2, 0.5, 0.3]])

    found = scores("multiclass", Truth(y, 3, 0.5), p)

    assert found["accuracy"] == 3 / 4  # the second row is called 0, and is 1
    assert found["f1"] == pytest.approx(np.mean([2 / 3, 2 / 3, 1.0]))
    assert found["log_loss"] == pytest.approx(-np.mean(np.log([0.6, 0.4, 0.7, 0.5])))
    squares = [0.16 + 0.09 + 0.01, 0.25 + 0.36 + 0.01, 0.01 + 0.04 + 0.09, 0.04 + 0.25 + 0.09]
    assert found["brier"] == pytest.approx(np.mean(squares))
    assert found["roc_auc"] == 1.0  # each class, against the rest, is ranked without a mistake


def test_every_regression_metric_is_what_its_definition_says() -> None:
    y, p = np.array([1.0, 2.0, 6.0]), np.array([1.0, 4.0, 5.0])

    found = scores("regression", Truth(y, 0, 0.5), p)

    assert found["mae"] == pytest.approx(1.0)
    assert found["rmse"] == pytest.approx(np.sqrt(5 / 3))
    assert found["r2"] == pytest.approx(1 - 5 / (4 + 1 + 9))


@given(
    hnp.arrays(np.float64, st.integers(1, 60), elements=st.floats(0, 1)), st.integers(0, 2**32 - 1)
)
def test_the_calibration_error_is_that_of_a_loop_over_the_bins(p: Any, seed: int) -> None:
    y = np.random.default_rng(seed).integers(0, 2, len(p)).astype(np.float64)

    found = calibration_error(Truth(y, 2, 0.5), p)

    assert found == pytest.approx(calibration_error_by_hand(p, y), abs=1e-12)


def test_the_calibration_error_of_several_classes_is_that_of_the_top_class() -> None:
    rng = np.random.default_rng(1)
    p, y = rng.dirichlet(np.ones(4), 200), rng.integers(0, 4, 200).astype(np.float64)
    truth = Truth(y, 4, 0.5)

    forecast, happened = confidence(truth, p)

    assert (forecast == [max(row) for row in p]).all()
    assert (
        happened == [row.tolist().index(max(row)) == k for row, k in zip(p, y, strict=True)]
    ).all()
    assert calibration_error(truth, p) == pytest.approx(
        calibration_error_by_hand(forecast, happened)
    )


def test_the_ends_of_the_probabilities_have_a_bin() -> None:
    assert calibration_bins(np.array([0.0, 0.05, 0.1, 0.95, 1.0])).tolist() == [0, 0, 1, 9, 9]


def test_a_probability_at_the_threshold_is_called_positive() -> None:
    truth = Truth(Y[:3], 2, 0.3)

    assert decisions(truth, np.array([0.299999999, 0.3, 0.300000001])).tolist() == [0, 1, 1]


@pytest.mark.parametrize("label", [0.0, 1.0])
def test_one_class_alone_has_no_auc_but_still_its_losses(label: float) -> None:
    found = scores("binary", Truth(np.full(4, label), 2, 0.5), np.array([0.1, 0.4, 0.6, 0.9]))

    missing = {name for name, value in found.items() if np.isnan(value)}
    assert missing == {"roc_auc", "average_precision"}
    assert found["brier"] == pytest.approx((0.01 + 0.16 + 0.36 + 0.81) / 4)


@pytest.mark.filterwarnings("error")
def test_an_absent_class_leaves_the_macro_auc_without_value() -> None:
    p = np.array([[0.6, 0.3, 0.1], [0.2, 0.7, 0.1]])

    found = scores("multiclass", Truth(np.array([0.0, 1.0]), 3, 0.5), p)

    assert np.isnan(found["roc_auc"])
    assert found["accuracy"] == 1.0


def test_a_constant_outcome_has_no_r2() -> None:
    found = scores("regression", Truth(np.full(3, 5.0), 0, 0.5), np.array([4.0, 5.0, 6.0]))

    assert np.isnan(found["r2"])
    assert found["mae"] == pytest.approx(2 / 3)


@pytest.mark.parametrize("task", TASKS)
def test_every_named_metric_has_a_value_and_a_resampled_value(task: Task) -> None:
    assert set(VALUES[task]) == set(BETTER[task]) == set(_RESAMPLED[task])
    assert (
        headline(task) == {"binary": "roc_auc", "multiclass": "roc_auc", "regression": "r2"}[task]
    )


@pytest.mark.parametrize("task", TASKS)
def test_a_better_prediction_moves_every_metric_the_way_it_is_called_better(task: Task) -> None:
    rng = np.random.default_rng(0)
    classes = {"binary": 2, "multiclass": 3, "regression": 0}[task]
    y = rng.normal(size=300) if task == "regression" else rng.integers(0, classes, 300) * 1.0

    def predicted(noise: float) -> Any:
        if task == "regression":
            return y + rng.normal(0, noise, 300)
        right = np.eye(classes)[y.astype(int)]
        p = (1 - noise) * right + noise * rng.dirichlet(np.ones(classes), 300)
        return p[:, 1] if task == "binary" else p

    good, bad = (
        scores(task, Truth(y.astype(np.float64), classes, 0.5), predicted(noise))
        for noise in (0.1, 0.95)
    )

    for name, better in BETTER[task].items():
        assert (good[name] > bad[name]) == (better == "higher"), name


def test_only_the_metrics_asked_for_are_computed() -> None:
    truth, p = Truth(np.array([0.0, 1.0, 1.0]), 2, 0.5), np.array([0.2, 0.6, 0.3])

    found = scores("binary", truth, p, ["brier", "roc_auc"])

    assert list(found) == ["brier", "roc_auc"]
    assert found == {name: scores("binary", truth, p)[name] for name in found}
