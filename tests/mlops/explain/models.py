"""A small problem with texts, gaps and times, and Shapley values by their definition."""

from collections.abc import Callable
from functools import cache
from itertools import combinations
from math import factorial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from mlops.contract import Task
from mlops.explain.trained import Trained
from problem.model import ClockTime

Array = NDArray[Any]
ROWS = 120


def flights(rows: int = ROWS, seed: int = 0) -> pd.DataFrame:
    """A text, one of whose values is rare, a time HHMM, and two numbers, one with gaps."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "carrier": rng.choice(["AA", "B6", "UA"], rows),
            "departure": 100.0 * rng.integers(5, 23, rows) + rng.integers(0, 60, rows),
            "distance": rng.uniform(100, 3000, rows).round(),
            "wind": rng.normal(10, 4, rows).round(1),
        }
    )
    frame.loc[0, "carrier"] = "OO"
    frame.loc[3::7, "wind"] = np.nan
    return frame


def delays(frame: pd.DataFrame, seed: int = 1) -> Array:
    """Minutes, in which what the inputs do together matters."""
    noise = np.random.default_rng(seed).normal(0, 3, len(frame))
    late = frame["wind"].fillna(5) * (1 + (frame["carrier"] == "B6")) + frame["departure"] / 200
    return np.asarray(late - frame["distance"] / 500 + noise)


def targets(task: Task, frame: pd.DataFrame) -> Array:
    """Minutes, whether they are many, or which third they belong to."""
    minutes = delays(frame)
    if task == "regression":
        return minutes
    edges = np.quantile(minutes, [0.6] if task == "binary" else [0.33, 0.66])
    return np.digitize(minutes, edges)


def trained(estimator: Any, task: Task, rows: pd.DataFrame | None = None) -> Trained:
    """The estimator, fitted on flights."""
    known = flights() if rows is None else rows
    return Trained(estimator.fit(known, targets(task, known)), task, known, seed=7)


def one_hot(last: Any) -> Any:
    """As the example's linear model: several columns of a text, and two of a time."""
    encode = ColumnTransformer(
        [
            ("carrier", OneHotEncoder(handle_unknown="ignore"), ["carrier"]),
            ("clock", ClockTime(), ["departure"]),
            ("number", make_pipeline(SimpleImputer(), StandardScaler()), ["distance", "wind"]),
        ]
    )
    return make_pipeline(encode, last)


def ordinal(last: Any, **more: Any) -> Any:
    """As the example's trees: a column for each input, in another order, gaps as they are."""
    encode = ColumnTransformer(
        [("carrier", OrdinalEncoder(**more), ["carrier"])], remainder="passthrough"
    )
    return make_pipeline(encode, last)


def shapley(
    ask: Callable[[pd.DataFrame], Array], background: pd.DataFrame, row: pd.Series
) -> Array:
    """Shapley values by their definition (Shapley, 1953), shape (inputs, outputs).

    Over all subsets of the inputs: the mean answer when these come from the row and the others from
    each of the background's.
    """
    inputs, players = list(background.columns), len(background.columns)

    @cache
    def worth(known: frozenset[int]) -> Array:
        rows = background.assign(**{inputs[i]: row[inputs[i]] for i in known})
        return ask(rows.astype(background.dtypes.to_dict())).reshape(len(rows), -1).mean(axis=0)

    found = []
    for player in range(players):
        others = [i for i in range(players) if i != player]
        total: Any = 0.0
        for size in range(players):
            weight = factorial(size) * factorial(players - size - 1) / factorial(players)
            for subset in combinations(others, size):
                total += weight * (worth(frozenset((*subset, player))) - worth(frozenset(subset)))
        found.append(total)
    return np.stack(found)
