"""The unit in which contributions add up, and how it becomes what the model says."""

from collections.abc import Callable, Mapping
from typing import Literal

import numpy as np
from scipy.special import expit, softmax

from mlops.contract import Task
from mlops.evaluation.predict import Array

Scale = Literal["log-odds", "logits", "probability", "value"]
"""`logits` are several classes' scores, of which any two differ by their log-odds."""

TOLERANCE = 1e-5  # of a prediction that is added up, in units of its size where that is above 1

_LINKS: Mapping[Scale, Callable[[Array], Array]] = {
    "log-odds": expit,
    "logits": lambda scores: softmax(scores, axis=-1),
    "probability": lambda scores: scores,
    "value": lambda scores: scores,
}
_OF_TASK: Mapping[Task, tuple[Scale, ...]] = {
    "binary": ("log-odds", "probability"),
    "multiclass": ("logits", "probability"),
    "regression": ("value",),
}


def prediction(scale: Scale, scores: Array) -> Array:
    """What scores of that scale say, of the same shape (…, outputs)."""
    return _LINKS[scale](scores)


def scale_of(task: Task, scores: Array, answers: Array) -> Scale | None:
    """The scale on which the scores are the model's answers, both of shape (rows, outputs)."""
    if scores.shape != answers.shape:
        return None
    return next((one for one in _OF_TASK[task] if gap(one, scores, answers) <= TOLERANCE), None)


def gap(scale: Scale, scores: Array, answers: Array) -> float:
    """How far, at most, what the scores say lies from the answers; infinite where it is no number.

    In units of the answer where that is above 1.
    """
    apart = np.abs(prediction(scale, scores) - answers) / np.maximum(1.0, np.abs(answers))
    return float(np.nan_to_num(apart, nan=np.inf).max(initial=0.0))
