"""What is added up is what the model says, or there is no explanation."""

from typing import Any

import numpy as np
import pytest
from sklearn.base import BaseEstimator, RegressorMixin

from mlops.errors import TrainingError
from mlops.explain import method
from mlops.explain.explainer import explain
from tests.mlops.explain.models import flights, trained


class Fickle(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """Says something else whenever it is asked."""

    def fit(self, X: Any, _: Any) -> "Fickle":
        self.random_, self.inputs_ = np.random.default_rng(0), X.shape[1]
        return self

    def predict(self, X: Any) -> Any:
        return self.random_.normal(size=len(X))


def test_a_model_that_changes_its_mind_is_not_explained() -> None:
    known = trained(Fickle(), "regression")

    with pytest.raises(
        TrainingError, match=r"Fickle cannot be explained: .* away from what it says"
    ):
        explain(known, method.suiting(known), flights(2, seed=5))
