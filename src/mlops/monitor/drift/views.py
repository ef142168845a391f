"""Columns as rows by block and cell: all that a comparison of windows needs."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlops.evaluation.predict import Array
from mlops.monitor.drift import histogram
from mlops.monitor.drift.distance import (
    CATEGORIES,
    CELLS,
    Kind,
    Scale,
    number_cells,
    per_block,
    text_cells,
    used,
)
from mlops.monitor.drift.relations import Relations
from mlops.monitor.drift.windows import Codes
from mlops.monitor.result import Histogram

Look = Literal["values", "relation"]


@dataclass(frozen=True)
class Side:
    """Rows of the reference, or of the batch."""

    rows: pd.DataFrame
    block: Codes
    """The block of each row, shape (n,); -1 for a row without."""
    blocks: int
    shown: Codes
    """Rows that a histogram shows: of the newest blocks."""


@dataclass(frozen=True)
class View:
    """A column, or what its relation leaves of it; counts are of shape (blocks, cells)."""

    name: str
    kind: Kind
    view: Look
    reference: Array
    batch: Array
    gaps_before: float
    gaps_now: float
    histogram: Histogram


def views(
    names: list[str], reference: Side, batch: Side, *, relations: bool, as_text: bool
) -> list[View]:
    """The views of the columns that both sides have.

    Whether a column is a number, the reference says, unless all are text. With relations, numbers
    are looked at given the others, too.
    """
    there = [n for n in names if n in reference.rows and n in batch.rows]
    numbers = [] if as_text else [n for n in there if _is_number(reference.rows[n])]
    found = [_text(name, reference, batch) for name in there if name not in numbers]
    found += [_values(name, reference, batch) for name in numbers]
    related = [name for name in numbers if relations and batch.rows[name].notna().any()]
    return found + _relations(related, reference, batch)


def _values(name: str, reference: Side, batch: Side) -> View:
    known, new = (_floats(side.rows[name]) for side in (reference, batch))
    return _number(name, "values", (known, reference), (new, batch))


def _relations(names: list[str], reference: Side, batch: Side) -> list[View]:
    if len(names) < 2:
        return []
    known, new = (
        np.empty((len(reference.rows), len(names))),
        np.empty((len(batch.rows), len(names))),
    )
    for j, name in enumerate(names):
        values = _floats(reference.rows[name])
        scale = Scale.of(values)
        known[:, j], new[:, j] = scale.standard(values), scale.standard(_floats(batch.rows[name]))
    learned = Relations.of(known)
    left, left_new = learned.residuals(known), learned.residuals(new)
    return [
        _number(name, "relation", (left[:, j], reference), (left_new[:, j], batch))
        for j, name in enumerate(names)
    ]


def _number(name: str, view: Look, known: tuple[Array, Side], new: tuple[Array, Side]) -> View:
    scale = Scale.of(known[0])
    counts = []
    for values, side in (known, new):
        cells = number_cells(scale.standard(values))
        counts.append(per_block(cells, side.block, (side.blocks, CELLS + 1)))
        if view == "relation":
            counts[-1][:, -1] = 0  # gaps are told by the values
    of_reference, of_batch = used(*counts)
    before, now = (values[side.shown] for values, side in (known, new))
    return View(
        name=name,
        kind="number",
        view=view,
        reference=of_reference,
        batch=of_batch,
        gaps_before=_share(np.isnan(before)),
        gaps_now=_share(np.isnan(now)),
        histogram=histogram.of_numbers(before, now),
    )


def _text(name: str, reference: Side, batch: Side) -> View:
    known, names = _ranked(reference.rows[name])
    new = _ranked_as(names, batch.rows[name])
    frequent = min(len(names), CATEGORIES)
    counts = [
        per_block(text_cells(ranks, frequent), side.block, (side.blocks, frequent + 2))
        for ranks, side in ((known, reference), (new, batch))
    ]
    before, now = known[reference.shown], new[batch.shown]
    return View(
        name=name,
        kind="text",
        view="values",
        reference=counts[0],
        batch=counts[1],
        gaps_before=_share(before < 0),
        gaps_now=_share(now < 0),
        histogram=histogram.of_text(before, now, names),
    )


def _is_number(column: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(column)


def _floats(column: pd.Series) -> Array:
    """Numbers, NaN for whatever is none."""
    numbers = pd.to_numeric(column, errors="coerce").to_numpy(np.float64, na_value=np.nan)
    return np.where(np.isfinite(numbers), numbers, np.nan)


def _ranked(column: pd.Series) -> tuple[Codes, list[str]]:
    """Each row's category by its rank, -1 for gaps, and the categories, the most frequent first."""
    codes, found = pd.factorize(column)
    order = np.argsort(-np.bincount(codes[codes >= 0], minlength=len(found)), kind="stable")
    rank = np.append(np.argsort(order), -1)
    return rank[codes], [_category(found[i]) for i in order]


def _ranked_as(names: list[str], column: pd.Series) -> Codes:
    """The same by the ranks of another column; what it has not ranks behind all."""
    codes, found = pd.factorize(column)
    rank = {name: i for i, name in enumerate(names)}
    of_found = [rank.get(_category(value), len(names)) for value in found]
    return np.array([*of_found, -1], np.int64)[codes]


def _category(value: Any) -> str:
    """As text; whole numbers read the same whether gaps made them floats or not."""
    return f"{value:g}" if isinstance(value, float) else str(value)


def _share(of: NDArray[np.bool_]) -> float:
    return float(of.mean()) if len(of) else 0.0
