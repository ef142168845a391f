"""Rows whose outcome is known, beside what the champion forecast of them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlops.evaluation.metrics import Codes
from mlops.evaluation.predict import Array
from mlops.evaluation.truth import encode
from mlops.judge.rows import Rows
from mlops.monitor.rows import Problem, Reference

CHAMPION = "champion"  # the role under which `Rows` has its forecasts
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Matured:
    """What of a batch has waited long enough for its outcomes."""

    rows: pd.DataFrame
    """The labelled rows of mature blocks."""
    labelled: float
    """Share of all rows that have a label."""
    mature: int
    """Blocks in which enough rows have one."""
    waiting: int
    """The other blocks."""


def labels(problem: Problem, reference: Reference) -> list[Any]:
    """The labels that the champion knows, in the order of their codes; none in a regression."""
    if problem.task != "binary":
        return problem.classes
    seen = sorted(reference.predictions[problem.features.TARGET].dropna().unique())
    return seen if len(seen) == 2 else [0, 1]


def matured(problem: Problem, batch: pd.DataFrame) -> Matured:
    """The blocks in which at least the share `monitor.mature` of the rows has a label.

    Early labels are not like late ones: a flight that lands on time is known before one that
    does not.
    """
    target, block = problem.features.TARGET, batch[problem.features.BLOCK]
    has = batch[target].notna() if target in batch else pd.Series(False, index=batch.index)
    share = has.groupby(block).mean()
    mature = share.index[share >= problem.knobs.monitor.mature]
    rows = batch[has & block.isin(mature)]
    labelled = float(has.mean()) if len(has) else 0.0
    return Matured(rows, labelled, len(mature), len(share) - len(mature))


def forecasts(problem: Problem, rows: pd.DataFrame) -> tuple[Array, Flags]:
    """The champion's forecasts, shape (n,) or (n, classes), and which rows have a finite one."""
    names = problem.predictions
    if not set(names) <= set(rows.columns):
        return np.full((len(rows), len(names)), np.nan), np.zeros(len(rows), dtype=bool)
    p = rows[names].to_numpy(dtype=np.float64)
    finite = np.isfinite(p).all(axis=1)
    return (p if problem.task == "multiclass" else p[:, 0]), finite


def answered(problem: Problem, rows: pd.DataFrame, classes: list[Any]) -> pd.DataFrame:
    """The rows that have a forecast, and an outcome that is one of `classes` (if there are any)."""
    _, there = forecasts(problem, rows)
    target = rows[problem.features.TARGET]
    there &= (target.isin(classes) if classes else target.notna()).to_numpy()
    return rows[there].reset_index(drop=True)


def known(problem: Problem, rows: pd.DataFrame, classes: list[Any]) -> Rows:
    """The same rows as metrics are computed from; they are in no slice."""
    rows, features = answered(problem, rows, classes), problem.features
    truth = encode(rows[features.TARGET], classes, problem.knobs.evaluate.threshold)
    block = rows[features.BLOCK].astype("str")
    said = {CHAMPION: forecasts(problem, rows)[0]}
    return Rows(features.TASK, truth, block, pd.DataFrame(index=rows.index), said)


def window(block: pd.Series, size: int) -> Codes:
    """Which window each row is in, 0, 1, …, oldest first, shape (n,): `size` blocks in a row each.

    They are counted back from the newest block; what is left over at the beginning is in -1.
    """
    codes, names = pd.factorize(block, sort=True)
    left_over = len(names) % size
    return (codes.astype(np.int64) - left_over) // size
