"""Metrics by slice, grouped by fairlearn's MetricFrame."""

from typing import Any

import numpy as np
import pandas as pd
from fairlearn.metrics import MetricFrame

from mlops.contract import Slices, Task
from mlops.errors import DeclarationError
from mlops.evaluation.metrics import Truth, scores
from mlops.evaluation.predict import Array

FILE = "src/problem/slices.py"


def labels(problem: Slices, rows: pd.DataFrame) -> pd.DataFrame:
    """The slice labels of every row; DeclarationError when one is absent or has no label."""
    try:
        found = problem.slices(rows)
    except KeyError as absent:
        raise DeclarationError(
            f"{FILE}: slices() asks for the column {absent}, which the feature table lacks; it has "
            f"{', '.join(rows.columns)}"
        ) from None
    for name in problem.SLICES:
        if name not in found:
            raise DeclarationError(
                f"{FILE}: SLICES declares {name!r}, but slices() returns {', '.join(found.columns)}"
            )
        if found[name].isna().any():
            lost = found[name].isna()
            row = int(np.flatnonzero(lost)[0])
            values = ", ".join(
                f"{column} {value}" for column, value in rows.iloc[row].head(6).items()
            )
            raise DeclarationError(
                f"{FILE}: slice {name!r} has no label for {int(lost.sum())} rows, the first "
                f"with {values}"
            )
    return found[problem.SLICES].astype("str")


def by_slice(
    task: Task, truth: Truth, p: Array, groups: pd.DataFrame, minimum: int
) -> dict[str, dict[str, dict[str, Any]]]:
    """Every metric by slice and label, with `rows`; only `rows` under `minimum` of them."""

    def scored(index: Any, _: Any) -> dict[str, Any]:
        i = np.asarray(index, dtype=np.int64)
        if len(i) < minimum:
            return {"rows": len(i)}
        part = Truth(truth.y[i], truth.classes, truth.threshold)
        return {"rows": len(i)} | scores(task, part, p[i])

    row = np.arange(len(truth.y))
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for name in groups.columns:
        frame = MetricFrame(metrics=scored, y_true=row, y_pred=row, sensitive_features=groups[name])
        found[name] = {str(label): values for label, values in frame.by_group.items()}
    return found
