"""Behavioural tests (Ribeiro et al., 2020): minimum functionality, invariance, direction."""

from typing import Any

import numpy as np
import pandas as pd

from mlops.contract import Behaviour, Estimator, Task
from mlops.errors import DeclarationError
from mlops.evaluation.predict import labels, predict

FILE = "src/problem/behaviour.py"
ROWS = 2000  # of the test, at most


def behaviour(
    problem: Behaviour, estimator: Estimator, rows: pd.DataFrame, task: Task, seed: int
) -> dict[str, dict[str, Any]]:
    """By expectation: the `share` of rows that met it, the share `required`, whether it `holds`.

    Raises DeclarationError when an expectation changes a column that the model is not given, or
    is about a label that the model does not know.
    """
    size = min(ROWS, len(rows))
    chosen = np.sort(np.random.default_rng(seed).choice(len(rows), size, replace=False))
    before = rows.iloc[chosen]
    found = {}
    for name, expected in problem.EXPECTATIONS.items():
        changed = _changed(name, expected.change, before)
        old, new = (predict(estimator, part, task) for part in (before, changed))
        if task == "multiclass":
            column = _column(name, expected.label, labels(estimator))
            old, new = old[:, column], new[:, column]
        moved = new - old
        met = {
            "invariant": np.abs(moved) <= expected.tolerance,
            "rises": moved >= -expected.tolerance,
            "falls": moved <= expected.tolerance,
            "low": new < old.mean(),
            "high": new > old.mean(),
        }[expected.kind]
        share = float(met.mean())
        found[name] = {
            "kind": expected.kind,
            "share": share,
            "required": expected.share,
            "holds": share >= expected.share,
        }
    return found


def _column(name: str, label: object, known: list[Any]) -> int:
    if label not in known:
        raise DeclarationError(
            f"{FILE}: {name!r} is about the label {label!r}; the model knows "
            f"{', '.join(map(repr, known))}"
        )
    return known.index(label)


def _changed(name: str, change: Any, before: pd.DataFrame) -> pd.DataFrame:
    where = f"{FILE}: {name!r}"
    try:
        after: pd.DataFrame = change(before)
    except KeyError as absent:
        raise DeclarationError(
            f"{where} changes the column {absent}, which the model is not given"
        ) from None
    strange = sorted(set(after.columns) ^ set(before.columns))
    if strange or len(after) != len(before):
        raise DeclarationError(
            f"{where} must return the same rows and columns as it is given; it adds or drops "
            f"{', '.join(strange) or 'rows'}"
        )
    return after[before.columns].astype(before.dtypes.to_dict())
