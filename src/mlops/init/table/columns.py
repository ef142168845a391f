"""What each column of the file holds: whole numbers, numbers, texts, dates or nothing."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import pairwise
from math import isfinite
from typing import Literal

from mlops.errors import DataError
from mlops.init.table.csvfile import File

Kind = Literal["whole", "number", "text", "date", "empty"]

PANDAS = (
    *("", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN"),
    *("<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null"),
)
"""What pandas.read_csv takes for a gap."""
GAPS = frozenset(
    (
        *(*PANDAS[1:], "?", "-", "--", ".", "#DIV/0!", "#REF!", "#VALUE!"),
        *("inf", "-inf", "+inf", "Inf", "-Inf", "Infinity", "-Infinity", "infinity", "-infinity"),
    )
)
"""What people write for one, too; no model can take an infinite number."""
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
DECIMAL_COMMA = re.compile(r"[+-]?\d+(,\d+)?", re.ASCII)
WHOLE = re.compile(r"[+-]?\d{1,15}", re.ASCII)  # beyond fifteen digits it is no number but a name
CODE = re.compile(r"0\d+|\d{16,}", re.ASCII)  # 007 is not 7
MIXED = 0.5  # share of numbers from which a text among many is taken for a mistake
FEW = 20  # distinct values that a column of numbers and texts may have, and be codes
DATES = (
    "%Y-%m-%d",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%dT%H:%M:%SZ",
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%dT%H:%M:%S.%f",
    "%Y/%m/%d",
    "%Y/%m/%d %H:%M",
    "%Y-%m",
    "%d.%m.%Y",
    "%d.%m.%Y %H:%M",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d/%m/%Y %H:%M",
    "%m/%d/%Y %H:%M",
    "%d-%m-%Y",
    "%d %b %Y",
    "%b %d, %Y",
)
NAMED_DAYS = re.compile(r"date|day|time", re.IGNORECASE)  # of columns that read 20130131
YEARS = range(1800, 2200)
LONGEST_NAME = 40
SAFE = re.compile(r"[A-Za-z][A-Za-z0-9_]*", re.ASCII)
TAKEN = re.compile(r"(.*_)?prediction(_.*)?|table|level_\d+|index", re.IGNORECASE)
"""Names that the machinery gives to columns of its own."""


@dataclass(frozen=True)
class Column:
    """A column, under the name that it gets.

    cells: one for each row, empty for a gap; numbers have a decimal point. format: of dates, as
    strptime has it.
    """

    name: str
    header: str
    kind: Kind
    cells: Sequence[str]
    format: str = ""
    decimal_comma: bool = False
    ambiguous: bool = False
    """Whether day and month could be the other way round."""

    @cached_property
    def counts(self) -> Counter[str]:
        """How often each value occurs; gaps do not count."""
        return Counter(cell for cell in self.cells if cell)

    @property
    def filled(self) -> int:
        return self.counts.total()

    @property
    def gaps(self) -> int:
        return len(self.cells) - self.filled

    @property
    def numeric(self) -> bool:
        return self.kind in ("whole", "number")


def columns(file: File) -> list[Column]:
    """Every column of the file, with an empty cell for each word that stands for a gap.

    Raises DataError for numbers with a few texts among them that mark no gap.
    """
    names = named(file.header)
    found = []
    for at, (header, name) in enumerate(zip(file.header, names, strict=True)):
        cells = ["" if row[at] in GAPS else row[at] for row in file.rows]
        found.append(_column(file, name, header, cells))
    return found


def named(header: Iterable[str]) -> list[str]:
    """Names for code and requests: as they are if they are plain, else letters, digits and `_`."""
    names: list[str] = []
    for place, original in enumerate(header, start=1):
        name = _plain(original) or f"column_{place}"
        base, number = name, 2
        while name.lower() in {other.lower() for other in names}:
            name, number = f"{base}_{number}", number + 1
        names.append(name)
    return names


def _plain(original: str) -> str:
    name = original
    if not (SAFE.fullmatch(name) and len(name) <= LONGEST_NAME):
        ascii_only = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
        name = re.sub(r"[^0-9A-Za-z]+", "_", ascii_only).strip("_").lower()
        name = name[:LONGEST_NAME].strip("_")
    if name and not name[0].isalpha():
        name = f"column_{name}"
    return f"given_{name}" if TAKEN.fullmatch(name) else name


def _column(file: File, name: str, header: str, cells: list[str]) -> Column:
    distinct = sorted(set(cells) - {""})
    if not distinct:
        return Column(name, header, "empty", cells)
    comma = file.separator != "," and any("," in cell for cell in distinct)
    if comma and all(DECIMAL_COMMA.fullmatch(cell) for cell in distinct):
        points = {cell: cell.replace(",", ".") for cell in distinct}
        cells = [points.get(cell, "") for cell in cells]
        return Column(name, header, "number", cells, decimal_comma=True)
    formats = _formats(distinct, name)
    if formats:
        form = max(formats, key=lambda form: _in_order(cells, form))
        return Column(name, header, "date", cells, form, ambiguous=len(formats) > 1)
    if any(CODE.fullmatch(cell) for cell in distinct):
        return Column(name, header, "text", cells)
    numbers = {cell for cell in distinct if _is_number(cell)}
    if len(numbers) == len(distinct):
        whole = all(WHOLE.fullmatch(cell) for cell in distinct)
        return Column(name, header, "whole" if whole else "number", cells)
    if len(distinct) > FEW and len(numbers) > MIXED * len(distinct):
        _mixed(file, header, cells, numbers)
    return Column(name, header, "text", cells)


def _is_number(cell: str) -> bool:
    return bool(NUMBER.fullmatch(cell)) and isfinite(float(cell))


def _formats(distinct: Sequence[str], name: str) -> list[str]:
    """The formats of dates that every value has; for `01/02/2013` these are two."""
    forms = [*DATES, "%Y%m%d"] if NAMED_DAYS.search(name) else list(DATES)
    for cell in distinct:
        forms = [form for form in forms if _date(cell, form)]
        if not forms:
            return []
    return forms


def _date(cell: str, form: str) -> datetime | None:
    if form == "%Y%m%d" and len(cell) != 8:
        return None
    try:
        found = datetime.strptime(cell, form)  # noqa: DTZ007 - days, whatever the zone
    except ValueError:
        return None
    return found if found.year in YEARS else None


def dates(column: Column) -> list[datetime | None]:
    """The dates of a column, None for a gap."""
    known = {cell: _date(cell, column.format) for cell in column.counts}
    return [known.get(cell) for cell in column.cells]


def _in_order(cells: Sequence[str], form: str) -> int:
    """How many rows are not before the row above: of two readings, the one in order is right."""
    known: Mapping[str, datetime | None] = {cell: _date(cell, form) for cell in set(cells) - {""}}
    days = [day for cell in cells if cell and (day := known[cell])]
    return sum(before <= after for before, after in pairwise(days))


def _mixed(file: File, header: str, cells: Sequence[str], numbers: set[str]) -> None:
    at = next(row for row, cell in enumerate(cells) if cell and cell not in numbers)
    strange = sum(bool(cell) and cell not in numbers for cell in cells)
    raise DataError(
        f"{file.name}, line {file.lines[at]}, column {header!r}: expected a number as in most "
        f"rows, found {cells[at][:40]!r}; so in {strange:,} of {len(cells):,} rows. Mend these "
        f"cells, or leave them empty, or remove the column",
        file=file.name,
        line=file.lines[at],
    )
