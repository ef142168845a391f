"""A table's columns as `serving.inputs` takes them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import compute
from pyarrow import types as is_of

from serving.inputs import Column
from serving.manifest import Kind


def columns(table: pa.Table, kinds: Mapping[str, Kind]) -> dict[str, Column]:
    """The columns of `kinds`, each `table.num_rows` values: numbers as they are or as float64 with
    NaN for a gap, texts as objects with None for one.

    A column of numbers that was read as texts becomes a list in which what is no number stays a
    text, for `serving.inputs` to refuse.
    """
    found: dict[str, Column] = {}
    for name, kind in kinds.items():
        column = table.column(name)
        array = column.chunk(0) if column.num_chunks else pa.nulls(0, column.type)
        if kind == "text":
            found[name] = _texts(array)
        elif is_of.is_string(array.type):
            found[name] = _as_far_as_numbers(array, kind)
        else:
            found[name] = _numbers(array)
    return found


def converted(array: pa.Array | pa.ChunkedArray, wanted: pa.DataType) -> pa.Array:
    """The values in another type. Raises ArrowInvalid when a text is not of that type."""
    if is_of.is_string(array.type) and not is_of.is_string(wanted):
        array = compute.utf8_trim_whitespace(array)  # as the CSV reader does
    return array.cast(wanted)


def _texts(array: pa.Array) -> NDArray[np.object_]:
    """Each distinct text becomes one object, to which its rows point."""
    coded = array if is_of.is_dictionary(array.type) else array.dictionary_encode()
    distinct = np.full(len(coded.dictionary) + 1, None, object)
    distinct[:-1] = coded.dictionary.to_numpy(zero_copy_only=False)
    codes = coded.indices.fill_null(len(distinct) - 1) if coded.null_count else coded.indices
    return distinct[codes.to_numpy(zero_copy_only=False)]


def _numbers(array: pa.Array) -> NDArray[Any]:
    plain = is_of.is_integer(array.type) or is_of.is_floating(array.type)
    if plain and not array.null_count:
        return array.to_numpy(zero_copy_only=False)
    return array.cast(pa.float64()).to_numpy(zero_copy_only=False)


def _as_far_as_numbers(array: pa.Array, kind: Kind) -> Column:
    wanted = pa.bool_() if kind == "bool" else pa.float64()
    try:
        return _numbers(converted(array, wanted))
    except pa.ArrowInvalid:
        coded = compute.utf8_trim_whitespace(array).dictionary_encode()
        distinct = [_number_or_text(text, wanted) for text in coded.dictionary]
        return [None if code is None else distinct[code] for code in coded.indices.to_pylist()]


def _number_or_text(text: pa.StringScalar, wanted: pa.DataType) -> Any:
    try:
        return text.cast(wanted).as_py()
    except pa.ArrowInvalid:
        return text.as_py()
