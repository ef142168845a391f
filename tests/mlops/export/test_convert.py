"""A fitted pipeline as ONNX: it says what scikit-learn says."""

from typing import Any

import numpy as np
import onnxruntime
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.datasets import make_classification
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, SplineTransformer, StandardScaler

from mlops.errors import TrainingError
from mlops.export.convert import convert
from problem.model import ClockTime
from serving.manifest import Kind

COLUMNS = ["a", "b", "c"]


def table(dtype: Any, classes: int = 2) -> tuple[pd.DataFrame, Any]:
    X, y = make_classification(
        400, 3, n_informative=3, n_redundant=0, n_classes=classes, random_state=3
    )
    return pd.DataFrame(X, columns=COLUMNS).astype(dtype), y


def answers(graph: bytes, output: str, feeds: dict[str, Any]) -> Any:
    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    return session.run([output], feeds)[0]


@pytest.mark.parametrize(("dtype", "kind"), [(np.float32, "float32"), (np.float64, "float64")])
@pytest.mark.parametrize("classes", [2, 3])
def test_a_classifier_answers_with_probabilities(dtype: Any, kind: Kind, classes: int) -> None:
    X, y = table(dtype, classes)
    fitted = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)

    graph, output = convert(fitted, dict.fromkeys(COLUMNS, kind), "model")

    found = answers(graph, output, {kind: X.to_numpy()})
    assert found == pytest.approx(fitted.predict_proba(X), abs=1e-6)


def test_a_regression_answers_with_values() -> None:
    X, _ = table(np.float64)
    fitted = make_pipeline(StandardScaler(), Ridge()).fit(X, 3 * X["a"] - X["b"] ** 2)

    graph, output = convert(fitted, dict.fromkeys(COLUMNS, "float64"), "model")

    found = answers(graph, output, {"float64": X.to_numpy()})
    assert found.ravel() == pytest.approx(fitted.predict(X), rel=1e-5)


@pytest.mark.parametrize("trees", [HistGradientBoostingClassifier, RandomForestClassifier])
def test_trees_on_float32_inputs_agree(trees: Any) -> None:
    X, y = table(np.float32)
    fitted = make_pipeline(trees(random_state=1)).fit(X, y)

    graph, output = convert(fitted, dict.fromkeys(COLUMNS, "float32"), "model")

    found = answers(graph, output, {"float32": X.to_numpy()})
    assert found == pytest.approx(fitted.predict_proba(X), abs=1e-6)


def test_each_kind_of_column_is_one_matrix_in_the_order_of_the_model() -> None:
    X, y = table(np.float32)
    X = X.assign(town=np.where(X["a"] > 0, "Oslo", "Rome"), n=np.arange(400), unused=1.0)
    X = X[["n", "b", "town", "a", "unused"]]
    encode = ColumnTransformer(
        [("text", OneHotEncoder(), ["town"]), ("number", StandardScaler(), ["a", "b", "n"])],
        sparse_threshold=0.0,
    )
    fitted = make_pipeline(encode, LogisticRegression()).fit(X, y)
    kinds: dict[str, Kind] = {
        "n": "int64",
        "b": "float32",
        "town": "text",
        "a": "float32",
        "unused": "float64",
    }

    graph, output = convert(fitted, kinds, "model")

    feeds = {
        "int64": X[["n"]].to_numpy(),
        "float32": X[["b", "a"]].to_numpy(),
        "text": X[["town"]].to_numpy(dtype=object),
        "float64": X[["unused"]].to_numpy(),
    }
    assert answers(graph, output, feeds) == pytest.approx(fitted.predict_proba(X), abs=1e-5)


def test_the_same_model_gives_the_same_bytes() -> None:
    X, y = table(np.float32)
    fitted = make_pipeline(HistGradientBoostingClassifier(random_state=1)).fit(X, y)
    kinds: dict[str, Kind] = dict.fromkeys(COLUMNS, "float32")

    assert convert(fitted, kinds, "model") == convert(fitted, kinds, "model")


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_transformer_of_our_own_brings_its_converter(dtype: Any) -> None:
    X = pd.DataFrame({"a": [0, 1, 59, 100, 1230, 2359, 2400], "b": range(7)}).astype(dtype)
    fitted = make_pipeline(ClockTime(), Ridge()).fit(X, np.arange(7.0))
    kind: Kind = "float32" if dtype is np.float32 else "float64"

    graph, output = convert(fitted, {"a": kind, "b": kind}, "model")

    found = answers(graph, output, {kind: X.to_numpy()})
    assert found.ravel() == pytest.approx(fitted.predict(X), abs=1e-4)


def test_what_cannot_be_converted_is_told() -> None:
    X, y = table(np.float32)
    fitted = make_pipeline(SplineTransformer(), Ridge()).fit(X, y)

    with pytest.raises(TrainingError, match=r"cannot be exported to ONNX: .*SplineTransformer"):
        convert(fitted, dict.fromkeys(COLUMNS, "float32"), "model")
