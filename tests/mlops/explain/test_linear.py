"""Linear models, against the formula, another library, and the definition."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import (
    Lasso,
    LinearRegression,
    LogisticRegression,
    PoissonRegressor,
    Ridge,
    SGDClassifier,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, PolynomialFeatures
from sklearn.tree import DecisionTreeRegressor

from mlops.contract import Task
from mlops.explain import linear
from mlops.explain.explainer import explain
from mlops.explain.library import shap
from mlops.explain.trained import Trained
from tests.mlops.explain.models import flights, one_hot, ordinal, shapley, trained


def test_an_input_adds_its_weight_times_its_distance_from_the_mean() -> None:
    """By hand: y = 3 a - 2 b + 5, whose inputs have the means 2 and 10."""
    rows = pd.DataFrame({"a": [1.0, 2, 3, 2], "b": [10.0, 8, 10, 12]})
    model = LinearRegression().fit(rows, 3 * rows["a"] - 2 * rows["b"] + 5)
    known = Trained(model, "regression", rows, 0)

    explainer = linear.explainer(known)

    assert explainer is not None
    assert (explainer.method, explainer.scale, explainer.background) == ("linear", "value", 4)
    assert explainer.base == pytest.approx([3 * 2 - 2 * 10 + 5])
    found = explain(known, explainer, pd.DataFrame({"a": [4.0], "b": [7.0]}))
    assert found.contributions[0, :, 0] == pytest.approx([3 * (4 - 2), -2 * (7 - 10)])
    assert found.scores[0] == pytest.approx([3 * 4 - 2 * 7 + 5])


@pytest.mark.parametrize(
    ("last", "task", "score"),
    [
        (LogisticRegression(), "binary", "decision_function"),
        (LogisticRegression(max_iter=1000), "multiclass", "decision_function"),
        (Ridge(), "regression", "predict"),
        (Lasso(0.1), "regression", "predict"),
    ],
)
def test_contributions_add_up_to_what_the_pipeline_says(
    last: object, task: Task, score: str
) -> None:
    known = trained(one_hot(last), task)
    rows = flights(30, seed=5)

    explainer = linear.explainer(known)

    assert explainer is not None
    found = explain(known, explainer, rows)
    expected = getattr(known.estimator, score)(rows).reshape(len(rows), -1)
    np.testing.assert_allclose(found.scores, expected, atol=1e-9)
    scores = getattr(known.estimator, score)(known.rows).reshape(len(known.rows), -1)
    np.testing.assert_allclose(explainer.base, scores.mean(axis=0), atol=1e-9)


def test_the_scale_is_log_odds_of_two_classes_and_logits_of_several() -> None:
    scales = {}
    for task in ("binary", "multiclass"):
        found = linear.explainer(trained(one_hot(LogisticRegression()), task))
        scales[task] = found and found.scale

    assert scales == {"binary": "log-odds", "multiclass": "logits"}


def test_columns_of_an_input_are_one_as_shap_has_them_one_by_one() -> None:
    known = trained(one_hot(LogisticRegression()), "binary")
    rows = flights(20, seed=5)
    encode, last = known.estimator[0], known.estimator[-1]
    encoded = encode.transform(known.rows)
    library = shap()
    masker = library.maskers.Independent(encoded, max_samples=len(encoded))
    columns = library.LinearExplainer(last, masker).shap_values(encode.transform(rows))
    assert columns.shape == (20, 8)  # four carriers, sine and cosine, two numbers

    found = linear.explainer(known)

    assert found is not None
    ends = np.cumsum([4, 2, 1, 1])[:-1]
    grouped = np.stack([part.sum(axis=1) for part in np.split(columns, ends, axis=1)], axis=1)
    np.testing.assert_allclose(found.contributions(rows)[..., 0], grouped, atol=1e-9)


@pytest.mark.parametrize("task", ["binary", "multiclass"])
def test_they_are_the_shapley_values_of_the_inputs(task: Task) -> None:
    """Of the inputs, not of columns: a carrier is replaced as a whole."""
    known = trained(one_hot(LogisticRegression(max_iter=1000)), task)
    row = flights(1, seed=9)

    found = linear.explainer(known)

    assert found is not None
    expected = shapley(known.estimator.decision_function, known.rows, row.iloc[0])
    np.testing.assert_allclose(found.contributions(row)[0], expected, atol=1e-9)


def test_a_category_that_no_training_row_has_is_explained() -> None:
    known = trained(one_hot(LogisticRegression()), "binary")
    rows = flights(3, seed=5).assign(carrier="ZZ")
    explainer = linear.explainer(known)

    assert explainer is not None
    found = explain(known, explainer, rows)

    np.testing.assert_allclose(found.scores[:, 0], known.estimator.decision_function(rows))


NUMBERS = FunctionTransformer(lambda rows: rows[["departure", "distance"]] / 1000)


@pytest.mark.parametrize(
    ("model", "task"),
    [
        # Its weights add up to a margin, of which probabilities are no logistic function.
        (one_hot(SGDClassifier(loss="modified_huber", random_state=0)), "binary"),
        # Its columns come from two inputs.
        (make_pipeline(NUMBERS, PolynomialFeatures(2), LinearRegression()), "regression"),
        # It has no weights.
        (ordinal(DecisionTreeRegressor()), "regression"),
    ],
)
def test_what_is_not_added_up_is_left_to_others(model: Any, task: Task) -> None:
    assert linear.explainer(trained(model, task)) is None


def test_a_sum_that_is_the_logarithm_of_the_answer_is_left_to_others() -> None:
    rows = flights()
    model = make_pipeline(NUMBERS, PoissonRegressor()).fit(rows, rows["distance"] / 100)

    assert linear.explainer(Trained(model, "regression", rows, 0)) is None
