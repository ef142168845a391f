"""What metrics to expect of forecasts, before any outcome is known."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from sklearn import metrics as sk
from sklearn.linear_model import LogisticRegression

from mlops.contract import Task
from mlops.evaluation.metrics import Truth, decisions
from mlops.evaluation.names import BETTER
from mlops.evaluation.predict import Array

CLIPPED = 1e-6  # probabilities of 0 and 1 have no logit


def recalibrated(y: Array, said: Array, p: Array) -> Array:
    """The probabilities `p`, as rows with the forecasts `said` and the outcomes `y` correct them.

    Binary, shape (n,): the slope and the level of the logit are fitted. Several classes, shape
    (n, classes): as they are. Also where `y` has a single class, from which nothing is learned.
    """
    if p.ndim > 1 or len(np.unique(y)) < 2:
        return p
    fitted = LogisticRegression(C=1e9).fit(_logit(said), y)
    return np.asarray(fitted.predict_proba(_logit(p))[:, 1], dtype=np.float64)


def _logit(p: Array) -> Array:
    inside = np.clip(p, CLIPPED, 1 - CLIPPED)
    return np.log(inside / (1 - inside))[:, None]


def expected(task: Task, p: Array, q: Array, threshold: float) -> dict[str, float]:
    """Metrics of the forecasts `p`, if outcomes come with the probabilities `q` of their shape.

    Means of a loss are exact; ratios, such as precision, are those of the expected counts, and
    ranking metrics those of each row taken once for every outcome, weighted by its probability.
    """
    if task == "binary":
        p, q = (np.stack([1 - x, x], axis=1) for x in (p, q))
    classes = p.shape[1]
    called = decisions(Truth(q, classes, threshold), p[:, 1] if task == "binary" else p)
    tiny = np.finfo(np.float64).eps
    logs = np.log(np.clip(p / p.sum(axis=1, keepdims=True), tiny, 1 - tiny))
    found = {"log_loss": float(-(q * logs).sum(axis=1).mean())}
    if task == "binary":
        squares = q[:, 0] * p[:, 1] ** 2 + q[:, 1] * p[:, 0] ** 2
        ranked = {"roc_auc": sk.roc_auc_score, "average_precision": sk.average_precision_score}
        found |= {name: _ranked(score, p[:, 1], q[:, 1]) for name, score in ranked.items()}
        found |= {"brier": float(squares.mean())} | _decided(called == 1, q[:, 1])
        return {name: found[name] for name in BETTER[task] if name in found}
    squares = (p**2).sum(axis=1) - 2 * (p * q).sum(axis=1) + 1
    every = range(classes)
    return {
        "roc_auc": float(np.mean([_ranked(sk.roc_auc_score, p[:, k], q[:, k]) for k in every])),
        "brier": float(squares.mean()),
        "log_loss": found["log_loss"],
        "accuracy": float(q[np.arange(len(q)), called.astype(np.int64)].mean()),
        "f1": float(np.mean([_decided(called == k, q[:, k])["f1"] for k in every])),
    }


def _ranked(score: Callable[..., float], p: Array, q: Array) -> float:
    """NaN where one of the two outcomes cannot happen."""
    if q.sum() in (0, len(q)):
        return float("nan")
    outcome = np.repeat([1, 0], len(p))
    return float(score(outcome, np.tile(p, 2), sample_weight=np.concatenate([q, 1 - q])))


def _decided(called: NDArray[np.bool_], q: Array) -> dict[str, float]:
    """Of expected counts; 0 where nothing is called, as scikit-learn is told to take it."""
    hits, calls, actual = float(q[called].sum()), int(called.sum()), float(q.sum())
    return {
        "precision": hits / calls if calls else 0.0,
        "recall": hits / actual if actual else 0.0,
        "f1": 2 * hits / (calls + actual) if calls + actual else 0.0,
    }
