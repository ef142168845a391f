"""A fitted pipeline as an ONNX graph whose inputs are one matrix per kind of column."""

from contextlib import suppress
from functools import partial
from typing import Any

import onnx
import skl2onnx
from onnx import helper
from skl2onnx.common.data_types import (
    BooleanTensorType,
    DoubleTensorType,
    FloatTensorType,
    Int64TensorType,
    StringTensorType,
)

from mlops.contract import Estimator
from mlops.errors import TrainingError
from serving.manifest import Kind

TYPES: dict[Kind, tuple[Any, int]] = {
    "text": (StringTensorType, onnx.TensorProto.STRING),
    "float32": (FloatTensorType, onnx.TensorProto.FLOAT),
    "float64": (DoubleTensorType, onnx.TensorProto.DOUBLE),
    "int64": (Int64TensorType, onnx.TensorProto.INT64),
    "bool": (BooleanTensorType, onnx.TensorProto.BOOL),
}
OPSET = {"": 21, "ai.onnx.ml": 3}  # what the runtime of the lock file has run for years


def convert(estimator: Estimator, kinds: dict[str, Kind], name: str) -> tuple[bytes, str]:
    """The graph, and the name of its output with the probabilities, or values.

    kinds: of each input, in the order of the model. Raises TrainingError when a part of the
    estimator cannot be converted.
    """
    model = _converted(estimator, kinds, name)
    onnx.checker.check_model(model)
    outputs = [output.name for output in model.graph.output]
    return model.SerializeToString(deterministic=True), outputs[-1]


def _converted(estimator: Estimator, kinds: dict[str, Kind], name: str) -> onnx.ModelProto:
    columns = [(column, TYPES[kind][0]([None, 1])) for column, kind in kinds.items()]
    if len(set(kinds.values())) == 1:  # what takes columns by position sees them as one matrix
        (kind,) = set(kinds.values())
        with suppress(Exception):  # what takes columns by name cannot, and gets them below
            return _asked(estimator, [(kind, TYPES[kind][0]([None, len(kinds)]))], name)
    try:
        model = _asked(estimator, columns, name)
    except Exception as reason:  # converters raise all kinds
        said = str(reason).strip().splitlines()
        raise TrainingError(
            f"the fitted model cannot be exported to ONNX: {said[0] if said else reason!r}. See "
            f"its pipeline in src/problem/model.py, and docs/your-problem.md"
        ) from reason
    _group(model, kinds)
    return model


def _asked(estimator: Estimator, inputs: list[tuple[str, Any]], name: str) -> onnx.ModelProto:
    classifies = hasattr(estimator, "predict_proba")
    convert = getattr(estimator, "to_onnx", None) or partial(skl2onnx.to_onnx, estimator)
    return convert(
        initial_types=inputs,
        name=name,
        target_opset=OPSET,
        options={"zipmap": False} if classifies else None,
    )


def _group(model: onnx.ModelProto, kinds: dict[str, Kind]) -> None:
    """Replace an input per column, which costs time for each, by a matrix per kind."""
    used = {name for node in model.graph.node for name in node.input}
    splits = []
    del model.graph.input[:]
    for kind in dict.fromkeys(kinds.values()):
        names = [column for column, its in kinds.items() if its == kind]
        shape = [None, len(names)]
        model.graph.input.append(helper.make_tensor_value_info(kind, TYPES[kind][1], shape))
        outputs = [column if column in used else "" for column in names]
        if any(outputs):
            splits.append(
                helper.make_node(
                    "Split",
                    [kind],
                    outputs,
                    name=f"columns of {kind}",
                    axis=1,
                    num_outputs=len(names),
                )
            )
    nodes = [*splits, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
