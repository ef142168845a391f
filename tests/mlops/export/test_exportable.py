"""Can an estimator be exported? Asked before it is fitted."""

from typing import Any

import pytest
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.gaussian_process import GaussianProcessClassifier
from sklearn.kernel_ridge import KernelRidge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, SplineTransformer, StandardScaler

from mlops.errors import DeclarationError
from mlops.export.exportable import check
from problem import model


class Plain(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    pass


class WithConverter(Plain):
    def onnx_converter(self) -> Any: ...


class WholeByItself(BaseEstimator):  # type: ignore[misc]
    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def to_onnx(self) -> Any: ...


@pytest.mark.parametrize("name", sorted(model.ESTIMATORS))
def test_the_estimators_of_the_example_can(name: str) -> None:
    check(name, model.ESTIMATORS[name](seed=1))


@pytest.mark.parametrize(
    "estimator",
    [
        make_pipeline(StandardScaler(), GaussianProcessClassifier()),
        make_pipeline(WithConverter(), HistGradientBoostingClassifier()),
        WholeByItself(KernelRidge()),
    ],
)
def test_so_can_what_has_a_converter_or_brings_one(estimator: Any) -> None:
    check("chosen", estimator)


@pytest.mark.parametrize(
    ("estimator", "named"),
    [
        (make_pipeline(SplineTransformer(), HistGradientBoostingClassifier()), "SplineTransformer"),
        (make_pipeline(ColumnTransformer([("a", make_pipeline(Plain()), ["x"])])), "Plain"),
        (make_pipeline(OneHotEncoder(), KernelRidge()), "KernelRidge"),
    ],
)
def test_others_are_named_with_those_that_can(estimator: Any, named: str) -> None:
    with pytest.raises(DeclarationError) as refused:
        check("chosen", estimator)

    said = str(refused.value)
    assert f"src/problem/model.py: chosen: {named} cannot be exported to ONNX" in said
    assert "HistGradientBoostingClassifier, HistGradientBoostingRegressor" in said
    assert "docs/your-problem.md" in said
