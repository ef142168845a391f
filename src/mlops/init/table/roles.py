"""What each column is for: target, key, block, time, an input, or nothing, and why."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import pairwise

from mlops.contract import Task
from mlops.errors import DataError, DeclarationError
from mlops.init.table.columns import Column, dates
from mlops.init.table.csvfile import File

CLASSES = 10  # distinct whole numbers up to which they are classes
MOST = 50  # distinct texts up to which a column is a category, or a target has classes
ROWS_OF_A_CLASS = 10  # under which a class cannot be learned and tested
LONGEST = 60  # letters of a category
ROWS_OF_A_LABEL = 5  # on average, or a category says too little of each
FEWEST_ROWS = 40  # with a target, under which nothing can be held out
FEWEST_BLOCKS = 30
FILLED = 0.05  # share of rows in which an input has a value, at least
POSITIVE = ("1", "yes", "y", "true", "t", "positive", "pos")
IDENTITY = re.compile(r"(?i:(.*_)?(id|uuid|guid|key|number|no|nr|index|row))|.*[a-z]I[dD]")
ENTITY = re.compile(r"(?i:(.*_)?(id|uuid|guid))|.*[a-z]I[dD]")
PERSONAL = re.compile(
    r".*(e_?mail|phone|mobile|address|ssn|passport|iban|birth|surname|firstname|lastname)"
    r".*|(.*_)?(name|dob|ip)",
    re.IGNORECASE,
)
A_TIME = re.compile(r".*(date|day|time|month|period|stamp|when)", re.IGNORECASE)
A_BIRTH = re.compile(r".*(birth|born|dob)", re.IGNORECASE)


@dataclass
class Roles:
    """Every column's part. `left_out` says of each that is none why.

    A binary target is 1 where it is `positive`; `classes` are the labels that are kept, as the
    file has them. `parts`: inputs made of the date, with what pandas calls them.
    """

    columns: list[Column]
    task: Task
    target: Column
    positive: str = ""
    classes: list[str] = field(default_factory=list)
    rare: list[str] = field(default_factory=list)
    key: Column | None = None
    block: Column | None = None
    time: Column | None = None
    numbers: list[str] = field(default_factory=list)
    categories: list[str] = field(default_factory=list)
    parts: dict[str, str] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    sensitive: tuple[str, ...] = ()

    @property
    def day(self) -> str:
        """The column that holds the date's day."""
        return self.free("day")

    @property
    def row(self) -> str:
        """The column that holds the row's number."""
        return self.free("row")

    @property
    def key_name(self) -> str:
        return self.key.name if self.key else self.row

    @property
    def block_name(self) -> str:
        if self.block:
            return self.block.name
        return self.day if self.time else self.key_name

    @property
    def inputs(self) -> tuple[str, ...]:
        return (*self.numbers, *self.parts, *self.categories)

    def free(self, name: str) -> str:
        """`name`, or what is like it and no column's."""
        taken = {column.name.lower() for column in self.columns}
        return name if name not in taken else self.free(f"{name}_")

    def leave_out(self, name: str, why: str) -> None:
        """Make an input none."""
        for inputs in (self.numbers, self.categories):
            if name in inputs:
                inputs.remove(name)
        self.parts.pop(name, None)
        self.left_out[name] = why

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)

    def kept(self) -> list[int]:
        """The rows with a target of a class that is kept, and with a day where days are blocks."""
        need = [c for c in (self.target, self.time, self.block) if c]
        return [
            row
            for row, label in enumerate(self.target.cells)
            if all(column.cells[row] for column in need) and label not in self.rare
        ]


def roles(
    file: File,
    columns: list[Column],
    target: str,
    *,
    kind: Task | None,
    key: str | None,
    block: str | None,
    time: str | None,
) -> Roles:
    """Find the parts that a person did not name.

    Raises DeclarationError for a column that is not there or cannot be what it is to be, and
    DataError for a table with too few rows.
    """
    goal = _named(file, columns, target)
    task = _task(file, goal, kind)
    found = Roles(columns, task, goal)
    if task != "regression":
        found.classes, found.rare = _classes(file, goal, task)
        found.positive = _positive(found.classes, goal) if task == "binary" else ""
    rest = [column for column in columns if column is not goal]
    found.key = _key(file, rest, _named(file, columns, key) if key else None)
    found.block = _named(file, columns, block) if block else None
    found.time = _time(file, rest, time)
    for column, what in ((found.key, "--key"), (found.block, "--block"), (found.time, "--time")):
        if column is goal:
            raise DeclarationError(
                f"{file.name}: {goal.header!r} is the target and cannot be {what} as well. Name "
                f"another column"
            )
    found.sensitive = tuple(c.name for c in columns if PERSONAL.fullmatch(c.name))
    _enough(file, found)
    kept = found.kept()
    for column in rest:
        _sort(found, column, kept)
    if found.time:
        found.parts = _parts(found, found.time)
    if not found.inputs:
        why = "; ".join(f"{name}: {reason}" for name, reason in found.left_out.items())
        raise DataError(
            f"{file.name}: no column is left that the target could be predicted from. {why}",
            file=file.name,
        )
    return found


def _named(file: File, columns: Sequence[Column], name: str) -> Column:
    for column in columns:
        if name in (column.header, column.name):
            return column
    headers = [column.header for column in columns if column.header]
    folded = {header.lower(): header for header in headers}
    close = get_close_matches(name.lower(), folded, n=1, cutoff=0.5)
    hint = f" Did you mean {folded[close[0]]!r}?" if close else ""
    there = ", ".join(headers[:20]) + (" …" if len(headers) > 20 else "")
    raise DeclarationError(
        f"{file.name}: there is no column {name!r}.{hint} The columns are {there}", file=file.name
    )


def _task(file: File, target: Column, kind: Task | None) -> Task:
    values = len(target.counts)
    where = f"{file.name}, column {target.header!r}"
    if values < 2:
        found = f"only {next(iter(target.counts))!r}" if values else "none"
        raise DeclarationError(
            f"{where}: expected at least two different values to predict, found {found}. Name "
            f"another column with --target",
            file=file.name,
        )
    if target.kind == "date":
        raise DeclarationError(
            f"{where}: a date cannot be predicted as it is. Add a column with a number, such as "
            f"the days until then, and name that",
            file=file.name,
        )
    if kind == "regression" and not target.numeric:
        sample = next(iter(target.counts))
        raise DeclarationError(
            f"{where}: a regression wants numbers, found {sample[:40]!r}. Leave --kind out, or "
            f"name another column",
            file=file.name,
        )
    if kind == "binary" and values != 2:
        raise DeclarationError(
            f"{where}: a binary problem wants two different values, found {values:,}. Leave "
            f"--kind out, or name another column",
            file=file.name,
        )
    many = values > MOST
    if (kind == "multiclass" or (kind is None and not target.numeric)) and many:
        raise DeclarationError(
            f"{where}: {values:,} different values are too many to be classes; {MOST} are the "
            f"most. Name another column, or group the values",
            file=file.name,
        )
    if kind:
        return kind
    if values == 2:
        return "binary"
    if target.kind == "text" or (target.kind == "whole" and values <= CLASSES):
        return "multiclass"
    return "regression"


def _classes(file: File, target: Column, task: Task) -> tuple[list[str], list[str]]:
    """The labels in their order, and those of too few rows."""
    order = sorted(target.counts, key=float) if target.numeric else sorted(target.counts)
    kept = [label for label in order if target.counts[label] >= ROWS_OF_A_CLASS]
    rare = [label for label in order if label not in kept]
    if len(kept) < 2 or (task == "binary" and rare):
        few = ", ".join(f"{label!r} in {target.counts[label]}" for label in rare[:5])
        raise DataError(
            f"{file.name}, column {target.header!r}: expected at least two values with "
            f"{ROWS_OF_A_CLASS} rows each, found {few}. Bring more rows, or name another column",
            file=file.name,
        )
    return kept, rare


def _positive(labels: list[str], target: Column) -> str:
    """The label that is 1: the one that says yes, or the rarer one."""
    for word in POSITIVE:
        for label in labels:
            if label.lower() == word or (target.numeric and float(label) == 1.0 and word == "1"):
                return label
    return min(labels, key=lambda label: (target.counts[label], label))


def _key(file: File, rest: Sequence[Column], wanted: Column | None) -> Column | None:
    if wanted:
        twice = [value for value, times in wanted.counts.items() if times > 1]
        if wanted.gaps or twice:
            found = f"{twice[0]!r} {wanted.counts[twice[0]]} times" if twice else "an empty cell"
            raise DeclarationError(
                f"{file.name}, column {wanted.header!r}: a key has another value in each row, "
                f"found {found}. Name another --key, or none: rows are numbered then",
                file=file.name,
            )
        return wanted
    unique = [c for c in rest if not c.gaps and len(c.counts) == len(c.cells) > 1]
    for column in unique:
        if column.kind in ("whole", "text") and (
            IDENTITY.fullmatch(column.name) or _counts_up(column)
        ):
            return column
    return next((c for c in unique if c.kind == "text" and not _has_words(c)), None)


def _counts_up(column: Column) -> bool:
    """Whether it numbers the rows, one after the other."""
    if column.kind != "whole" or column.gaps:
        return False
    return all(int(b) - int(a) == 1 for a, b in pairwise(column.cells))


def _has_words(column: Column) -> bool:
    return any(" " in cell or len(cell) > 64 for cell in column.cells)


def _time(file: File, rest: Sequence[Column], wanted: str | None) -> Column | None:
    if wanted:
        column = _named(file, rest, wanted)
        if column.kind != "date":
            sample = next(iter(column.counts), "")
            raise DeclarationError(
                f"{file.name}, column {column.header!r}: expected dates, such as 2024-01-31, in "
                f"every row that has a value, found {sample[:40]!r}. Name another --time, or none",
                file=file.name,
            )
        return column
    dated = [c for c in rest if c.kind == "date" and not c.gaps and not A_BIRTH.match(c.name)]
    named = [column for column in dated if A_TIME.match(column.name)]
    return next(iter(named), dated[0] if len(dated) == 1 else None)


def _enough(file: File, found: Roles) -> None:
    kept = found.kept()
    if len(kept) < FEWEST_ROWS:
        raise DataError(
            f"{file.name}: expected at least {FEWEST_ROWS} rows with a target, found {len(kept)}. "
            f"Fewer can be neither learned from nor tested; bring more",
            file=file.name,
        )
    if found.block:
        blocks = len({found.block.cells[row] for row in kept})
        if blocks < FEWEST_BLOCKS:
            raise DeclarationError(
                f"{file.name}, column {found.block.header!r}: expected at least {FEWEST_BLOCKS} "
                f"different values of a block, found {blocks}. A part of the blocks is held out, "
                f"and from few of them no interval can be told. Name another --block, or none",
                file=file.name,
            )
    elif found.time:
        days = dates(found.time)
        if len({moment.date() for row in kept if (moment := days[row])}) < FEWEST_BLOCKS:
            found.left_out[found.time.name] = "too few different days to be blocks"
            found.time = None


def _sort(found: Roles, column: Column, kept: list[int]) -> None:
    """Make a column an input, or say why it is none."""
    if column in (found.key, found.block, found.time) or column.name in found.left_out:
        return
    reason = _unfit(found, column, kept)
    if reason:
        found.left_out[column.name] = reason
    elif column.numeric:
        found.numbers.append(column.name)
    else:
        found.categories.append(column.name)


def _unfit(found: Roles, column: Column, kept: list[int]) -> str:
    """Why a column cannot be an input; empty when it can."""
    cells = [column.cells[row] for row in kept]
    values, filled = set(cells) - {""}, sum(map(bool, cells))
    reasons = {
        "has no value": not values,
        f"is always {next(iter(values), '')[:40]!r}": len(values) == 1,
        "is a date; make numbers of it in features.py, such as days since then": (
            column.kind == "date"
        ),
        f"has a value in {filled:,} of {len(kept):,} rows only": (
            filled < max(FILLED * len(kept), ROWS_OF_A_CLASS)
        ),
        "numbers the rows": _counts_up(column),
        "names something and measures nothing; if its rows belong together, it is a --block": (
            bool(ENTITY.fullmatch(column.name)) and len(values) > CLASSES
        ),
    }
    if column.kind == "text":
        personal = column.name in found.sensitive and len(values) > CLASSES
        few = len(values) > MOST or filled < ROWS_OF_A_LABEL * len(values)
        reasons |= {
            "looks personal, and has too many values to learn from": personal,
            f"has {len(values):,} different texts, too many to be a category": few,
            "is free text": max(map(len, values), default=0) > LONGEST,
        }
    return next((reason for reason, holds in reasons.items() if holds), "")


def _parts(found: Roles, time: Column) -> dict[str, str]:
    """Numbers that can be made of the date: by name, what pandas calls them.

    A month tells nothing that another year would repeat unless there is another year.
    """
    known = dates(time)
    moments = [moment for row in found.kept() if (moment := known[row])]
    parts = {}
    if len({moment.weekday() for moment in moments}) > 2:
        parts[found.free("weekday")] = "day_of_week"
    if len({moment.hour for moment in moments}) > 1:
        parts[found.free("hour")] = "hour"
    if (max(moments) - min(moments)).days >= 730:
        parts[found.free("month")] = "month"
    return parts
