"""The expectations fit the inputs, and catch a model that gets the world upside down."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlops.contract import Behaviour, load
from mlops.evaluation.behaviour import behaviour
from problem import schema
from problem.behaviour import EXPECTATIONS
from tests.problem.test_model import inputs


class Sane:
    """Late when others were, in the evening and in the rain."""

    direction = 1

    def fit(self, X: pd.DataFrame, y: Any) -> None: ...

    def predict(self, X: pd.DataFrame) -> Any:
        raise NotImplementedError

    def predict_proba(self, X: pd.DataFrame) -> Any:
        rates = X[[name for name in X.columns if "_late_" in str(name)]].fillna(0.2).mean(axis=1)
        risk = 4 * rates + X["sched_dep_time"] / 2400 + X["precip"].fillna(0) + X["temp"] / 1000 - 3
        p = 1 / (1 + np.exp(-self.direction * risk.fillna(0).to_numpy(dtype=np.float64)))
        return np.stack([1 - p, p], axis=1)


class UpsideDown(Sane):
    direction = -1


class Nervous(Sane):
    """Makes up its mind by the last digit of the thermometer."""

    def predict_proba(self, X: pd.DataFrame) -> Any:
        p = (X["temp"].fillna(0).to_numpy(dtype=np.float64) * 7) % 1
        return np.stack([1 - p, p], axis=1)


def outcome(model: Sane) -> dict[str, bool]:
    found = behaviour(load(Behaviour), model, inputs(500), "binary", seed=0)
    return {name: values["holds"] for name, values in found.items()}


def test_a_sane_model_meets_every_expectation() -> None:
    assert all(outcome(Sane()).values())


def test_an_upside_down_model_fails_every_direction() -> None:
    found = outcome(UpsideDown())

    directed = {name for name, one in EXPECTATIONS.items() if one.kind != "invariant"}
    assert {name for name, holds in found.items() if not holds} == directed


def test_a_nervous_model_fails_the_invariance() -> None:
    found = outcome(Nervous())

    assert not found["a tenth of a degree changes next to nothing"]


@pytest.mark.parametrize("name", EXPECTATIONS)
def test_a_change_touches_only_inputs_and_does_change_them(name: str) -> None:
    before = inputs(200)

    after = EXPECTATIONS[name].change(before)

    assert list(after) == list(schema.FEATURES.columns)
    changed = [column for column in before if not before[column].equals(after[column])]
    assert 0 < len(changed) < 12
    assert after.index.equals(before.index)


@pytest.mark.parametrize("name", EXPECTATIONS)
def test_a_change_leaves_the_rows_it_is_given_as_they_were(name: str) -> None:
    before = inputs(50)
    kept = before.copy()

    EXPECTATIONS[name].change(before)

    pd.testing.assert_frame_equal(before, kept)


def test_every_expectation_asks_for_more_than_chance() -> None:
    assert all(one.share > 0.5 for one in EXPECTATIONS.values())
    assert {one.kind for one in EXPECTATIONS.values()} >= {"invariant", "rises", "low"}
