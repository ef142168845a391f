"""What a fitted estimator says, in one shape per task."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.svm import LinearSVC

from mlops.errors import TrainingError
from mlops.evaluation.predict import DECIMALS, columns, labels, predict

ROWS = pd.DataFrame({"x": np.linspace(-2, 2, 30), "z": np.linspace(0, 1, 30) ** 2})


def test_binary_is_the_probability_of_the_greater_label() -> None:
    classes = np.where(ROWS["x"] > 0, "yes", "no")
    model = LogisticRegression().fit(ROWS, classes)

    p = predict(model, ROWS, "binary")

    assert p.shape == (30,)
    assert labels(model) == ["no", "yes"]
    assert p[0] < 0.1
    assert p[-1] > 0.9


def test_several_classes_have_a_column_each_in_the_order_of_their_labels() -> None:
    species = np.repeat(["yew", "ash", "oak"], 10)
    model = LogisticRegression(C=100.0).fit(ROWS, species)

    p = predict(model, ROWS, "multiclass")

    assert p.shape == (30, 3)
    assert labels(model) == ["ash", "oak", "yew"]
    assert p.sum(axis=1) == pytest.approx(np.ones(30))
    assert p[[0, 15, 29]].argmax(axis=1).tolist() == [2, 0, 1]


def test_a_classifier_without_probabilities_is_refused_with_the_remedy() -> None:
    model = LinearSVC().fit(ROWS, ROWS["x"] > 0)

    with pytest.raises(TrainingError, match=r"no predict_proba.*CalibratedClassifierCV"):
        predict(model, ROWS, "binary")


def test_a_regression_has_a_value_a_row() -> None:
    model = LinearRegression().fit(ROWS, 3 * ROWS["x"] - 1)

    assert predict(model, ROWS, "regression") == pytest.approx((3 * ROWS["x"] - 1).to_numpy())


def test_the_digits_that_follow_the_processor_are_dropped() -> None:
    class Jitter:
        def fit(self, X: pd.DataFrame, y: Any) -> None: ...

        def predict(self, X: pd.DataFrame) -> Any:
            return 1 / 3 + 1e-13 * np.arange(len(X))

    first, second = predict(Jitter(), ROWS.head(2), "regression")

    assert first == second == round(1 / 3, DECIMALS)


def test_labels_are_plain_values_that_json_can_hold() -> None:
    model = LogisticRegression().fit(ROWS, (ROWS["x"] > 0).astype("int8"))

    assert labels(model) == [0, 1]
    assert {type(label) for label in labels(model)} == {int}


def test_a_table_of_predictions_has_a_column_for_each_number() -> None:
    assert columns("binary", [0, 1]) == ["prediction"]
    assert columns("regression", []) == ["prediction"]
    assert columns("multiclass", ["ash", 7]) == ["prediction_ash", "prediction_7"]
