"""The rules that predictions keep: a model that breaks one is named with the row."""

import numpy as np
import pandas as pd
import pytest

from mlops.contract import Task
from mlops.errors import TrainingError
from mlops.evaluation.predictions import check

BINARY = pd.DataFrame({"id": [1, 2, 3], "prediction": [0.0, 0.5, 1.0]})
SEVERAL = pd.DataFrame({"id": [1, 2], "prediction_a": [0.25, 1.0], "prediction_b": [0.75, 0.0]})


@pytest.mark.parametrize(
    ("task", "predictions", "columns"),
    [
        ("binary", BINARY, ["prediction"]),
        ("multiclass", SEVERAL, ["prediction_a", "prediction_b"]),
        ("regression", BINARY.assign(prediction=[-1e9, 0.0, 1e9]), ["prediction"]),
        (
            "multiclass",
            SEVERAL.assign(prediction_a=[0.2499995, 1.0]),
            ["prediction_a", "prediction_b"],
        ),
    ],
)
def test_predictions_that_keep_the_rules_pass(
    task: Task, predictions: pd.DataFrame, columns: list[str]
) -> None:
    check(predictions, task, columns, ["id"])


@pytest.mark.parametrize("task", ["binary", "regression"])
@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_a_prediction_that_is_no_number_is_named_with_its_row(task: Task, wrong: float) -> None:
    with pytest.raises(TrainingError, match=r"row 1, column prediction: expected .*in 1 rows"):
        check(BINARY.assign(prediction=[0.5, wrong, 0.5]), task, ["prediction"], ["id"])


def test_a_probability_outside_0_and_1_is_named() -> None:
    with pytest.raises(TrainingError, match=r"row 2, .*expected in_range\(0, 1\), found 1.01"):
        check(BINARY.assign(prediction=[0.0, 1.0, 1.01]), "binary", ["prediction"], ["id"])


def test_probabilities_that_do_not_sum_to_1_are_named_with_their_row() -> None:
    columns = ["prediction_a", "prediction_b"]

    with pytest.raises(
        TrainingError, match=r"row 1, .*_a, prediction_b: .* sum to 1, found 1.0, 0.1, in 1 rows"
    ):
        check(SEVERAL.assign(prediction_b=[0.75, 0.1]), "multiclass", columns, ["id"])


def test_a_key_that_is_there_twice_is_named() -> None:
    twice = BINARY.assign(id=[1, 2, 1], day=["a", "b", "a"])

    with pytest.raises(
        TrainingError, match=r"row 0, column id, day: expected every key once, found 1, a, in 2"
    ):
        check(twice, "binary", ["prediction"], ["id", "day"])
    check(twice.assign(day=["a", "b", "c"]), "binary", ["prediction"], ["id", "day"])
