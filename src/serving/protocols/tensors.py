"""Tensors of the Open Inference Protocol to columns, and answers to tensors.

A tensor is a column, of the shape [n] or [n, 1]; its data comes as JSON, flat or nested, or as
bytes, little-endian, texts each behind their length in four bytes.
"""

import struct
from collections.abc import Sequence
from itertools import chain
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from serving.errors import Rejected, shown
from serving.inputs import Column
from serving.manifest import Kind, Output

NUMBERS: dict[str, np.dtype[Any]] = {
    "FP32": np.dtype("<f4"),
    "FP64": np.dtype("<f8"),
    **{f"INT{bits}": np.dtype(f"<i{bits // 8}") for bits in (8, 16, 32, 64)},
    **{f"UINT{bits}": np.dtype(f"<u{bits // 8}") for bits in (8, 16, 32, 64)},
    "BOOL": np.dtype("u1"),
}
OF_KIND: dict[Kind, str] = {
    "text": "BYTES",
    "float32": "FP32",
    "float64": "FP64",
    "int64": "INT64",
    "bool": "BOOL",
}
DATATYPES = (*NUMBERS, "BYTES")
_BESIDES: dict[str, set[type]] = {"BYTES": {str}, "BOOL": {bool}}
_TYPES: dict[str, set[type]] = {
    datatype: {type(None), *_BESIDES.get(datatype, {int, float} if datatype[0] == "F" else {int})}
    for datatype in DATATYPES
}
"""What a datatype's values are in JSON; null is a gap."""


class Tensor(msgspec.Struct):
    """An input, as it stands in the JSON."""

    name: str
    shape: list[int]
    datatype: str
    data: list[Any] | None = None
    parameters: dict[str, Any] | None = None


def rows_of(tensor: Tensor) -> int:
    """The number of rows that a shape tells. Raises Rejected when it is not a column's."""
    shape = tensor.shape
    if not shape or shape[0] < 1 or (len(shape) > 1 and shape[1:] != [1]):
        raise Rejected(
            "rows" if shape[:1] == [0] else "format",
            f"input {shown(tensor.name)}: expected the shape [n] or [n, 1] of a column with at "
            f"least one row, found {shown(shape)}",
        )
    return shape[0]


def check_type(tensor: Tensor, kind: Kind | None) -> None:
    """Raises Rejected unless the tensor holds what an input of this kind does; None is any."""
    datatype = tensor.datatype
    if datatype not in DATATYPES:
        expected = f"one of {', '.join(DATATYPES)}"
    elif kind is None or datatype == OF_KIND[kind]:
        return
    elif kind == "text" or datatype in ("BYTES", "BOOL"):
        expected = OF_KIND[kind]
    else:  # any number does for another
        return
    raise Rejected(
        "type", f"input {shown(tensor.name)}: expected {expected}, found {shown(datatype)}"
    )


def from_json(tensor: Tensor, rows: int) -> list[Any]:
    """The data of a tensor, checked against its shape and its datatype; None is a gap."""
    values = tensor.data or []
    if values and all(type(value) is list and len(value) == 1 for value in values):
        values = list(chain.from_iterable(values))
    if len(values) != rows:
        raise _count(tensor, rows, len(values))
    allowed = _TYPES[tensor.datatype]
    if not allowed.issuperset(map(type, values)):
        at, value = next((at, v) for at, v in enumerate(values) if type(v) not in allowed)
        raise Rejected(
            "type",
            f"row {at}, input {shown(tensor.name)}: expected {tensor.datatype}, "
            f"found {shown(value)}",
        )
    return values


def size_of(tensor: Tensor) -> int:
    """How many bytes behind the JSON are this tensor's."""
    size = (tensor.parameters or {}).get("binary_data_size")
    if type(size) is not int or size < 0:
        raise Rejected(
            "format",
            f"input {shown(tensor.name)}: expected data, or a binary_data_size with as many bytes "
            "behind the JSON",
        )
    return size


def from_bytes(tensor: Tensor, raw: bytes, rows: int) -> Column:
    """The values of a tensor behind the JSON, checked against its shape."""
    if tensor.datatype == "BYTES":
        return _texts(tensor, raw, rows)
    dtype = NUMBERS[tensor.datatype]
    if len(raw) != rows * dtype.itemsize:
        raise Rejected(
            "format",
            f"input {shown(tensor.name)}: expected {rows * dtype.itemsize} bytes for {rows} "
            f"{tensor.datatype}, found {len(raw)}",
        )
    return np.frombuffer(raw, dtype)


def label_type(output: Output) -> str:
    """The datatype of a classifier's labels."""
    kinds = set(map(type, output.classes))
    if str in kinds:
        return "BYTES"
    if kinds == {bool}:
        return "BOOL"
    return "FP64" if float in kinds else "INT64"


def to_bytes(values: Sequence[Any] | NDArray[Any], datatype: str) -> bytes:
    """The bytes of an answer's tensor."""
    if datatype == "BYTES":
        texts = [str(value).encode() for value in values]
        return b"".join(struct.pack("<I", len(text)) + text for text in texts)
    return np.asarray(values, NUMBERS[datatype]).tobytes()


def _texts(tensor: Tensor, raw: bytes, rows: int) -> list[str]:
    texts: list[str] = []
    at = 0
    while at < len(raw):
        begin = at + 4
        at = begin + int.from_bytes(raw[at:begin], "little")
        if begin > len(raw) or at > len(raw):
            raise Rejected(
                "format",
                f"row {len(texts)}, input {shown(tensor.name)}: the text ends behind the tensor",
            )
        try:
            texts.append(raw[begin:at].decode())
        except UnicodeDecodeError:
            raise Rejected(
                "format", f"row {len(texts)}, input {shown(tensor.name)}: expected UTF-8"
            ) from None
    if len(texts) != rows:
        raise _count(tensor, rows, len(texts))
    return texts


def _count(tensor: Tensor, rows: int, found: int) -> Rejected:
    return Rejected(
        "format",
        f"input {shown(tensor.name)}: expected the {rows} values that its shape tells, "
        f"found {found}",
    )
