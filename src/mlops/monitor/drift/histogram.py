"""Shares of the rows by value, before and now, for a picture of what moved."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from mlops.evaluation.predict import Array
from mlops.monitor.drift.windows import Codes
from mlops.monitor.result import Histogram

BINS = 10  # of numbers
BARS = 12  # of categories, or of numbers with so few values
LONGEST = 60  # characters of a category
OTHERS, GAPS = "others", "missing"


def of_numbers(before: Array, now: Array) -> Histogram:
    """By value where there are few, else by tenths of the rows before; NaN are gaps."""
    values = np.unique(before[~np.isnan(before)])
    few = len(values) <= BARS
    labels, edges = ([*map(_short, values), OTHERS], values) if few else _tenths(before, values)
    place = _of_value if few else _of_bin
    sides = [
        np.where(np.isnan(side), len(labels), place(edges, side)).astype(np.int64)
        for side in (before, now)
    ]
    return _shares(labels, *sides)


def of_text(before: Codes, now: Codes, names: Sequence[str]) -> Histogram:
    """By the most frequent of `names`, whose ranks the rows hold; -1 is a gap."""
    shown = [name if len(name) <= LONGEST else name[: LONGEST - 1] + "…" for name in names[:BARS]]
    labels = [*shown, OTHERS]
    sides = [np.where(of < 0, len(labels), np.minimum(of, len(shown))) for of in (before, now)]
    return _shares(labels, *sides)


def _tenths(before: Array, values: Array) -> tuple[list[str], Array]:
    """The bins' labels, and the edges between them."""
    tenths = np.linspace(0, 1, BINS + 1)[1:-1]
    edges = np.unique(np.nanquantile(before, tenths))
    if len(edges) < BINS / 2:  # one value makes up most rows: tenths of the values then
        edges = np.unique(np.quantile(values, tenths))
    edges = edges[edges > values[0]]
    shown = [_short(edge) for edge in edges]
    middle = [f"{low} to {high}" for low, high in pairwise(shown)]
    return [f"under {shown[0]}", *middle, f"{shown[-1]} and over"], edges


def _of_bin(edges: Array, of: Array) -> Codes:
    return np.searchsorted(edges, of, side="right")


def _of_value(values: Array, of: Array) -> Codes:
    """The place of each value; behind all for one that is not among them."""
    place = np.searchsorted(values, of)
    return np.where(np.append(values, np.nan)[place] == of, place, len(values))


def _shares(labels: list[str], before: Codes, now: Codes) -> Histogram:
    """`before` and `now` are places in `labels`, one more for gaps; bars without rows go."""
    counts = np.array([np.bincount(of, minlength=len(labels) + 1) for of in (before, now)])
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    optional = np.isin([*labels, GAPS], (OTHERS, GAPS)) & (counts.sum(axis=0) == 0)
    optional[:-2] = False  # a category may be called so
    return Histogram(
        labels=[label for label, gone in zip([*labels, GAPS], optional, strict=True) if not gone],
        before=shares[0][~optional].tolist(),
        now=shares[1][~optional].tolist(),
    )


def _short(value: float) -> str:
    """Four digits; a power of ten only where there would be many noughts."""
    if value and not 1e-4 <= abs(value) < 1e9:
        return f"{value:.4g}"
    return np.format_float_positional(value, precision=4, fractional=False, trim="-")
