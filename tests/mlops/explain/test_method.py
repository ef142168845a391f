"""Which way a model is explained."""

import builtins
import sys
from typing import Any

import pytest
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestRegressor
from sklearn.linear_model import Ridge
from sklearn.svm import SVR

from mlops.errors import TrainingError
from mlops.explain import method
from tests.mlops.explain.models import one_hot, ordinal, trained

TREES = HistGradientBoostingRegressor(max_iter=3)


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (one_hot(Ridge()), "linear"),
        (ordinal(TREES), "trees"),
        (one_hot(RandomForestRegressor(3)), "sampled"),
        (one_hot(SVR()), "sampled"),
    ],
)
def test_the_fastest_way_that_can(model: Any, expected: str) -> None:
    assert method.suiting(trained(model, "regression")).method == expected


def test_without_shap_only_linear_models_are_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    really = builtins.__import__

    def without(name: str, *more: Any, **others: Any) -> Any:
        if name == "shap":
            raise ModuleNotFoundError("No module named 'shap'", name="shap")
        return really(name, *more, **others)

    monkeypatch.delitem(sys.modules, "shap", raising=False)
    monkeypatch.setattr(builtins, "__import__", without)

    assert method.suiting(trained(one_hot(Ridge()), "regression")).method == "linear"
    with pytest.raises(TrainingError, match="`make environment` brings it"):
        method.suiting(trained(ordinal(TREES), "regression"))
