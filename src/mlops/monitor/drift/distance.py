"""How far apart two windows lie, from the counts of their rows in cells.

Numbers: the Wasserstein distance of order 1 (the area between the two distribution functions;
Ramdas, García Trillos, Cuturi, 2017) in standard deviations of the reference, and the difference
in the share of gaps on top. Text: the total variation distance, the share of rows that would have
to change their category. Counts add up, so a window of blocks is a sum.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from mlops.evaluation.predict import Array
from mlops.monitor.drift.windows import Codes, Run

Kind = Literal["number", "text"]
Measure = Callable[[Array, Array], Array]
"""The distance of counts before and now, shape (..., cells), over the last axis."""

REACH = 8  # standard deviations from the mean; what is further counts as there
CELLS = 128  # of a number; one more is for gaps
WIDTH = 2 * REACH / CELLS  # of a cell
CATEGORIES = 50  # of a text, the most frequent; then one cell for all others, and one for gaps
TINY = 1e-6  # of a mean; a deviation smaller than this is rounding


@dataclass(frozen=True)
class Scale:
    """The mean and the standard deviation of a number."""

    mean: float
    deviation: float

    @classmethod
    def of(cls, values: Array) -> "Scale":
        """Of the values that are no gaps; a constant deviates by 1, or by rounding at most."""
        known = values[np.isfinite(values)]
        if not len(known):
            return cls(0.0, 1.0)
        mean, deviation = float(known.mean()), float(known.std())
        return cls(mean, max(deviation, TINY * abs(mean)) or 1.0)

    def standard(self, values: Array) -> Array:
        """Standard deviations above the mean; NaN for gaps."""
        return (values - self.mean) / self.deviation


def number_cells(standard: Array) -> Codes:
    """The cell of each value, shape (n,); the last is for gaps."""
    place = np.floor((standard + REACH) / WIDTH)
    inside = np.clip(place, 0, CELLS - 1)
    return np.where(np.isnan(standard), CELLS, inside).astype(np.int64)


def text_cells(codes: Codes, frequent: int) -> Codes:
    """The cell of each category, by its rank among the frequent; -1 is a gap, more is another."""
    return np.where(codes < 0, frequent + 1, np.minimum(codes, frequent))


def per_block(cells: Codes, block: Codes, sizes: tuple[int, int]) -> Array:
    """Rows by block and cell, of shape `sizes`; rows without a block are left out."""
    blocks, width = sizes
    flat = block * width + cells
    if (block < 0).any():
        flat = flat[block >= 0]
    return np.bincount(flat, minlength=blocks * width).reshape(sizes).astype(np.float64)


def used(*sides: Array) -> list[Array]:
    """Counts of numbers without the outer cells that no side has a row in; gaps stay."""
    inner = np.flatnonzero(np.vstack(sides).sum(axis=0)[:-1])
    kept = np.arange(inner[0], inner[-1] + 1) if len(inner) else np.arange(1)
    return [side[:, np.append(kept, CELLS)] for side in sides]


def totals(counts: Array) -> Array:
    """Running totals over blocks, shape (blocks + 1, cells), of which runs are differences."""
    return np.vstack([np.zeros(counts.shape[1]), counts.cumsum(axis=0)])


def within(running: Array, runs: Codes | Run) -> Array:
    """Counts of runs of blocks, shape (runs, cells), or (cells,) of one run."""
    ends = np.asarray(runs)
    return running[ends[..., 1]] - running[ends[..., 0]]


def between(kind: Kind) -> Measure:
    """The distance of numbers, or of text."""
    return _number if kind == "number" else _text


def gaps(before: Array, now: Array) -> Array:
    """The difference in the share of gaps alone."""
    return np.abs(_shares(before)[..., -1] - _shares(now)[..., -1])


def _number(before: Array, now: Array) -> Array:
    known, present = before[..., :-1], now[..., :-1]
    both = (known.sum(-1) > 0) & (present.sum(-1) > 0)  # else there is nothing to lie apart
    area = np.abs(np.cumsum(_shares(known) - _shares(present), axis=-1)).sum(-1) * WIDTH
    return np.where(both, area, 0.0) + gaps(before, now)


def _text(before: Array, now: Array) -> Array:
    return np.abs(_shares(before) - _shares(now)).sum(-1) / 2


def _shares(counts: Array) -> Array:
    return counts / np.maximum(counts.sum(-1, keepdims=True), 1)
