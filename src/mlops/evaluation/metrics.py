"""The metrics of each task, computed by scikit-learn."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn import metrics as sk

from mlops.contract import Task
from mlops.evaluation.names import BETTER
from mlops.evaluation.predict import Array

Codes = NDArray[np.int64]
BINS = 10  # of the calibration error


@dataclass(frozen=True)
class Truth:
    """What happened: class codes 0, 1, … or a regression's values, shape (n,).

    `threshold` turns a binary probability into a decision.
    """

    y: Array
    classes: int
    threshold: float


def confidence(truth: Truth, p: Array) -> tuple[Array, Array]:
    """A forecast probability per row and whether it came true: of class 1, or of the top class."""
    if p.ndim == 1:
        return p, truth.y
    return p.max(axis=1), (p.argmax(axis=1) == truth.y).astype(np.float64)


def calibration_bins(forecast: Array) -> Codes:
    """The equal-width bin of each forecast, 0 to 9."""
    return np.minimum((forecast * BINS).astype(np.int64), BINS - 1)


def calibration_error(truth: Truth, p: Array) -> float:
    """Expected calibration error over ten equal-width bins (Naeini, Cooper, Hauskrecht, 2015)."""
    forecast, happened = confidence(truth, p)
    gaps = np.bincount(calibration_bins(forecast), forecast - happened, minlength=BINS)
    return float(np.abs(gaps).sum() / len(forecast))


def decisions(truth: Truth, p: Array) -> Array:
    """Class 1 at or above the threshold; with several classes the most probable one."""
    return (
        (p >= truth.threshold).astype(np.float64)
        if p.ndim == 1
        else p.argmax(axis=1).astype(np.float64)
    )


def _macro_auc(truth: Truth, p: Array) -> float:
    return float(np.mean([sk.roc_auc_score(truth.y == k, p[:, k]) for k in range(truth.classes)]))


def _log_loss(truth: Truth, p: Array) -> float:
    """Single precision sums to 1 within 1e-7 only, of which scikit-learn would warn."""
    whole = p if p.ndim == 1 else p / p.sum(axis=1, keepdims=True)
    return float(sk.log_loss(truth.y, whole, labels=list(range(truth.classes))))


def _one_hot(truth: Truth) -> Array:
    return np.eye(truth.classes)[truth.y.astype(np.int64)]


def _decided(score: Callable[..., float], **options: object) -> Callable[[Truth, Array], float]:
    return lambda truth, p: float(score(truth.y, decisions(truth, p), **options))


Value = Callable[[Truth, Array], float]
_PROBABILISTIC: dict[str, Value] = {
    "log_loss": _log_loss,
    "calibration_error": calibration_error,
}
VALUES: dict[Task, dict[str, Value]] = {
    "binary": _PROBABILISTIC
    | {
        "roc_auc": lambda t, p: float(sk.roc_auc_score(t.y, p)),
        "average_precision": lambda t, p: float(sk.average_precision_score(t.y, p)),
        "brier": lambda t, p: float(sk.brier_score_loss(t.y, p)),
        "precision": _decided(sk.precision_score, zero_division=0.0),
        "recall": _decided(sk.recall_score, zero_division=0.0),
        "f1": _decided(sk.f1_score, zero_division=0.0),
    },
    "multiclass": _PROBABILISTIC
    | {
        "roc_auc": _macro_auc,
        "brier": lambda t, p: float(((p - _one_hot(t)) ** 2).sum(axis=1).mean()),
        "accuracy": _decided(sk.accuracy_score),
        "f1": _decided(sk.f1_score, average="macro", zero_division=0.0),
    },
    "regression": {
        "r2": lambda t, p: float(sk.r2_score(t.y, p)),
        "rmse": lambda t, p: float(sk.root_mean_squared_error(t.y, p)),
        "mae": lambda t, p: float(sk.mean_absolute_error(t.y, p)),
    },
}
NEED_VARIETY = ("roc_auc", "average_precision", "r2")


def scores(
    task: Task, truth: Truth, p: Array, names: Collection[str] | None = None
) -> dict[str, float]:
    """The metrics `names` (None: all of the task); NaN without a value, as an AUC of one class."""
    one_sided = len(np.unique(truth.y)) < max(2, truth.classes)
    return {
        name: float("nan") if one_sided and name in NEED_VARIETY else VALUES[task][name](truth, p)
        for name in (BETTER[task] if names is None else names)
    }
