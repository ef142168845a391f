"""Which input each encoded column comes from."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlops.evaluation.predict import Array
from mlops.explain.trained import Trained, dense

AT_ONCE = 1024  # rows that are encoded together
REALS = 4096  # values that are tried of an input of real numbers
NONE = -1


def sources(trained: Trained) -> NDArray[np.int64] | None:
    """For each column that the last estimator is given, the place of the input that it comes from,
    or -1 where no input changes it. None when a column comes from several inputs, or is no number.

    Nothing is asked of a transformer but to transform, so one that does not name its columns will
    do. Each input takes the values that training rows have of it (of real numbers, evenly many of
    their ranks), and what changes is its own: once in rows that differ, for columns that several
    inputs make, and once in a row that else stays the same, where every category comes and goes.
    """
    several = trained.sample(AT_ONCE)
    alike = several.iloc[np.zeros(len(several), dtype=np.int64)]
    try:
        encoded = [(rows, dense(trained.encoded(rows))) for rows in (several, alike)]
    except (TypeError, ValueError):
        return None
    found = np.full(encoded[0][1].shape[1], NONE)
    for place, name in enumerate(trained.inputs):
        own = np.any([_changed(trained, name, *rows) for rows in encoded], axis=0)
        if (found[own] != NONE).any():
            return None
        found[own] = place
    return found


def membership(columns: NDArray[np.int64], inputs: int) -> Array:
    """1 where a column comes from an input, shape (columns, inputs)."""
    return (columns[:, None] == np.arange(inputs)).astype(np.float64)


def _changed(trained: Trained, name: str, rows: pd.DataFrame, before: Array) -> NDArray[np.bool_]:
    """The columns that differ when the input takes other values, shape (columns,)."""
    values = _values(trained.rows[name])
    changed = np.zeros(before.shape[1], dtype=bool)
    for start in range(0, len(values), len(rows)):
        part = values.iloc[start : start + len(rows)]
        otherwise = rows.iloc[: len(part)].assign(**{name: part.array})
        after, was = dense(trained.encoded(otherwise)), before[: len(part)]
        same = (after == was) | (np.isnan(after) & np.isnan(was))
        changed |= ~same.all(axis=0)
    return changed


def _values(column: pd.Series) -> pd.Series:
    """The distinct values, a gap among them where there is one."""
    distinct = column.drop_duplicates()
    if not pd.api.types.is_float_dtype(column) or len(distinct) <= REALS:
        return distinct
    ranked = distinct.sort_values()  # a gap comes last
    return ranked.iloc[np.linspace(0, len(ranked) - 1, REALS).astype(np.int64)]
