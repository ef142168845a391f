"""How far each input goes alone: one that is nearly the answer was not known beforehand.

The model of one input is a small decision tree. A tree sees only the order of values, so numbers
are replaced by their ranks, which scikit-learn's single precision holds exactly, and categories by
the mean outcome of their training rows, drawn towards that of all rows (Micci-Barreca, 2001).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from mlops.contract import Task
from mlops.evaluation.metrics import Truth, scores
from mlops.evaluation.names import headline
from mlops.evaluation.predict import Array

LEAVES = 16
LEAF = 0.01  # share of the rows in a leaf, at least
PRIOR = 10  # rows with the mean outcome of all, added to every category
ORDERED = "biufmM"  # kinds of dtypes: flags, numbers, spans of time, dates


@dataclass(frozen=True)
class Rows:
    """Inputs with their truth; class codes are those of the training rows."""

    inputs: pd.DataFrame
    truth: Truth

    def some(self, sample: int, rng: np.random.Generator) -> "Rows":
        """At most `sample` of them, drawn without replacement, in their order."""
        size = min(sample, len(self.inputs))
        i = np.sort(rng.choice(len(self.inputs), size, replace=False))
        truth = Truth(self.truth.y[i], self.truth.classes, self.truth.threshold)
        return Rows(self.inputs.iloc[i], truth)


def alone(task: Task, train: Rows, test: Rows, *, sample: int, seed: int) -> dict[str, float]:
    """By input, the task's headline metric on test rows of a tree that knows this input alone.

    At most `sample` rows of each are used, the same for every input. NaN where the metric has no
    value, such as an AUC of one class.
    """
    rng = np.random.default_rng(seed)
    known, asked = train.some(sample, rng), test.some(sample, rng)
    metric = headline(task)
    found = {}
    for name in known.inputs:
        encoded = _encoded(known.inputs[name], asked.inputs[name], known.truth)
        p = _predicted(task, *encoded, known.truth, seed)
        found[str(name)] = scores(task, asked.truth, p, [metric])[metric]
    return found


def _encoded(known: pd.Series, asked: pd.Series, truth: Truth) -> tuple[Array, Array]:
    """Training and test values as numbers, shape (n, 1) or, for several classes, (n, classes)."""
    if known.dtype.kind in ORDERED:
        values = np.unique(known.dropna().to_numpy())
        return _ranks(known, values), _ranks(asked, values)
    outcome = truth.y[:, None]
    if truth.classes > 2:
        outcome = np.eye(truth.classes)[truth.y.astype(np.int64)]
    overall = outcome.mean(axis=0)
    codes, categories = pd.factorize(known, use_na_sentinel=False)  # a gap is a category
    sums = np.stack([np.bincount(codes, column) for column in outcome.T], axis=1)
    means = (sums + PRIOR * overall) / (np.bincount(codes) + PRIOR)[:, None]
    place = pd.Index(categories).get_indexer(pd.Index(asked))
    return means[codes], np.where(place[:, None] < 0, overall, means[place])


def _ranks(values: pd.Series, among: Any) -> Array:
    """The place of each value among sorted ones, shape (n, 1); a gap stays one."""
    ranks = np.full(len(values), np.nan)
    there = values.notna().to_numpy()
    ranks[there] = np.searchsorted(among, values[there].to_numpy())
    return ranks[:, None]


def _predicted(task: Task, known: Array, asked: Array, truth: Truth, seed: int) -> Array:
    """As `predict` shapes it; a class that the sample lacks has probability 0."""
    shape = {"max_leaf_nodes": LEAVES, "min_samples_leaf": LEAF, "random_state": seed}
    if task == "regression":
        return DecisionTreeRegressor(**shape).fit(known, truth.y).predict(asked)
    tree = DecisionTreeClassifier(**shape).fit(known, truth.y)
    p = np.zeros((len(asked), truth.classes))
    p[:, tree.classes_.astype(np.int64)] = tree.predict_proba(asked)
    return p[:, 1] if task == "binary" else p
