"""A file's columns, as they stand in it: numbers, texts, gaps, and nothing checked."""

import gzip
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
from pyarrow import types as is_of

from mlops.batch.reading import opened
from mlops.errors import DataError
from mlops.monitor.result import NoData
from mlops.replay.traffic import recorded
from serving.manifest import Kind

READ = ".csv, .csv.gz, .parquet or .jsonl"
CAPTURED = ".jsonl"


@dataclass(frozen=True)
class Raw:
    """Some columns of a file, and the names of all."""

    path: Path
    names: list[str]
    columns: pd.DataFrame
    """The wanted columns that are there: int64, float64 with NaN for a gap, bool, text with NaN
    for one, or, of captured rows, objects as JSON has them."""
    place: Callable[[int], tuple[str, int | None]]
    """Where a row stands, counted from 0, for a person, and its line, if the file has lines."""
    left_out: pd.DataFrame = field(default_factory=pd.DataFrame)
    """Of captured rows, which of the columns a request did not have: bool, (rows, columns)."""


def of_file(path: Path, wanted: Collection[str], numbers: Collection[str] = ()) -> Raw:
    """The wanted columns of a CSV or Parquet file; `numbers` are those that should be numbers.

    Raises NoData for a file without rows, and DataError, with the line if one is at fault, for one
    that cannot be read.
    """
    if _is_empty(path):
        raise NoData(f"{path.name}: there are no rows in it")
    source = opened(path)
    is_csv = not path.name.endswith(".parquet")
    kinds: dict[str, Kind | None] = {
        name: "float64" if is_csv and name in numbers else None
        for name in source.names
        if name in wanted
    }
    if not kinds:
        return Raw(path, source.names, pd.DataFrame(), source.place)
    source.schema(kinds)
    tables = list(source.chunks(kinds, source.rows or 1 << 31, 0))
    if not tables:
        raise NoData(f"{path.name}: there are no rows in it")
    columns = {name: _series(path, name, tables[0].column(name)) for name in kinds}
    return Raw(path, source.names, pd.DataFrame(columns), source.place)


def of_capture(path: Path, prediction: list[str]) -> Raw:
    """The rows that a server wrote with `--capture`, oldest first, those of PATH.1 before PATH's.

    `prediction` are the names of what was answered. Raises NoData for files without rows, and
    DataError for a line that is none of a server's.
    """
    before = path.with_name(f"{path.name}.1")
    if not any(part.is_file() and part.stat().st_size for part in (before, path)):
        if path.exists():
            raise NoData(f"{path.name}: no request has been recorded in it")
        raise DataError(f"{path}: there is no such file; give one that is {READ}")
    rows = recorded(path, ())
    names = list(dict.fromkeys(name for row in rows for name in row.columns))
    columns: dict[str, list[Any]] = {n: [row.columns.get(n) for row in rows] for n in names}
    for at, name in enumerate(prediction):
        columns[name] = [_answer(path, row.score, at, len(prediction)) for row in rows]
    left_out = {name: [name not in row.columns for row in rows] for name in names}
    return Raw(
        path,
        names,
        pd.DataFrame(columns, dtype=object),
        lambda row: (f"row {row + 1}", None),
        pd.DataFrame(left_out, index=range(len(rows)), dtype=bool),
    )


def _answer(path: Path, score: float | list[float] | None, at: int, wanted: int) -> float | None:
    if score is None:
        return None
    scores = score if isinstance(score, list) else [score]
    if len(scores) != wanted:
        raise DataError(
            f"{path}: expected {wanted} number{'s' if wanted > 1 else ''} as a prediction, found "
            f"{len(scores)}; record the requests of this problem's model"
        )
    return scores[at]


def _is_empty(path: Path) -> bool:
    """Whether there is nothing but blank lines; what cannot be read is left to the reader."""
    if not path.is_file():
        return False
    if not path.name.endswith((".csv", ".csv.gz")):
        return not path.stat().st_size
    reading: Any = gzip.open if path.suffix == ".gz" else open
    try:
        with reading(path, "rb") as file:
            return not any(line.strip() for line in file)
    except (OSError, EOFError):
        return False


def _series(path: Path, name: str, column: pa.ChunkedArray) -> pd.Series:
    found = column.type.value_type if is_of.is_dictionary(column.type) else column.type
    if is_of.is_string(found) or is_of.is_large_string(found) or is_of.is_string_view(found):
        return column.cast(pa.string()).to_pandas()
    if is_of.is_date(found) or is_of.is_timestamp(found):
        return _times(pd.to_datetime(column.to_pandas()))
    if is_of.is_decimal(found) or is_of.is_null(found):
        return column.cast(pa.float64()).to_pandas()
    if is_of.is_integer(found) or is_of.is_floating(found) or is_of.is_boolean(found):
        return (column.cast(pa.float64()) if column.null_count else column).to_pandas()
    raise DataError(
        f"{path}, column {name!r}: expected numbers, texts or times, found {found}; "
        f"write the values one a cell"
    )


def _times(times: pd.Series) -> pd.Series:
    """As ISO 8601 has them: days where all are at midnight, else to the second."""
    days = (times.dropna() == times.dropna().dt.normalize()).all()
    zone = "Z" if times.dt.tz is not None else ""
    utc = times.dt.tz_convert("UTC") if zone and not days else times
    return utc.dt.strftime("%Y-%m-%d" if days else f"%Y-%m-%dT%H:%M:%S{zone}").astype("str")
