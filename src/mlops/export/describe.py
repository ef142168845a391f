"""The model's inputs, as the server checks them, from the schema and the training rows."""

from typing import Any

import numpy as np
import pandas as pd

from mlops.contract import Schema
from mlops.errors import DeclarationError
from serving.manifest import Input, Kind

MOST = 10_000  # distinct texts from which on a column is no category
KINDS: dict[str, Kind] = {"f4": "float32", "f8": "float64", "i8": "int64", "b1": "bool"}


def inputs(schema: Schema, rows: pd.DataFrame, tables: dict[str, list[str]]) -> list[Input]:
    """An Input per column of the schema; `tables` has the columns that each table looks up.

    Raises DeclarationError for a column whose type no request can carry.
    """
    looked_up = {column: table for table, columns in tables.items() for column in columns}
    return [
        _input(name, column, rows[name], looked_up.get(name))
        for name, column in schema.columns.items()
    ]


def _input(name: str, column: Any, values: pd.Series, table: str | None) -> Input:
    kind = _kind(name, values)
    rules = [check.statistics or {} for check in column.checks]
    bounds = {key: _rule(rules, key) for key in ("min_value", "max_value")}
    texts = sorted(values.dropna().unique()) if kind == "text" else []
    allowed = _rule(rules, "allowed_values") if kind == "text" else None
    return Input(
        name=name,
        kind=kind,
        nullable=bool(column.nullable),
        low=None if kind == "text" else _number(bounds["min_value"]),
        high=None if kind == "text" else _number(bounds["max_value"]),
        values=None if allowed is None else [str(value) for value in allowed],
        pattern=_rule(rules, "pattern") if kind == "text" else None,
        known=texts if kind == "text" and len(texts) <= MOST else None,
        table=table,
        sensitive=bool((column.metadata or {}).get("sensitive", False)),
    )


def _kind(name: str, values: pd.Series) -> Kind:
    if pd.api.types.is_string_dtype(values.dtype):
        return "text"
    numpy = getattr(values.dtype, "str", "")[1:] if isinstance(values.dtype, np.dtype) else ""
    if numpy not in KINDS:
        raise DeclarationError(
            f"src/problem/schema.py: FEATURES: {name} has the type {values.dtype}; a model that is "
            f"served takes str, {', '.join(KINDS.values())}",
            file="src/problem/schema.py",
        )
    return KINDS[numpy]


def _rule(rules: list[dict[str, Any]], key: str) -> Any:
    return next((rule[key] for rule in rules if rule.get(key) is not None), None)


def _number(bound: Any) -> float | None:
    return None if bound is None else float(bound)
