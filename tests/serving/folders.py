"""Exported models made by hand, whose answers anyone can compute."""

import hashlib
import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from serving import manifest as described
from serving.manifest import Build, Manifest
from serving.server import Server, load
from serving.settings import Settings

RATES = {
    "keys": [["UA", "2013-09-01"], ["UA", "2013-09-02"]],
    "values": [[0.25], [0.75]],
}


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def late(distance: float, rate: float) -> float:
    """What the model made by `export` answers: the probability of a late flight."""
    return sigmoid(distance / 1000 + 2 * rate - 3)


def graph(work: int) -> bytes:
    """sigmoid(distance / 1000 + 2 rate − 3), where a rate that is missing counts as 0.

    work: numbers that are computed for each row, and then count nothing, to take time.
    """
    weights = np.array([[0.001], [0.0], [2.0]], dtype=np.float32)
    nodes = [
        helper.make_node("IsNaN", ["float32"], ["gaps"]),
        helper.make_node("Where", ["gaps", "zero", "float32"], ["filled"]),
        helper.make_node("MatMul", ["filled", "weights"], ["product"]),
        helper.make_node("Mul", ["product", "idle"], ["wide"]),
        helper.make_node("Erf", ["wide"], ["worked"]),
        helper.make_node("ReduceMin", ["worked", "second"], ["least"], keepdims=1),
        helper.make_node("Add", ["product", "least"], ["sum"]),
        helper.make_node("Sub", ["sum", "three"], ["score"]),
        helper.make_node("Sigmoid", ["score"], ["p"]),
        helper.make_node("Sub", ["one", "p"], ["rest"]),
        helper.make_node("Concat", ["rest", "p"], ["probabilities"], axis=1),
    ]
    constants: dict[str, Any] = {
        "weights": weights,
        "three": np.array([3], dtype=np.float32),
        "one": np.array([1], dtype=np.float32),
        "zero": np.array([0], dtype=np.float32),
        "idle": np.zeros((1, work), dtype=np.float32),
        "second": np.array([1], dtype=np.int64),
    }
    whole = helper.make_graph(
        nodes,
        "late",
        [
            helper.make_tensor_value_info("text", TensorProto.STRING, [None, 2]),
            helper.make_tensor_value_info("float32", TensorProto.FLOAT, [None, 3]),
        ],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, [None, 2])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(whole, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    onnx.checker.check_model(model)
    return model.SerializeToString()


def export(folder: Path, manifest: Manifest, build: Build | None = None, *, work: int = 1) -> Path:
    """Write the model, its table and the manifest, with the hashes that belong to them."""
    contents = {
        "model.onnx": graph(work),
        "tables/carrier_delays.json": msgspec.json.encode(RATES),
    }
    (folder / "tables").mkdir(parents=True)
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    whole = msgspec.structs.replace(manifest, files=hashes)
    (folder / described.FILE).write_text(described.dump(whole))
    if build:
        (folder / described.BUILD).write_bytes(msgspec.json.encode(build))
    return folder


@contextmanager
def client(folder: Path, **settings: Any) -> Iterator[httpx.AsyncClient]:
    """Ask the server's application without a socket."""
    server = Server(load(Settings(model=folder, **settings)))
    transport = httpx.ASGITransport(app=server.config.app, raise_app_exceptions=False)  # type: ignore[arg-type]
    yield httpx.AsyncClient(transport=transport, base_url="http://test")
