"""Expectations about a model that is written out, so that every share can be counted by hand."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlops.contract import Behaviour, Expectation, Task
from mlops.errors import DeclarationError
from mlops.evaluation.behaviour import ROWS, behaviour

FRAME = pd.DataFrame({"x": np.arange(1.0, 11.0), "z": 0.0}).astype("float32")  # x is 1 to 10


class Model:
    """The probability of class 1 is x / 20, but rows with x above 8 say the opposite."""

    classes_ = np.array(["no", "yes"])

    def __init__(self) -> None:
        self.asked: list[int] = []

    def fit(self, X: pd.DataFrame, y: Any) -> None: ...

    def predict(self, X: pd.DataFrame) -> Any:
        self.asked.append(len(X))
        x = X["x"].to_numpy(dtype=np.float64)
        return np.where(x.round(6) % 1 == 0, x, x.round()) / 20 * np.where(x > 8, -1, 1)

    def predict_proba(self, X: pd.DataFrame) -> Any:
        p = np.abs(self.predict(X))
        return np.stack([1 - p, p], axis=1)


def expectation(kind: Any, change: Any, share: float = 1.0, **more: Any) -> Expectation:
    declared = {"tolerance": 1e-9, "label": None} | more
    return Expectation(kind=kind, change=change, share=share, **declared)


def outcome(expected: Expectation, task: Task = "binary") -> dict[str, Any]:
    return behaviour(Behaviour(EXPECTATIONS={"it": expected}), Model(), FRAME, task, seed=0)["it"]


def test_a_change_must_not_move_the_prediction_the_other_way() -> None:
    up = outcome(expectation("rises", lambda f: f.assign(x=f["x"] + 1)))
    down = outcome(expectation("falls", lambda f: f.assign(x=f["x"] + 1)))

    assert up == {"kind": "rises", "share": 1.0, "required": 1.0, "holds": True}
    assert down == {"kind": "falls", "share": 0.0, "required": 1.0, "holds": False}


def test_the_share_of_rows_that_meet_it_decides() -> None:
    """In the regression, x from 8 on falls when x rises by one: three rows of ten."""
    change = lambda f: f.assign(x=f["x"] + 1)  # noqa: E731

    found = [outcome(expectation("rises", change, share), "regression") for share in (0.7, 0.71)]

    assert [one["share"] for one in found] == [0.7, 0.7]
    assert [one["holds"] for one in found] == [True, False]


@pytest.mark.parametrize("kind", ["rises", "falls", "invariant"])
def test_no_move_at_all_is_no_move_the_other_way(kind: str) -> None:
    assert outcome(expectation(kind, lambda f: f.assign(z=9.0)))["share"] == 1.0


def test_an_invariance_allows_its_tolerance_either_way() -> None:
    for step in (1, -1):
        change = lambda f, step=step: f.assign(x=f["x"] + step)  # noqa: E731
        assert outcome(expectation("invariant", change, tolerance=0.0501))["holds"]
        assert not outcome(expectation("invariant", change, tolerance=0.0499))["holds"]


def test_low_and_high_are_below_and_above_the_average_of_the_unchanged_rows() -> None:
    def to(x: float) -> Any:
        return lambda frame: frame.assign(x=float(x))

    # The average over x from 1 to 10 is 5.5 / 20.
    assert outcome(expectation("low", to(5)))["share"] == 1.0
    assert outcome(expectation("low", to(6)))["share"] == 0.0
    assert outcome(expectation("high", to(6)))["share"] == 1.0
    assert outcome(expectation("high", to(5)))["share"] == 0.0


def test_several_classes_are_expected_of_by_label() -> None:
    rising = lambda f: f.assign(x=f["x"] + 1)  # noqa: E731

    assert outcome(expectation("rises", rising, label="yes"), "multiclass")["share"] == 1.0
    assert outcome(expectation("falls", rising, label="no"), "multiclass")["share"] == 1.0
    assert outcome(expectation("rises", rising, label="no"), "multiclass")["share"] == 0.0


@pytest.mark.parametrize("label", [None, "maybe"])
def test_a_label_that_the_model_does_not_know_is_named(label: object) -> None:
    with pytest.raises(DeclarationError, match=f"'it' .*label {label!r}.* 'no', 'yes'"):
        outcome(expectation("rises", lambda f: f, label=label), "multiclass")


def test_a_change_sees_at_most_2000_rows_always_the_same() -> None:
    seen = []

    def change(frame: pd.DataFrame) -> pd.DataFrame:
        seen.append(frame)
        return frame

    many = pd.DataFrame({"x": np.arange(5000.0), "z": 0.0})
    problem = Behaviour(EXPECTATIONS={"it": expectation("invariant", change)})
    model = Model()

    for _ in range(2):
        behaviour(problem, model, many, "regression", seed=4)

    assert set(model.asked) == {ROWS} == {2000}
    pd.testing.assert_frame_equal(seen[0], seen[1])
    assert seen[0]["x"].is_unique


def test_the_model_is_given_the_types_it_was_trained_on() -> None:
    given = []

    class Typed(Model):
        def predict(self, X: pd.DataFrame) -> Any:
            given.append(X.dtypes.to_dict())
            return super().predict(X)

    change = lambda f: f[["z", "x"]].assign(x=5)  # noqa: E731 - an integer, in another order
    problem = Behaviour(EXPECTATIONS={"it": expectation("invariant", change)})
    behaviour(problem, Typed(), FRAME, "regression", seed=0)

    before, after = given
    assert list(before) == list(after) == ["x", "z"]
    assert before == after


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda f: f.assign(y=f["absent"]), "changes the column 'absent', which the model is not"),
        (lambda f: f.assign(extra=1), "same rows and columns.*extra"),
        (lambda f: f.drop(columns="z"), "same rows and columns.*z"),
        (lambda f: f.head(3), "same rows and columns.*drops rows"),
    ],
)
def test_a_change_that_does_not_fit_the_features_is_named(change: Any, said: str) -> None:
    with pytest.raises(DeclarationError, match=f"behaviour.py: 'it'.*{said}"):
        outcome(expectation("rises", change))
