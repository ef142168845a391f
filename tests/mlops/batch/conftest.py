"""Exported models made by hand, so small that what they must say can be written down."""

from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import onnx
import pandas as pd
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper

from serving import manifest
from serving.manifest import Input, Key, Manifest, Output, Policy, Table

COLOURS = {"red": 1.0, "blue": -1.0}
PRICES = {"north": 10.0, "south": 20.0}
THRESHOLD = 0.4


def _export(folder: Path, graph: onnx.GraphProto, about: Manifest, tables: dict[str, Any]) -> Path:
    model = helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)],
        ir_version=9,
    )
    contents = {"model.onnx": model.SerializeToString()}
    contents |= {name: msgspec.json.encode(table) for name, table in tables.items()}
    folder.mkdir()
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    hashes = {name: sha256(content).hexdigest() for name, content in contents.items()}
    text = manifest.dump(msgspec.structs.replace(about, files=hashes))
    (folder / manifest.FILE).write_text(text)
    return folder


def _value(name: str, columns: int, kind: int = TensorProto.FLOAT) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, kind, [None, columns])


def _constant(name: str, values: NDArray[Any]) -> onnx.TensorProto:
    return onnx.numpy_helper.from_array(values, name)


@pytest.fixture
def paint(tmp_path: Path) -> Path:
    """Will a pot of paint be sold? Colour (a text, gaps allowed), litres (above 0, at most 100) and
    price (gaps allowed; looked up by shop when it is left out).
    """
    graph = helper.make_graph(
        [
            helper.make_node(
                "LabelEncoder",
                ["text"],
                ["colour"],
                domain="ai.onnx.ml",
                keys_strings=list(COLOURS),
                values_floats=list(COLOURS.values()),
                default_float=0.0,
            ),
            helper.make_node("IsNaN", ["float32"], ["gap"]),
            helper.make_node("Where", ["gap", "nothing", "float32"], ["filled"]),
            helper.make_node("Concat", ["colour", "filled"], ["all"], axis=1),
            helper.make_node("MatMul", ["all", "weights"], ["z"]),
            helper.make_node("Sigmoid", ["z"], ["p"]),
            helper.make_node("Sub", ["one", "p"], ["q"]),
            helper.make_node("Concat", ["q", "p"], ["probabilities"], axis=1),
        ],
        "paint",
        [_value("text", 1, TensorProto.STRING), _value("float32", 2)],
        [_value("probabilities", 2)],
        [
            _constant("nothing", np.zeros(1, np.float32)),
            _constant("one", np.ones(1, np.float32)),
            _constant("weights", np.array([[1.0], [-0.1], [0.05]], np.float32)),
        ],
    )
    about = Manifest(
        format=1,
        name="paint",
        inputs=[
            Input("colour", "text", nullable=True, known=list(COLOURS)),
            Input("litres", "float32", low=0.0, high=100.0),
            Input("price", "float32", nullable=True, table="stock"),
        ],
        output=Output("binary", "sold", "probabilities", ["no", "yes"], THRESHOLD),
        policy=Policy(unknown="flag", outside="reject"),
        files={},
        identifiers=["id", "litres"],
        keys=[Key("shop", "text")],
        tables=[Table("stock", "stock.json", ["shop"], ["price"], len(PRICES))],
    )
    rows = {"keys": [[shop] for shop in PRICES], "values": [[price] for price in PRICES.values()]}
    return _export(tmp_path / "paint", graph, about, {"stock.json": rows})


def sold(rows: pd.DataFrame) -> NDArray[np.float64]:
    """The probability that `paint` gives, written down once more."""
    colour = rows["colour"].map(COLOURS).fillna(0.0)
    z = colour - 0.1 * rows["litres"] + 0.05 * rows["price"].fillna(0.0)
    return np.asarray(1 / (1 + np.exp(-z)))


@pytest.fixture
def flowers(tmp_path: Path) -> Path:
    """Three classes of two measures: the softmax of (a, b, 0)."""
    graph = helper.make_graph(
        [
            helper.make_node("MatMul", ["float64", "weights"], ["z"]),
            helper.make_node("Softmax", ["z"], ["p"], axis=1),
        ],
        "flowers",
        [_value("float64", 2, TensorProto.DOUBLE)],
        [_value("p", 3, TensorProto.DOUBLE)],
        [_constant("weights", np.eye(2, 3))],
    )
    about = Manifest(
        format=1,
        name="flowers",
        inputs=[Input("a", "float64"), Input("b", "float64")],
        output=Output("multiclass", "kind", "p", [1, 2, 3]),
        policy=Policy(unknown="flag", outside="reject"),
        files={},
        identifiers=[],
    )
    return _export(tmp_path / "flowers", graph, about, {})


@pytest.fixture
def houses(tmp_path: Path) -> Path:
    """A value of a count and a flag: 3 * rooms + garden."""
    graph = helper.make_graph(
        [
            helper.make_node("Cast", ["int64"], ["rooms"], to=TensorProto.DOUBLE),
            helper.make_node("Cast", ["bool"], ["garden"], to=TensorProto.DOUBLE),
            helper.make_node("Mul", ["rooms", "three"], ["threefold"]),
            helper.make_node("Add", ["threefold", "garden"], ["value"]),
        ],
        "houses",
        [_value("int64", 1, TensorProto.INT64), _value("bool", 1, TensorProto.BOOL)],
        [_value("value", 1, TensorProto.DOUBLE)],
        [_constant("three", np.array(3.0))],
    )
    about = Manifest(
        format=1,
        name="houses",
        inputs=[Input("rooms", "int64"), Input("garden", "bool")],
        output=Output("regression", "value", "value"),
        policy=Policy(unknown="flag", outside="reject"),
        files={},
        identifiers=["street"],
    )
    return _export(tmp_path / "houses", graph, about, {})


@pytest.fixture
def pots() -> pd.DataFrame:
    """A hundred rows for `paint`, with gaps where they may be."""
    rng = np.random.default_rng(1)
    return pd.DataFrame(
        {
            "id": [f"{n:03d}" for n in range(100)],
            "litres": rng.integers(1, 100, 100) / 4,
            "colour": rng.choice(np.array(["red", "blue", None]), 100),
            "price": np.where(rng.random(100) < 0.2, np.nan, rng.integers(1, 50, 100)),
            "shop": rng.choice(["north", "south", "east"], 100),
        }
    )


def write(rows: pd.DataFrame, path: Path) -> Path:
    """By suffix."""
    if path.suffix == ".parquet":
        rows.to_parquet(path, index=False)
    else:
        rows.to_csv(path, index=False)
    return path


def read(path: Path) -> pd.DataFrame:
    if path.suffix == ".parquet":
        return pd.read_parquet(path)
    return pd.read_csv(path, dtype={"id": "str"})
