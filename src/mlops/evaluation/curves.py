"""Curves and tables to look at, each a small CSV that `dvc plots` draws."""

from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import precision_recall_curve, roc_curve

from mlops.contract import Task
from mlops.evaluation.metrics import BINS, Truth, calibration_bins, confidence, decisions
from mlops.evaluation.predict import Array

POINTS = 200  # of a curve, at most


def curves(task: Task, truth: Truth, p: Array, classes: list[Any]) -> dict[str, pd.DataFrame]:
    """What suits the task, by name; at most 200 points each (or two for each of many classes)."""
    if task == "regression":
        return {"calibration": _by_tenths(truth, p), "residuals": _residuals(truth, p)}
    found = {"calibration": _calibration(truth, p), "confusion": _confusion(truth, p, classes)}
    if task == "multiclass":
        points = max(2, POINTS // len(classes))
        per_class = [
            _roc(truth.y == k, p[:, k], points).assign(label=str(c)) for k, c in enumerate(classes)
        ]
        return {"roc": pd.concat(per_class, ignore_index=True)} | found
    precision, recall, _ = precision_recall_curve(truth.y, p, drop_intermediate=True)
    pr = pd.DataFrame({"recall": recall[::-1], "precision": precision[::-1]})
    return {
        "roc": _roc(truth.y == 1, p, POINTS),
        "precision_recall": _along(pr, "recall", POINTS),
    } | found


def _roc(positive: Any, score: Array, points: int) -> pd.DataFrame:
    fpr, tpr, _ = roc_curve(positive, score)
    curve = pd.DataFrame({"false_positive_rate": fpr, "true_positive_rate": tpr})
    return _along(curve, "false_positive_rate", points)


def _along(curve: pd.DataFrame, x: str, points: int) -> pd.DataFrame:
    """At most `points` points of a curve, evenly spaced along x, ends included."""
    if len(curve) <= points:
        return curve
    wanted = np.linspace(curve[x].iloc[0], curve[x].iloc[-1], points - 1)
    rows = np.searchsorted(curve[x].to_numpy(), wanted)  # the last may stand before the end
    return curve.iloc[np.unique(np.append(rows, len(curve) - 1))].drop_duplicates()


def _every(frame: pd.DataFrame, points: int) -> pd.DataFrame:
    """At most `points` rows, evenly spaced."""
    if len(frame) <= points:
        return frame
    return frame.iloc[np.unique(np.linspace(0, len(frame) - 1, points).astype(int))]


def _calibration(truth: Truth, p: Array) -> pd.DataFrame:
    forecast, happened = confidence(truth, p)
    bins = calibration_bins(forecast)
    rows = np.bincount(bins, minlength=BINS)
    used = rows > 0
    return pd.DataFrame(
        {
            "predicted": np.bincount(bins, forecast, minlength=BINS)[used] / rows[used],
            "observed": np.bincount(bins, happened, minlength=BINS)[used] / rows[used],
            "rows": rows[used],
        }
    )


def _by_tenths(truth: Truth, p: Array) -> pd.DataFrame:
    tenth = np.minimum(
        np.argsort(np.argsort(p, kind="stable"), kind="stable") * BINS // len(p), BINS - 1
    )
    frame = pd.DataFrame({"tenth": tenth, "predicted": p, "observed": truth.y})
    return frame.groupby("tenth")[["predicted", "observed"]].mean().reset_index(drop=True)


def _residuals(truth: Truth, p: Array) -> pd.DataFrame:
    order = np.argsort(p, kind="stable")
    return _every(pd.DataFrame({"predicted": p[order], "residual": (truth.y - p)[order]}), POINTS)


def _confusion(truth: Truth, p: Array, classes: list[Any]) -> pd.DataFrame:
    """POINTS rows in which each (actual, predicted) pair has the share that it has in the test.

    `dvc plots` counts rows; largest remainders (Hamilton) keep the sum.
    """
    size = len(classes)
    cells = np.bincount(
        truth.y.astype(int) * size + decisions(truth, p).astype(int), minlength=size**2
    )
    share = cells / cells.sum() * min(POINTS, len(p))
    shown = share.astype(int)
    left = round(share.sum()) - shown.sum()
    shown[np.argsort(shown - share, kind="stable")[:left]] += 1
    actual, called = np.divmod(np.repeat(np.arange(size**2), shown), size)
    return pd.DataFrame(
        {"actual": [classes[i] for i in actual], "predicted": [classes[i] for i in called]}
    )
