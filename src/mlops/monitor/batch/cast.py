"""Values to the types that the problem declares: what does not fit becomes a gap, and is told."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from pandera.dtypes import String

from mlops.contract import Task
from mlops.monitor.batch.raw import Raw
from serving.errors import shown

TRUTH = {"true": 1.0, "false": 0.0}


class Casting:
    """The columns of a file, cast one by one; `findings` grow by a sentence for each bad one."""

    def __init__(self, raw: Raw) -> None:
        self._raw = raw
        self.findings: list[str] = []

    def input(self, name: str, declared: Any) -> pd.Series:
        """The column as the schema's column `declared` has it; float64 where whole numbers or
        booleans have gaps.
        """
        given = self._raw.columns[name]
        hidden = sensitive(declared)
        if isinstance(declared.dtype, String):
            return texts(given)
        if declared.dtype is None:
            return plain(given)
        kind = str(declared.dtype)
        expected, fits = _numeric(kind)
        found = self._numbers(name, fits, expected, hidden=hidden)
        if kind.startswith(("int", "uint", "bool")) and found.isna().any():
            return found
        with np.errstate(over="ignore"):  # what is too large becomes infinite, which is told
            return found.astype(np.dtype(kind))

    def prediction(self, name: str) -> pd.Series:
        """float64, NaN for a gap."""
        return self._numbers(name, _any, "a number")

    def target(self, name: str, task: Task, classes: list[Any]) -> pd.Series:
        """The outcome: 0.0 or 1.0, a value, or one of `classes` as an object; NaN or None without.

        Classes that are written as whole numbers are integers.
        """
        if task == "binary":
            return self._numbers(name, lambda found: found.isin((0, 1)), "0 or 1")
        if task == "regression":
            return self._numbers(name, np.isfinite, "a number")
        found = _as_text(plain(self._raw.columns[name]))
        known = [str(label) for label in classes]
        wrong = found.notna() & ~found.isin(known) if known else found.isna() & False
        self._tell(name, wrong, f"one of {', '.join(known[:20])}")
        labels = found.mask(wrong)
        whole = all(_is_whole(label) for label in (known or labels.dropna()))
        kept = [None if pd.isna(n) else int(n) if whole else str(n) for n in labels]
        return pd.Series(kept, labels.index, dtype=object)

    def _numbers(
        self,
        name: str,
        fits: Callable[[pd.Series], pd.Series],
        expected: str,
        *,
        hidden: bool = False,
    ) -> pd.Series:
        given = self._raw.columns[name]
        found = _numbers(given)
        wrong = given.notna() & (found.isna() | ~fits(found))
        self._tell(name, wrong, expected, hidden=hidden)
        return found.mask(wrong)

    def _tell(self, name: str, wrong: pd.Series, expected: str, *, hidden: bool = False) -> None:
        if not wrong.any():
            return
        first = int(np.flatnonzero(wrong)[0])
        place, _ = self._raw.place(first)
        value = None if hidden else self._raw.columns[name].iloc[first]
        count = int(wrong.sum())
        self.findings.append(
            sentence(self._raw.path.name, place, name, expected, value=value, count=count)
        )


def sentence(
    source: str,
    place: str,
    column: str,
    expected: str,
    *,
    value: object = None,
    count: int = 1,
) -> str:
    """A finding about rows: where the first one is, what was expected, what is there (None when it
    is not to be told), and how many there are.
    """
    plainly = value.item() if isinstance(value, np.generic) else value
    found = "" if value is None else f", found {shown(plainly)}"
    more = f"; {count:,} rows are so" if count > 1 else ""
    return f"{source}, {place}, column {column}: expected {expected}{found}{more}"


def sensitive(declared: Any) -> bool:
    """Whether the values of a schema's column are not to be shown."""
    return bool((declared.metadata or {}).get("sensitive", False))


def plain(given: pd.Series) -> pd.Series:
    """Names of rows: numbers where all are whole ones, and written as such, else texts, as `007`
    is. Whole numbers with gaps are float64.
    """
    if pd.api.types.is_numeric_dtype(given):
        return given
    texts_ = _as_text(given)
    there = texts_.dropna()
    if len(there) and there.map(_is_whole).all():
        numbers = texts_.map(int, na_action="ignore")
        return numbers.astype("int64" if len(there) == len(given) else "float64")
    return texts_


def texts(given: pd.Series) -> pd.Series:
    """Numbers are written as they are read: 5, not 5.0."""
    return _as_text(given)


def alike(one: pd.Series, other: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Both as numbers where both are, else both as texts: so that what is equal is found equal."""
    if all(pd.api.types.is_numeric_dtype(series) for series in (one, other)):
        return one, other
    return _as_text(one), _as_text(other)


def _as_text(given: pd.Series) -> pd.Series:
    if isinstance(given.dtype, pd.StringDtype):
        return given.astype("str")
    return given.map(_written, na_action="ignore").astype("str")


def _written(value: Any) -> str:
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)


def _is_whole(text: str) -> bool:
    """Whether it is how a whole number is written that a float64 can hold."""
    digits = text.removeprefix("-")
    return digits.isascii() and digits.isdigit() and len(digits) < 16 and str(int(text)) == text


def _numbers(given: pd.Series) -> pd.Series:
    if not pd.api.types.is_numeric_dtype(given):
        words = given.map(
            lambda value: TRUTH.get(value.lower(), value) if isinstance(value, str) else value
        )
        given = pd.to_numeric(words.astype(object), errors="coerce")
    return given.astype("float64")


def _numeric(kind: str) -> tuple[str, Callable[[pd.Series], pd.Series]]:
    if kind.startswith(("int", "uint")):
        return "a whole number", lambda found: found % 1 == 0
    if kind.startswith("bool"):
        return "true or false", lambda found: found.isin((0, 1))
    return "a number", _any


def _any(found: pd.Series) -> pd.Series:
    return found.notna()
