"""A CSV with a header, in UTF-8, read as pandas reads it: the same cells are gaps.

A column of numbers is known by the manifest, not by its cells.
"""

import csv
import io
import math
from itertools import islice

from serving.errors import Rejected, shown
from serving.inputs import Column
from serving.manifest import Kind, Manifest
from serving.protocols import columns
from serving.protocols.columns import Table

GAPS = frozenset(
    {"", "#N/A", "#N/A N/A", "#NA", "<NA>", "N/A", "NA", "n/a", "NULL", "null", "None"}
    | {"NaN", "nan", "-NaN", "-nan", "1.#IND", "-1.#IND", "1.#QNAN", "-1.#QNAN"}
)
"""The cells of a CSV that pandas reads as gaps."""
TRUTH = {"true": True, "TRUE": True, "True": True, "false": False, "FALSE": False, "False": False}


def read(body: bytes, manifest: Manifest, row_limit: int | None = None) -> Table:
    """The columns and the number of rows. Raises Rejected, naming the line, counted from 1."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as broken:
        line = body.count(b"\n", 0, broken.start) + 1
        raise Rejected("format", f"line {line}: not UTF-8") from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        names = next(filter(None, reader), None)
        if names is None:
            raise Rejected("format", "line 1: expected the names of the columns, found nothing")
        columns.check(names, manifest)
        most = None if row_limit is None else row_limit + 1
        rows = list(islice(filter(None, reader), most))
    except csv.Error as broken:
        raise Rejected("format", f"line {reader.line_num}: {broken}") from None
    if row_limit is not None and len(rows) > row_limit:
        raise columns.too_many_rows(row_limit)
    if not rows:
        raise Rejected("rows", f"line {reader.line_num}: no row follows the names; send one")
    width = len(names)
    if set(map(len, rows)) != {width}:
        at, row = next((at, row) for at, row in enumerate(rows) if len(row) != width)
        raise Rejected(
            "format",
            f"line {_line(text, at)}: expected {width} cells, one a column, found {len(row)}",
        )
    kinds: dict[str, Kind] = {key.name: "float64" for key in manifest.keys if key.kind == "number"}
    kinds |= {declared.name: declared.kind for declared in manifest.inputs}
    table: dict[str, Column] = {}
    for name, cells in zip(names, zip(*rows, strict=True), strict=True):
        kind = kinds.get(name, "text")
        if kind == "text":
            table[name] = [None if cell in GAPS else cell for cell in cells]
        else:
            table[name] = _numbers(name, kind, cells, text)
    columns.distinct(names, table, "column")
    return table, len(rows)


def _numbers(name: str, kind: Kind, cells: tuple[str, ...], text: str) -> list[float | None]:
    words = TRUTH if kind == "bool" else {}
    whole = "".join(cells)
    plain = whole.isascii() and "_" not in whole  # Python alone reads 1_000 and other scripts
    numbers: list[float | None] = []
    for at, cell in enumerate(cells):
        if cell in GAPS:
            numbers.append(None)
        elif cell in words:
            numbers.append(words[cell])
        else:
            try:
                number = float(cell)
                if math.isnan(number) or not (plain or (cell.isascii() and "_" not in cell)):
                    raise ValueError  # noqa: TRY301 - as float does
                numbers.append(number)
            except ValueError:
                expected = "true or false" if kind == "bool" else "a number"
                raise Rejected(
                    "type",
                    f"line {_line(text, at)}, column {shown(name)}: expected {expected}, "
                    f"found {shown(cell)}",
                ) from None
    return numbers


def _line(text: str, row: int) -> int:
    """The line of a CSV on which a row begins; rows are counted from 0, below the header."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    begins, below = 1, -1
    for found in reader:
        if found:
            if below == row:
                break
            below += 1
        begins = reader.line_num + 1
    return begins
