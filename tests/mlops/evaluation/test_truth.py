"""What happened, in numbers."""

import numpy as np
import pandas as pd
import pytest

from mlops.errors import TrainingError
from mlops.evaluation.truth import encode


def test_labels_become_their_place_in_the_order_of_probabilities() -> None:
    found = encode(pd.Series(["red", "blue", "red"]), ["blue", "green", "red"], 0.4)

    assert found.y.tolist() == [2.0, 0.0, 2.0]
    assert (found.classes, found.threshold) == (3, 0.4)


def test_the_labels_of_two_classes_may_be_numbers_of_any_size() -> None:
    assert encode(pd.Series([1, 0], dtype="int8"), [0, 1], 0.5).y.tolist() == [1.0, 0.0]


def test_the_values_of_a_regression_stay_as_they_are() -> None:
    found = encode(pd.Series([1.5, -2], dtype="float32"), [], 0.5)

    assert found.y.tolist() == [1.5, -2.0]
    assert found.y.dtype == np.float64
    assert found.classes == 0


def test_a_label_that_training_never_saw_is_named_with_those_it_saw() -> None:
    target = pd.Series(["a", "c", "b", "d"], name="kind")

    with pytest.raises(TrainingError) as refused:
        encode(target, ["a", "b"], 0.5)

    assert str(refused.value) == (
        "artifacts/test.parquet, column kind: expected the labels seen in training (a, b), found "
        "also c, d. Change `split` in params.yaml so that training sees them"
    )
