"""The estimators that params.yaml can choose among."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from problem.schema import FEATURES

CATEGORIES = ["carrier", "origin", "dest"]
CLOCKS = ["sched_dep_time", "sched_arr_time"]


class ClockTime(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Turns local times written HHMM into the sine and cosine of the time of day.

    23:59 and 00:01 come to lie next to each other. Input (n, k) numbers, output (n, 2k).
    """

    def fit(self, X: pd.DataFrame, y: object = None) -> "ClockTime":
        self.n_features_in_ = X.shape[1]
        return self

    def transform(self, X: pd.DataFrame) -> NDArray[np.float64]:
        hhmm = np.asarray(X, dtype=np.float64)
        angle = 2 * np.pi * (hhmm // 100 * 60 + hhmm % 100) / (24 * 60)
        return np.hstack([np.sin(angle), np.cos(angle)])

    def onnx_shape_calculator(self) -> Callable[[Any], None]:
        """For the export: the output has twice the columns of the input."""

        def shape(operator: Any) -> None:
            given = operator.inputs[0].type
            operator.outputs[0].type = type(given)([None, 2 * given.shape[1]])

        return shape

    def onnx_converter(self) -> Callable[[Any, Any, Any], None]:
        """For the export: `transform`, in ONNX's words."""
        from skl2onnx.algebra import onnx_ops as ops

        def convert(scope: Any, operator: Any, container: Any) -> None:
            opset, hhmm = container.target_opset, operator.inputs[0]
            number = np.float64 if "Double" in type(hhmm.type).__name__ else np.float32

            def constant(value: float) -> NDArray[Any]:
                return np.array([value], dtype=number)

            def do(name: str, *inputs: Any, **more: Any) -> Any:
                return getattr(ops, f"Onnx{name}")(*inputs, op_version=opset, **more)

            hours = do("Floor", do("Div", hhmm, constant(100)))
            minutes = do("Sub", hhmm, do("Mul", hours, constant(40)))  # 100 h + m - 40 h
            angle = do("Mul", minutes, constant(2 * np.pi / (24 * 60)))
            sines = [do("Sin", angle), do("Cos", angle)]
            both = do("Concat", *sines, axis=1, output_names=operator.outputs)
            both.add_to(scope, container)

        return convert


def logistic_regression(seed: int, *, C: float = 0.01) -> Pipeline:
    """One-hot categories, times on the circle, everything else scaled; L2 with strength 1/C."""
    numbers = make_column_selector(dtype_include="number")
    encode = ColumnTransformer(
        [
            ("category", OneHotEncoder(handle_unknown="ignore"), CATEGORIES),
            ("clock", ClockTime(), CLOCKS),
            ("weekday", OneHotEncoder(handle_unknown="ignore"), ["weekday"]),
            ("number", make_pipeline(SimpleImputer(), StandardScaler()), numbers),
        ],
        sparse_threshold=0.0,
    )
    # Newton steps converge quadratically: the last digits depend on the machine, not the sixth.
    return make_pipeline(encode, LogisticRegression(C=C, solver="newton-cholesky", tol=1e-10))


def gradient_boosting(
    seed: int,
    *,
    learning_rate: float = 0.1,
    max_iter: int = 100,
    max_leaf_nodes: int = 31,
    min_samples_leaf: int = 20,
    l2_regularization: float = 0.0,
    max_features: float = 1.0,
) -> Pipeline:
    """Boosted trees on ordinal categories; gaps stay gaps, which the trees know how to split on.

    Who was late lately is never taken for a reason to be punctual: little history suggests such
    things, and more history takes them back.
    """
    ordinal = OrdinalEncoder(
        handle_unknown="use_encoded_value", unknown_value=-1, min_frequency=100, dtype=np.float32
    )
    encode = ColumnTransformer([("category", ordinal, CATEGORIES)], remainder="passthrough")
    encoded = [*CATEGORIES, *(name for name in FEATURES.columns if name not in CATEGORIES)]
    trees = HistGradientBoostingClassifier(
        learning_rate=learning_rate,
        max_iter=max_iter,
        max_leaf_nodes=max_leaf_nodes,
        min_samples_leaf=min_samples_leaf,
        l2_regularization=l2_regularization,
        max_features=max_features,
        monotonic_cst=[int("_late_" in name) for name in encoded],
        early_stopping=False,
        random_state=seed,
    )
    return make_pipeline(encode, trees)


ESTIMATORS: dict[str, Callable[..., Pipeline]] = {
    "logistic_regression": logistic_regression,
    "gradient_boosting": gradient_boosting,
}
"""name: a function of the seed and of the parameters that params.yaml may set under that name."""

LINEAR = "logistic_regression"
"""The linear baseline that every model is compared with."""
