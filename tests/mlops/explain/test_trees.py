"""Trees, against Shapley values by their definition on the same background."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import (
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.tree import DecisionTreeClassifier

from mlops.contract import Task
from mlops.explain import trees
from mlops.explain.explainer import explain
from mlops.explain.trained import Trained
from tests.mlops.explain.models import flights, one_hot, ordinal, shapley, trained

SMALL = {"max_iter": 8, "max_leaf_nodes": 6, "min_samples_leaf": 5}
MODELS: list[tuple[Any, Task, str, str]] = [
    (HistGradientBoostingClassifier(**SMALL), "binary", "decision_function", "log-odds"),
    (HistGradientBoostingClassifier(**SMALL), "multiclass", "decision_function", "logits"),
    (HistGradientBoostingRegressor(**SMALL), "regression", "predict", "value"),
    (RandomForestClassifier(10, random_state=0), "binary", "predict_proba", "probability"),
    (RandomForestClassifier(10, random_state=0), "multiclass", "predict_proba", "probability"),
    (ExtraTreesRegressor(10, random_state=0), "regression", "predict", "value"),
    (DecisionTreeClassifier(max_depth=4), "binary", "predict_proba", "probability"),
]


@pytest.mark.parametrize(("last", "task", "score", "scale"), MODELS)
def test_they_are_the_shapley_values_of_the_inputs(
    last: Any, task: Task, score: str, scale: str
) -> None:
    """With gaps, and columns in another order than the inputs."""
    known = trained(ordinal(last), task)
    rows = flights(15, seed=5)
    outputs = 3 if task == "multiclass" else 1

    def ask(some: Any) -> Any:
        return getattr(known.estimator, score)(some).reshape(len(some), -1)[:, -outputs:]

    explainer = trees.explainer(known)

    assert explainer is not None
    assert (explainer.method, explainer.scale) == ("trees", scale)
    assert explainer.background == len(known.rows)
    np.testing.assert_allclose(explainer.base, ask(known.rows).mean(axis=0), atol=1e-6)
    found = explain(known, explainer, rows)
    np.testing.assert_allclose(found.scores, ask(rows), atol=1e-6)
    for at in (0, 3):
        expected = shapley(ask, known.rows, rows.iloc[at])
        np.testing.assert_allclose(found.contributions[at], expected, atol=1e-6)


def test_rows_that_were_not_drawn_are_not_in_the_background(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(trees, "BACKGROUND", 30)
    known = trained(ordinal(HistGradientBoostingRegressor(**SMALL)), "regression")
    row = flights(1, seed=5)

    explainer = trees.explainer(known)

    assert explainer is not None
    assert explainer.background == 30
    expected = shapley(known.estimator.predict, known.sample(30), row.iloc[0])
    np.testing.assert_allclose(explainer.contributions(row)[0], expected, atol=1e-6)


def test_values_that_single_precision_cannot_tell_apart_go_their_own_ways() -> None:
    rows = pd.DataFrame({"number": [1e8, 1e8 + 1] * 20, "other": np.arange(40.0)})
    model = HistGradientBoostingRegressor(max_iter=5, min_samples_leaf=2)
    known = Trained(model.fit(rows, rows["number"] - 1e8), "regression", rows, 0)
    row = rows.tail(1)

    explainer = trees.explainer(known)

    assert explainer is not None
    expected = shapley(known.estimator.predict, known.rows, row.iloc[0])
    assert expected[0, 0] > 0.1
    np.testing.assert_allclose(explainer.contributions(row)[0], expected, atol=1e-6)


def test_trees_too_large_for_its_loop_are_left_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    known = trained(ordinal(HistGradientBoostingRegressor(**SMALL)), "regression")
    monkeypatch.setattr(trees, "NODES", 5)

    assert trees.explainer(known) is None


def test_columns_of_one_input_are_not_taken_one_by_one() -> None:
    """Of one-hot columns, a row that is no carrier, or two, does not exist."""
    model = one_hot(RandomForestClassifier(5, random_state=0))

    assert trees.explainer(trained(model, "binary")) is None


def test_splits_on_categories_are_left_to_others() -> None:
    """shap takes them for thresholds, so what it adds up is not what the model says."""
    last = HistGradientBoostingClassifier(**SMALL, categorical_features=[0])

    assert trees.explainer(trained(ordinal(last), "multiclass")) is None


@pytest.mark.parametrize(
    ("last", "task"),
    [
        (KNeighborsRegressor(), "regression"),
        (LogisticRegression(), "binary"),
        (GradientBoostingClassifier(n_estimators=3), "multiclass"),
    ],
)
def test_what_is_no_trees_that_it_can_read_is_left_to_others(last: Any, task: Task) -> None:
    model = make_pipeline(*ordinal(None)[:-1], SimpleImputer(), last)

    assert trees.explainer(trained(model, task)) is None
