"""Any model, by its answers: against the definition where permutations are exact."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures
from sklearn.svm import SVR

from mlops.contract import Task
from mlops.errors import TrainingError
from mlops.explain import sampled
from mlops.explain.explainer import explain
from tests.mlops.explain.models import flights, one_hot, shapley, trained

PAIRS = PolynomialFeatures(2, include_bias=False)
MODELS: list[tuple[Any, Task, str, str]] = [
    (KNeighborsClassifier(), "binary", "predict_proba", "probability"),
    (KNeighborsClassifier(), "multiclass", "predict_proba", "probability"),
    (MLPClassifier((4,), max_iter=50, random_state=0), "binary", "predict_proba", "probability"),
    (RandomForestClassifier(5, random_state=0), "multiclass", "predict_proba", "probability"),
    (
        make_pipeline(PAIRS, LogisticRegression(max_iter=2000)),
        "multiclass",
        "decision_function",
        "logits",
    ),
    (SVR(), "regression", "predict", "value"),
]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize(("last", "task", "score", "scale"), MODELS)
def test_contributions_add_up_to_what_the_pipeline_says(
    last: Any, task: Task, score: str, scale: str
) -> None:
    """With texts and gaps, which are given to the pipeline as they are."""
    known = trained(one_hot(last), task)
    rows = flights(1, seed=5)
    outputs = 3 if task == "multiclass" else 1

    def ask(some: Any) -> Any:
        return getattr(known.estimator, score)(some).reshape(len(some), -1)[:, -outputs:]

    explainer = sampled.explainer(known)

    assert (explainer.method, explainer.scale, explainer.background) == ("sampled", scale, 100)
    background = known.sample(sampled.BACKGROUND)
    np.testing.assert_allclose(explainer.base, ask(background).mean(axis=0), atol=1e-8)
    found = explain(known, explainer, rows)
    np.testing.assert_allclose(found.scores, ask(rows), atol=1e-6)


def test_what_two_inputs_do_together_is_shared_exactly() -> None:
    """A permutation and its reverse: each input of a product gets its half."""
    known = trained(one_hot(make_pipeline(PAIRS, LinearRegression())), "regression")
    row = flights(1, seed=5)

    found = sampled.explainer(known).contributions(row)[0]

    background = known.sample(sampled.BACKGROUND)
    expected = shapley(known.estimator.predict, background, row.iloc[0])
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_it_comes_near_where_many_inputs_act_together() -> None:
    known = trained(one_hot(KNeighborsRegressor(7)), "regression")
    row = flights(1, seed=5)

    found = sampled.explainer(known).contributions(row)[0]

    background = known.sample(sampled.BACKGROUND)
    expected = shapley(known.estimator.predict, background, row.iloc[0])
    np.testing.assert_allclose(found, expected, atol=0.1 * np.abs(expected).max())


def test_the_same_seed_gives_the_same() -> None:
    known = trained(one_hot(SVR()), "regression")
    rows = flights(1, seed=5)

    once, again = (sampled.explainer(known).contributions(rows) for _ in range(2))

    np.testing.assert_array_equal(once, again)


class Particular(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """Knows the rows that it was fitted on, and refuses others."""

    def fit(self, X: pd.DataFrame, _: Any) -> "Particular":
        self.known_ = set(X["distance"] + X["departure"])
        return self

    def predict(self, X: pd.DataFrame) -> Any:
        if unknown := set(X["distance"] + X["departure"]) - self.known_:
            raise ValueError(f"unknown: {len(unknown)}")
        return np.zeros(len(X))


def test_a_model_that_refuses_mixed_rows_is_named() -> None:
    known = trained(Particular(), "regression")

    with pytest.raises(
        TrainingError, match=r"Particular cannot be explained: it refuses .*unknown"
    ):
        sampled.explainer(known).contributions(known.rows.head(1))
