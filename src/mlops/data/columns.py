"""What each column of the raw tables may hold by its schema, and what it holds."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from pandera.dtypes import String

from mlops.contract import Schema
from mlops.data.findings import examples
from mlops.data.read import RawTable


def columns(
    tables: Mapping[str, RawTable], schemas: Mapping[str, Schema]
) -> dict[str, dict[str, dict[str, Any]]]:
    """By table and column: `type`, `rules` and `pattern` of its schema, `nullable`, `missing` rows.

    Numbers have their `smallest` and `largest` value, others the number of `distinct` ones and the
    `most_frequent` with how many `times`, unless all differ. Of a column that its schema marks as
    `sensitive` no value is told.
    """
    return {
        name: {
            column: _facts(table.frame[column], declared)
            for column, declared in schemas[name].columns.items()
        }
        for name, table in tables.items()
    }


def _facts(values: pd.Series, column: Any) -> dict[str, Any]:
    declared = _declared(column)
    return declared | _found(values, declared["sensitive"])


def _declared(column: Any) -> dict[str, Any]:
    rules = [check.error or str(check.name) for check in column.checks]
    patterns = [(check.statistics or {}).get("pattern") for check in column.checks]
    return {
        "type": "text" if isinstance(column.dtype, String) else str(column.dtype),
        "rules": rules,
        "pattern": next((str(pattern) for pattern in patterns if pattern is not None), None),
        "nullable": bool(column.nullable),
        "sensitive": bool((column.metadata or {}).get("sensitive", False)),
    }


def _found(values: pd.Series, sensitive: bool) -> dict[str, Any]:
    missing = {"missing": int(values.isna().sum())}
    if values.dtype.kind in "iuf":
        ends = {"smallest": values.min(), "largest": values.max()}
        return missing | ({} if sensitive else {name: end.item() for name, end in ends.items()})
    times = values.value_counts()
    found = missing | {"distinct": len(times)}
    if sensitive or not len(times) or times.iloc[0] == 1:
        return found
    most = min(times.index[times == times.iloc[0]], key=str)  # of ties, the same one each time
    return found | {"most_frequent": examples([most])[0], "times": int(times.iloc[0])}
