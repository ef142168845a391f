"""Groups that are looked at one by one: categories of few labels, and bands of a number."""

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mlops.init.table.roles import Roles
from mlops.init.table.trial import Trial

MOST = 3
LABELS = range(2, 9)
PEOPLE = re.compile(
    r".*(sex|gender|age|race|ethnic|relig|national|disab|marital).*", re.IGNORECASE
)  # groups of people that the law protects, first


@dataclass(frozen=True)
class Groups:
    """By column: `categories` that are groups, and the `edges` between bands of numbers."""

    categories: tuple[str, ...]
    edges: dict[str, tuple[float, ...]]


def groups(found: Roles, trial: Trial, minimum: int) -> Groups:
    """At most three; of each, two labels or more have enough rows in the test to be scored."""
    share = minimum / trial.rows
    fit = [name for name in found.categories if _fits(trial.train[name], share)]
    categories = sorted(fit, key=lambda name: (not PEOPLE.fullmatch(name), fit.index(name)))
    categories = categories[: MOST - 1] if found.numbers else categories[:MOST]
    numbers = sorted(found.numbers, key=lambda n: (not PEOPLE.fullmatch(n), -trial.alone[n]))
    edges: dict[str, tuple[float, ...]] = {}
    for name in numbers:
        between = _edges(trial.train[name], share)
        if between and len(categories) + len(edges) < MOST and len(edges) < 2:
            edges[name] = between
    return Groups(tuple(categories), edges)


def _fits(values: pd.Series, share: float) -> bool:
    times = values.value_counts(normalize=True)
    return len(times) in LABELS and int((times >= share).sum()) > 1


def _edges(values: pd.Series, share: float) -> tuple[float, ...]:
    """Terciles, in few digits, that leave each band its rows; the median where these do not."""
    known = values.dropna()
    for quantiles in ((1 / 3, 2 / 3), (0.5,)):
        edges = [_short(known, float(known.quantile(q))) for q in quantiles]
        if edges != sorted(set(edges)):
            continue
        rows = np.histogram(known, [-np.inf, *edges, np.inf])[0]
        if min(rows) >= max(share * len(values), 1):
            return tuple(edges)
    return ()


def _short(values: pd.Series, edge: float) -> float:
    """The edge in as many digits as the spread of the values deserves."""
    spread = float(values.max() - values.min()) or 1.0
    digits = 2 - int(np.floor(np.log10(spread)))
    return float(np.round(edge, digits)) + 0.0
