"""How far the newest period lies from the training window, column by column.

The population stability index, sum of (p - q) ln(p / q) over bins: the symmetrised
Kullback-Leibler divergence of two histograms (Jeffreys, 1946).
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlops.data.read import RawTable

BINS = 10
CATEGORIES = 100  # a text column with more values than this is a name, not a category
SMALLEST = 1e-4  # an empty bin counts as this share, or the logarithm has no value


def shifts(tables: Mapping[str, RawTable], held_out: int) -> dict[str, float]:
    """PSI by `table.column`: the newest period against all but the `held_out` newest periods.

    Tables that do not come in periods, or in too few, are left out, and so are columns that only
    repeat the period.
    """
    found: dict[str, float] = {}
    for name, table in tables.items():
        if not any(table.periods) or len(table.periods) <= held_out:
            continue
        reference = table.frame.iloc[: table.starts[-held_out]]
        newest = table.frame.iloc[table.starts[-1] :]
        period = np.repeat(table.periods, np.diff([*table.starts, len(table.frame)]))
        for column in table.frame.columns:
            if table.frame[column].groupby(period).nunique().max() == 1:
                continue
            index = psi(reference[column], newest[column])
            if index is not None:
                found[f"{name}.{column}"] = index
    return found


def psi(reference: pd.Series, current: pd.Series) -> float | None:
    """The population stability index of two samples, 0 and up; missing values are a bin.

    Numbers are binned by the tenths of `reference`. None for text with over 100 values.
    """
    if reference.dtype.kind in "iuf":
        edges = np.unique(np.nanquantile(reference, np.linspace(0, 1, BINS + 1)[1:-1]))
        p = _histogram(np.searchsorted(edges, reference, side="right"), reference, len(edges) + 1)
        q = _histogram(np.searchsorted(edges, current, side="right"), current, len(edges) + 1)
    else:
        names = pd.Index(reference.unique()).union(current.unique())
        if len(names) > CATEGORIES:
            return None
        p = _histogram(names.get_indexer(reference), reference, len(names))
        q = _histogram(names.get_indexer(current), current, len(names))
    return float(np.sum((p - q) * np.log(p / q)))


def _histogram(codes: NDArray[np.intp], values: pd.Series, bins: int) -> NDArray[np.float64]:
    codes = np.where(values.isna(), bins, codes)
    shares = np.bincount(codes, minlength=bins + 1) / len(values)
    return np.maximum(shares, SMALLEST)
