"""Columns to the model's matrices, each value checked against the manifest."""

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from serving.errors import Reason, Rejected, shown
from serving.lookup import Lookup
from serving.manifest import Handling, Input, Kind, Manifest

Column = Sequence[Any] | NDArray[Any]
"""Values as JSON has them, None for a gap; or a NumPy array, NaN for a gap."""
SHOWN = 10  # flags that are told one by one
EXTREMES: dict[Kind, float] = {
    "float32": float(np.finfo(np.float32).max),
    "float64": float(np.finfo(np.float64).max),
    "int64": 2.0**53,  # beyond it a JSON number is no longer exact
    "bool": 1.0,
}


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows ready for the model: a matrix (rows, inputs of the kind) per kind."""

    rows: int
    feeds: dict[str, NDArray[Any]]
    flags: tuple[str, ...] = ()
    """What is odd about values that were let through, the first few."""
    flagged: int = 0
    """How many values were."""


class Inputs:
    """The model's inputs, in the order of the manifest."""

    def __init__(self, manifest: Manifest, lookup: Lookup) -> None:
        self.lookup = lookup
        self._names = frozenset(i.name for i in manifest.inputs)
        self._required = frozenset(i.name for i in manifest.inputs if i.table is None)
        spoken = {*self._names, *manifest.identifiers, *(k.name for k in manifest.keys)}
        self._known = frozenset({*spoken, manifest.output.target})
        kinds = dict.fromkeys(i.kind for i in manifest.inputs)
        self._groups: list[_Texts | _Numbers] = [
            (_Texts if kind == "text" else _Numbers)(
                [i for i in manifest.inputs if i.kind == kind], manifest
            )
            for kind in kinds
        ]

    def prepare(self, columns: Mapping[str, Column], rows: int) -> Batch:
        """Check `rows` values of each column, look up what is left out, and stack the matrices.

        Raises Rejected, naming the row (counted from 0), the column and what was expected.
        """
        if lacking := self._required - columns.keys():
            raise Rejected("columns", f"missing: {_listed(lacking)}. {self._expected()}")
        flags = [
            f"column {name!r} is none of the model's"
            for name in sorted(columns.keys() - self._known)[:SHOWN]
        ]
        if not self._names <= columns.keys():
            columns = self.lookup.fill(columns, rows)
        feeds: dict[str, NDArray[Any]] = {
            group.kind: group.matrix(columns, flags) for group in self._groups
        }
        return Batch(rows, feeds, tuple(flags[:SHOWN]), len(flags))

    def _expected(self) -> str:
        optional = self._names - self._required
        also = f"; looked up when left out: {_listed(optional)}" if optional else ""
        return f"The model needs {_listed(self._required)}{also}"


class _Numbers:
    """The inputs of a numeric kind."""

    def __init__(self, inputs: list[Input], manifest: Manifest) -> None:
        self.kind: Kind = inputs[0].kind
        self._inputs, self._outside = inputs, manifest.policy.outside
        self._names = [i.name for i in inputs]
        self._allowed = {int, float, type(None)} | ({bool} if self.kind == "bool" else set())
        end = EXTREMES[self.kind]
        self._low = np.array([[-end if i.low is None else i.low] for i in inputs])
        self._high = np.array([[end if i.high is None else i.high] for i in inputs])
        self._gapless = np.array([[not i.nullable] for i in inputs])

    def matrix(self, columns: Mapping[str, Column], flags: list[str]) -> NDArray[Any]:
        values = [columns[name] for name in self._names]
        self._check_types(values)
        try:
            found = np.array(values, dtype=np.float64)  # (inputs, rows); None becomes NaN
        except OverflowError:
            raise self._huge(values) from None
        gaps = np.isnan(found)
        if (wrong := gaps & self._gapless).any():
            place = f"{_place(self._inputs, wrong)}: expected a number, found none"
            raise Rejected("missing", place)
        if (beyond := (found < self._low) | (found > self._high)).any():
            where = np.argwhere(beyond)
            for at, row in where:
                text = f"{_place(self._inputs, beyond, (at, row))}: expected {self._bounds(at)}"
                _judge("range", f"{text}, found {found[at, row]:g}", self._outside, flags)
            found = np.clip(found, -EXTREMES[self.kind], EXTREMES[self.kind])
        if self.kind == "int64" and (broken := found % 1 != 0).any():
            place = _place(self._inputs, broken)
            raise Rejected("type", f"{place}: expected a whole number, found {found[broken][0]:g}")
        return np.ascontiguousarray(found.T, dtype=self.kind)

    def _check_types(self, values: list[Column]) -> None:
        if all(isinstance(column, np.ndarray) and column.dtype.kind in "fiub" for column in values):
            return
        if set(map(type, chain.from_iterable(values))) <= self._allowed:
            return
        for declared, column in zip(self._inputs, values, strict=True):
            for row, value in enumerate(column):
                if type(value) not in self._allowed and not isinstance(value, np.number):
                    raise Rejected(
                        "type",
                        f"row {row}, column {declared.name!r}: expected "
                        f"{'true or false' if self.kind == 'bool' else 'a number'}, "
                        f"found {shown(value)}",
                    )

    def _bounds(self, at: int) -> str:
        low, high = self._inputs[at].low, self._inputs[at].high
        if low is not None and high is not None:
            return f"{low:g} to {high:g}"
        if low is not None:
            return f"at least {low:g}"
        return f"at most {high:g}" if high is not None else "a finite number"

    def _huge(self, values: list[Column]) -> Rejected:
        for declared, column in zip(self._inputs, values, strict=True):
            for row, value in enumerate(column):
                if isinstance(value, int) and abs(value) > EXTREMES["float64"]:
                    where = f"row {row}, column {declared.name!r}"
                    return Rejected("range", f"{where}: the number is too large to be one")
        return Rejected("range", "a number is too large to be one")


class _Texts:
    """The inputs that are texts."""

    kind: Kind = "text"

    def __init__(self, inputs: list[Input], manifest: Manifest) -> None:
        self._inputs, self._policy = inputs, manifest.policy
        self._familiar = [frozenset(i.known or ()) for i in inputs]
        self._patterns = [re.compile(i.pattern) if i.pattern else None for i in inputs]

    def matrix(self, columns: Mapping[str, Column], flags: list[str]) -> NDArray[Any]:
        stacked = np.empty((len(self._inputs), _length(columns)), dtype=object)
        for at, declared in enumerate(self._inputs):
            column = columns[declared.name]
            self._check(at, column, flags)
            stacked[at] = column
        if any(declared.nullable for declared in self._inputs):
            stacked[stacked == None] = ""  # noqa: E711 - element by element
        return np.ascontiguousarray(stacked.T)

    def _check(self, at: int, column: Column, flags: list[str]) -> None:
        try:
            strange = set(column) - self._familiar[at]
        except TypeError:  # a list or an object where a text belongs
            strange = {None}
        if not strange:
            return
        declared = self._inputs[at]
        for row, value in enumerate(column):
            if isinstance(value, str):
                if value in strange:
                    self._judge(at, f"row {row}, column {declared.name!r}", value, flags)
            elif value is not None:
                place = f"row {row}, column {declared.name!r}"
                raise Rejected("type", f"{place}: expected a text, found {shown(value)}")
            elif not declared.nullable:
                place = f"row {row}, column {declared.name!r}"
                raise Rejected("missing", f"{place}: expected a text, found none")

    def _judge(self, at: int, place: str, value: str, flags: list[str]) -> None:
        declared, pattern = self._inputs[at], self._patterns[at]
        if declared.values is not None and value not in declared.values:
            text = f"{place}: expected one of {_listed(declared.values)}, found {shown(value)}"
            _judge("category", text, self._policy.outside, flags)
        elif pattern and not pattern.match(value):
            text = f"{place}: expected to match {declared.pattern}, found {shown(value)}"
            _judge("category", text, self._policy.outside, flags)
        elif declared.known is not None:
            text = f"{place}: {shown(value)} was not among the rows the model learned from"
            _judge("category", text, self._policy.unknown, flags)


def _judge(reason: Reason, text: str, handling: Handling, flags: list[str]) -> None:
    if handling == "reject":
        raise Rejected(reason, text)
    flags.append(text)


def _place(inputs: list[Input], wrong: NDArray[np.bool_], at: tuple[int, int] | None = None) -> str:
    column, row = at if at is not None else np.argwhere(wrong)[0]
    return f"row {row}, column {inputs[column].name!r}"


def _length(columns: Mapping[str, Column]) -> int:
    return len(next(iter(columns.values())))


def _listed(names: Sequence[str] | Set[str]) -> str:
    ordered = sorted(names) if isinstance(names, Set) else list(names)
    more = f" and {len(ordered) - 40} more" if len(ordered) > 40 else ""
    return ", ".join(ordered[:40]) + more
