"""The table features that the server carries."""

from typing import Any

import msgspec
import pandas as pd

from serving.manifest import Table

ISO = r"\d{4}-\d\d-\d\d"  # how a time begins


def take(
    name: str,
    table: pd.DataFrame,
    keys: list[str],
    columns: list[str],
    *,
    since: str | None,
    carried_forward: bool,
) -> tuple[Table, bytes]:
    """What the manifest says of a table, and the content of its file.

    Of a table with a time among its keys, rows before `since` are left out: the past is not asked
    for any more.
    """
    time = next((key for key in keys if _is_time(table[key])), None)
    if time and since:
        table = table[table[time] >= since]
    table = table.sort_values(keys)
    content = {
        "keys": _rows(table[keys]),
        "values": _rows(table[columns]),
    }
    file = f"tables/{name}.json"
    about = Table(
        name=name,
        file=file,
        keys=keys,
        columns=columns,
        rows=len(table),
        time=time,
        newest=str(table[time].max()) if time and len(table) else None,
        carried_forward=carried_forward,
    )
    return about, msgspec.json.encode(content)


def day(blocks: pd.Series) -> str | None:
    """The first of the blocks when they are dates."""
    return str(blocks.min()) if _is_time(blocks) else None


def _is_time(values: pd.Series) -> bool:
    return bool(
        pd.api.types.is_string_dtype(values.dtype)
        and len(values)
        and values.dropna().str.match(ISO).all()
    )


def _rows(table: pd.DataFrame) -> list[list[Any]]:
    plain = table.astype(object).where(table.notna(), None)
    return plain.to_numpy(dtype=object).tolist()
