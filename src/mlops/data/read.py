"""The raw tables, read file by file, with every row's way back to its line."""

import io
import re
from bisect import bisect_right
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pandas.errors import ParserError
from pandera.dtypes import String

from mlops.contract import Schema, Tables
from mlops.data.findings import EXAMPLES, Finding, examples, wrong_header


@dataclass(frozen=True)
class RawTable:
    """A table, put together from its files in the order of their names.

    `starts[i]` is the row of `frame` with which `files[i]` begins. `periods[i]` is the file's
    period, empty for a table in one file. `mistyped` names the columns that hold something else
    than the numbers they were declared to hold.
    """

    frame: pd.DataFrame
    files: list[Path]
    periods: list[str]
    starts: list[int]
    mistyped: tuple[str, ...] = ()

    def place(self, row: int) -> tuple[Path, int]:
        """The file of a row, and its line there (the header is line 1)."""
        file = bisect_right(self.starts, row) - 1
        return self.files[file], row - self.starts[file] + 2


def frames(tables: dict[str, RawTable]) -> Tables:
    """The tables as a problem folder's functions take them."""
    return {name: table.frame for name, table in tables.items()}


def read(folder: Path, schemas: dict[str, Schema]) -> tuple[dict[str, RawTable], list[Finding]]:
    """Read every table that has a schema; a table whose files cannot be read is left out.

    Returns the tables and what is wrong with files, headers and types.
    """
    tables: dict[str, RawTable] = {}
    findings: list[Finding] = []
    for name, schema in schemas.items():
        table, wrong = _read_table(folder, name, schema)
        findings += wrong
        if table is not None:
            tables[name] = table
    return tables, findings


def files_of(folder: Path, name: str) -> list[Path]:
    """NAME.csv, or else all NAME-PERIOD.csv in order."""
    whole = folder / f"{name}.csv"
    return [whole] if whole.exists() else sorted(folder.glob(f"{name}-*.csv"))


def _read_table(folder: Path, name: str, schema: Schema) -> tuple[RawTable | None, list[Finding]]:
    files = files_of(folder, name)
    if not files:
        return None, [Finding(str(folder / f"{name}.csv"), "", "the file, which is missing")]
    pieces: list[pd.DataFrame] = []
    findings: list[Finding] = []
    for file in files:
        read = _read_file(file, schema)
        if isinstance(read, pd.DataFrame):
            pieces.append(read)
        else:
            findings += read
    if findings:
        return None, findings
    starts = [0]
    for piece in pieces[:-1]:
        starts.append(starts[-1] + len(piece))
    frame = pieces[0] if len(pieces) == 1 else pd.concat(pieces, ignore_index=True)
    periods = [file.stem.removeprefix(name).removeprefix("-") for file in files]
    table = RawTable(frame, files, periods, starts)
    wrong = _numbers(table, schema)
    return replace(table, mistyped=tuple(dict.fromkeys(f.column for f in wrong))), wrong


def _read_file(file: Path, schema: Schema) -> pd.DataFrame | list[Finding]:
    expected = list(schema.columns)
    content = file.read_bytes()
    wrong = _not_a_table(str(file), content)
    if wrong:
        return [wrong]
    header = content.split(b"\n", 1)[0].decode("utf-8").rstrip("\r").split(",")
    findings = wrong_header(str(file), [name.strip('"') for name in header], expected)
    if findings:
        return findings
    texts = [name for name in expected if isinstance(schema.columns[name].dtype, String)]
    try:
        frame = pd.read_csv(io.BytesIO(content), low_memory=False)
        guessed = [name for name in texts if not isinstance(frame[name].dtype, pd.StringDtype)]
        if guessed:  # digits alone are guessed to be numbers, and 007 would become 7
            kinds = dict.fromkeys(guessed, "str")
            frame = pd.read_csv(io.BytesIO(content), low_memory=False, dtype=kinds)
    except ParserError as reason:
        why = str(reason).removeprefix("Error tokenizing data. C error: ").strip()
        at = re.search(r"line (\d+)", why)
        return [_ragged(file, why, (int(at.group(1)),) if at else ())]
    if not isinstance(frame.index, pd.RangeIndex):  # pandas takes a surplus cell for a row's name
        return [_ragged(file, "each line has more", (2,))]
    if frame.empty:
        return [Finding(str(file), "", "rows; there is only a header")]
    return frame[expected]


def _ragged(file: Path, why: str, lines: tuple[int, ...]) -> Finding:
    expected = f"as many cells in each line as in the header ({why})"
    return Finding(str(file), "", expected, lines=lines)


def _not_a_table(file: str, content: bytes) -> Finding | None:
    """What makes the bytes no text table at all: empty, not UTF-8, cut off."""
    if not content.strip():
        return Finding(file, "", "a header and rows; the file is empty")
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as wrong:
        line = content.count(b"\n", 0, wrong.start) + 1
        sample = repr(content[wrong.start : wrong.start + 4])
        return Finding(file, "", "UTF-8 text", lines=(line,), samples=(sample,))
    if not content.endswith(b"\n"):
        line = content.count(b"\n") + 1
        return Finding(file, "", "a line end at the end; the file is truncated", lines=(line,))
    return None


def _numbers(table: RawTable, schema: Schema) -> list[Finding]:
    """Make every column numeric that the schema wants so; a finding for each that is not."""
    findings = []
    for name, declared in schema.columns.items():
        kind = str(declared.dtype)
        if kind.startswith(("int", "float")):
            numbers, wrong = _as_numbers(table.frame[name], kind)
            if wrong.any():
                what = "a whole number" if kind.startswith("int") else "a number"
                findings += located(table, name, what, np.flatnonzero(wrong).tolist())
            table.frame[name] = numbers
    return findings


def _as_numbers(column: pd.Series, kind: Any) -> tuple[pd.Series, pd.Series]:
    """The column in the numeric type `kind` as far as that goes, and which values do not go."""
    numeric = column.dtype.kind in "if"
    numbers = column if numeric else pd.to_numeric(column, errors="coerce")
    wrong = numbers.isna() & column.notna()
    if kind.startswith("int") and numbers.dtype.kind == "f":
        wrong = numbers.isna() | (numbers % 1 != 0)
    return (numbers if wrong.any() else numbers.astype(kind)), wrong


def located(
    table: RawTable, column: str, check: str, rows: list[int], values: pd.Series | None = None
) -> list[Finding]:
    """A finding per file for the rows of `table` at fault, with lines and samples of `values`.

    `values` are the column's own where nothing else is given.
    """
    if values is None and column in table.frame:
        values = table.frame[column]
    by_file: dict[Path, list[int]] = {}
    for row in sorted(rows):
        by_file.setdefault(table.place(row)[0], []).append(row)
    return [
        Finding(
            str(file),
            column,
            check,
            count=len(at_fault),
            lines=tuple(table.place(row)[1] for row in at_fault[:EXAMPLES]),
            samples=() if values is None else examples(values.iloc[at_fault]),
        )
        for file, at_fault in by_file.items()
    ]
