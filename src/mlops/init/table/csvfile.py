"""The user's file: a header and rows of cells, or one paragraph that says why it is no table."""

import csv
import io
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from mlops.errors import DataError

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
OTHER_FORMATS = {
    b"PK\x03\x04": "a spreadsheet or an archive",
    b"PAR1": "Parquet",
    b"\x1f\x8b": "gzip",
}
LOOK = 200  # rows that tell the separator


@dataclass(frozen=True)
class File:
    """A table of texts as it was read.

    content: the file's own bytes. rows: cells in the order of `header`, white space folded, without
    rows that are empty. lines: where each row ends in the file, from 1.
    """

    name: str
    content: bytes
    separator: str
    header: tuple[str, ...]
    rows: list[list[str]]
    lines: list[int]


def read(path: Path) -> File:
    """Read a CSV in UTF-8 with a header, separated by commas, semicolons, tabs or bars.

    Raises DataError that says what is wrong, in which line, and what to do.
    """
    name = str(path)
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise DataError(
            f"{name}: there is no such file. Give the path of a CSV file", file=name
        ) from None
    except OSError as reason:
        raise DataError(f"{name}: cannot be read: {reason.strerror}", file=name) from None
    text = _text(name, content)
    separator = _separator(name, text)
    header, rows, lines = _cells(name, text, separator)
    return File(name, content, separator, header, rows, lines)


def folded(cell: str) -> str:
    """A cell without white space at its ends, and with single blanks for line ends within it."""
    return " ".join(cell.split())


def _text(name: str, content: bytes) -> str:
    for start, what in OTHER_FORMATS.items():
        if content.startswith(start):
            raise DataError(
                f"{name}: is {what}, not a CSV. Save the table as CSV (UTF-8)", file=name
            )
    if not content.strip():
        raise DataError(f"{name}: expected a header and rows; the file is empty", file=name)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        line = content.count(b"\n", 0, wrong.start) + 1
        sample = content[wrong.start : wrong.start + 4]
        raise DataError(
            f"{name}, line {line}: expected UTF-8, found {sample!r}. "
            f"Convert the file, for instance with `iconv -f WINDOWS-1252 -t UTF-8`",
            file=name,
            line=line,
        ) from None
    if "\0" in text:
        raise DataError(f"{name}: is binary, not a CSV. Save the table as CSV (UTF-8)", file=name)
    return text


def _separator(name: str, text: str) -> str:
    """The one by which most of the first rows have as many cells as the header, two or more."""
    best, most = "", (0.0, 0)
    for separator in SEPARATORS:
        try:
            reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
            widths = [len(row) for row, _ in zip(reader, range(LOOK), strict=False) if row]
        except csv.Error:
            continue
        if not widths or widths[0] < 2:
            continue
        found = (Counter(widths)[widths[0]] / len(widths), widths[0])
        if found > most:
            best, most = separator, found
    if not best:
        raise DataError(
            f"{name}: expected a header of at least two columns, separated by "
            f"{', '.join(SEPARATORS.values())}; found {text.splitlines()[0][:80]!r}. A table needs "
            f"a column to predict and one to predict it from",
            file=name,
        )
    return best


def _cells(
    name: str, text: str, separator: str
) -> tuple[tuple[str, ...], list[list[str]], list[int]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    rows: list[list[str]] = []
    lines: list[int] = []
    try:
        header = tuple(folded(cell) for cell in next(row for row in reader if row))
        for raw in reader:
            row = [folded(cell) for cell in raw]
            if not any(row):
                continue
            if len(row) != len(header):
                raise DataError(
                    f"{name}, line {reader.line_num}: expected {len(header)} cells, separated by "
                    f"{SEPARATORS[separator]}, as in the header; found {len(row)}. Quote cells "
                    f"that contain the separator",
                    file=name,
                    line=reader.line_num,
                )
            rows.append(row)
            lines.append(reader.line_num)
    except csv.Error as reason:
        raise DataError(
            f"{name}, line {reader.line_num}: is no CSV: {reason}", file=name, line=reader.line_num
        ) from None
    _check_header(name, header)
    if not rows:
        raise DataError(f"{name}: expected rows; there is only a header", file=name)
    return header, rows, lines


def _check_header(name: str, header: tuple[str, ...]) -> None:
    twice = [cell for cell, times in Counter(filter(None, header)).items() if times > 1]
    if twice:
        raise DataError(
            f"{name}, line 1: expected each column once, found {twice[0]!r} "
            f"{header.count(twice[0])} times. Rename one of them",
            file=name,
            line=1,
        )
    if all(_is_number(cell) for cell in header):
        raise DataError(
            f"{name}, line 1: expected the names of the columns, found only numbers: "
            f"{', '.join(header[:5])}. Put a header above the rows",
            file=name,
            line=1,
        )


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
