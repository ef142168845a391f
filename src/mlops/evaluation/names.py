"""The metrics of each task, and which way is better; the first is the headline."""

from typing import Literal

from mlops.contract import Task

Better = Literal["higher", "lower"]

BETTER: dict[Task, dict[str, Better]] = {
    "binary": {
        "roc_auc": "higher",
        "average_precision": "higher",
        "brier": "lower",
        "log_loss": "lower",
        "calibration_error": "lower",
        "precision": "higher",
        "recall": "higher",
        "f1": "higher",
    },
    "multiclass": {
        "roc_auc": "higher",
        "brier": "lower",
        "log_loss": "lower",
        "calibration_error": "lower",
        "accuracy": "higher",
        "f1": "higher",
    },
    "regression": {"r2": "higher", "rmse": "lower", "mae": "lower"},
}


def headline(task: Task) -> str:
    """The metric that a task is known by."""
    return next(iter(BETTER[task]))
