"""Rows that the model may be asked about, and those that break the rules of its manifest."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from serving.errors import Rejected
from serving.inputs import Batch, Column, Inputs


@dataclass(frozen=True)
class Checked:
    """Some rows, counted from 0."""

    batch: Batch | None
    """Those that are kept, ready for the model; None when none are."""
    kept: NDArray[np.int64] | None
    """Which ones are, or None for all."""
    refused: list[tuple[int, str]]
    """The others, and why."""

    def flags(self, start: int) -> list[str]:
        """What is odd about values that were let through, the first few, with the number of the
        row in the file, from 1 on; `start` rows come before these.
        """

        def renumbered(row: re.Match[str]) -> str:
            at = int(row[1])
            return f"row {start + 1 + (at if self.kept is None else self.kept[at])}"

        flags = self.batch.flags if self.batch else ()
        return [re.sub(r"^row (\d+)", renumbered, flag) for flag in flags]


class Refused(Exception):  # noqa: N818 - a row, not a fault
    """A row breaks the rules: its place among those checked, from 0 on, and why."""

    def __init__(self, row: int, why: str) -> None:
        super().__init__(why)
        self.row, self.why = row, why


def check(inputs: Inputs, columns: Mapping[str, Column], rows: int, *, set_aside: bool) -> Checked:
    """`rows` values of each column, checked together, and one by one only where that fails.

    Raises Refused for the first row that breaks the rules, unless such rows are set aside.
    """
    try:
        return Checked(inputs.prepare(columns, rows), None, [])
    except Rejected:
        found = refused(inputs, columns, 0, rows)
    if not set_aside:
        raise Refused(*next(found))
    out = list(found)
    kept = np.delete(np.arange(rows), [row for row, _ in out])
    batch = inputs.prepare(_some(columns, kept), len(kept)) if len(kept) else None
    return Checked(batch, kept, out)


def refused(
    inputs: Inputs, columns: Mapping[str, Column], first: int, end: int
) -> Iterator[tuple[int, str]]:
    """The rows among [first, end) that are rejected, in their order, and why: by halving."""
    try:
        inputs.prepare({name: column[first:end] for name, column in columns.items()}, end - first)
    except Rejected as why:
        if end - first == 1:
            yield first, why.message.removeprefix("row 0, ")
            return
        middle = (first + end) // 2
        yield from refused(inputs, columns, first, middle)
        yield from refused(inputs, columns, middle, end)


def _some(columns: Mapping[str, Column], rows: NDArray[np.int64]) -> dict[str, Column]:
    return {
        name: column[rows] if isinstance(column, np.ndarray) else [column[row] for row in rows]
        for name, column in columns.items()
    }
