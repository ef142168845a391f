"""Which input a column comes from, found by what changes."""

from typing import Any

import numpy as np
import pandas as pd
from sklearn.feature_selection import VarianceThreshold
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, PolynomialFeatures, StandardScaler
from sklearn.tree import DecisionTreeRegressor

from mlops.contract import Task
from mlops.explain.sources import NONE, membership, sources
from mlops.explain.trained import Trained
from problem.model import ESTIMATORS
from tests.mlops.explain.models import flights, one_hot, ordinal, trained

ONE_HOT = [*["carrier"] * 4, *["departure"] * 2, "distance", "wind"]


def names(model: Any, task: Task = "regression") -> list[str] | None:
    """The inputs that the last estimator's columns come from."""
    known = trained(model, task)
    found = sources(known)
    return None if found is None else [known.inputs[at] for at in found]


def test_every_column_of_a_text_is_the_texts_even_of_a_rare_one() -> None:
    assert names(one_hot(Ridge())) == ONE_HOT


def test_columns_may_be_in_another_order_than_inputs() -> None:
    model = make_pipeline(
        FunctionTransformer(lambda rows: rows[["wind", "distance"]].fillna(0)), LinearRegression()
    )

    assert names(model) == ["wind", "distance"]


def test_pipelines_in_pipelines_and_steps_that_are_skipped() -> None:
    inner = make_pipeline("passthrough", StandardScaler(with_mean=False), Ridge())

    assert names(make_pipeline(one_hot(None)[:-1], inner)) == ONE_HOT


def test_the_examples_columns_are_where_its_transformers_put_them() -> None:
    """ClockTime does not name its columns; the sines come before the cosines."""
    clocks = ["sched_dep_time", "sched_arr_time"]
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "carrier": rng.choice(["AA", "UA"], 80),
            "origin": rng.choice(["JFK", "LGA"], 80),
            "dest": rng.choice(["BOS", "ORD", "SFO"], 80),
            **{name: 100.0 * rng.integers(0, 24, 80) for name in clocks},
            "weekday": rng.integers(0, 3, 80).astype(float),
        }
    )
    fitted = ESTIMATORS["logistic_regression"](0).fit(frame, rng.integers(0, 2, 80))

    found = sources(Trained(fitted, "binary", frame, 0))

    assert found is not None
    inputs, place = np.array(frame.columns)[found], fitted[0].output_indices_
    assert [*inputs[place["category"]]] == [*["carrier"] * 2, *["origin"] * 2, *["dest"] * 3]
    assert [*inputs[place["clock"]]] == [*clocks, *clocks]
    assert [*inputs[place["weekday"]]] == ["weekday"] * 3


def test_a_column_of_two_inputs_has_no_source() -> None:
    both = FunctionTransformer(lambda rows: (rows["wind"].fillna(0) * rows["distance"]).to_frame())

    assert names(make_pipeline(both, Ridge())) is None
    numbers = FunctionTransformer(lambda rows: rows[["distance", "departure"]])
    assert names(make_pipeline(numbers, PolynomialFeatures(2), Ridge())) is None


def test_a_column_that_nothing_changes_is_nobodys() -> None:
    constant = FunctionTransformer(lambda rows: np.c_[np.ones(len(rows)), rows["distance"]])

    found = sources(trained(make_pipeline(constant, Ridge()), "regression"))

    assert found is not None
    assert list(found) == [NONE, 2]
    assert membership(found, 4).tolist() == [[0, 0, 0, 0], [0, 0, 1, 0]]


def test_columns_that_are_dropped_on_the_way_do_not_count() -> None:
    """Of a carrier that is in one row of 120."""
    model = make_pipeline(*one_hot(None)[:-1], VarianceThreshold(0.01), LogisticRegression())

    assert names(model, "binary") == ONE_HOT[1:]


def test_a_text_that_stays_a_text_has_no_source() -> None:
    """Some trees take texts as they are."""
    texts = FunctionTransformer(lambda rows: rows[["carrier"]])
    counted = FunctionTransformer(lambda rows: rows == "B6")
    model = make_pipeline(texts, make_pipeline(counted, DecisionTreeRegressor()))

    assert names(model) == ["carrier"]
    assert sources(Trained(model[:1], "regression", flights(), 0)) is None


def test_gaps_change_a_column_too() -> None:
    assert names(ordinal(DecisionTreeRegressor(max_depth=3))) == [*flights().columns]
