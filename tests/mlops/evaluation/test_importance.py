"""Permutation importance of models whose workings are known."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import r2_score, roc_auc_score

from mlops.evaluation.importance import importances
from mlops.evaluation.metrics import Truth

RNG = np.random.default_rng(0)
ROWS = pd.DataFrame({name: RNG.normal(size=2000) for name in ("unused", "minor", "major")})
Y = (3 * ROWS["major"] + ROWS["minor"]).to_numpy()


class Known:
    """Knows the truth; keeps how many rows it was asked about."""

    def __init__(self) -> None:
        self.asked: set[int] = set()

    def fit(self, X: pd.DataFrame, y: Any) -> None: ...

    def predict(self, X: pd.DataFrame) -> Any:
        self.asked.add(len(X))
        return (3 * X["major"] + X["minor"]).to_numpy()

    def predict_proba(self, X: pd.DataFrame) -> Any:
        p = 1 / (1 + np.exp(-self.predict(X)))
        return np.stack([1 - p, p], axis=1)


def test_a_regression_loses_what_theory_says() -> None:
    """Shuffling an input of weight w adds 2 w² to the squared error, here of a variance of 10."""
    found = importances(Known(), ROWS, Truth(Y, 0, 0.5), "regression", sample=2000, seed=1)

    assert found["feature"].tolist() == ["major", "minor", "unused"]
    assert found["loss"].to_numpy() == pytest.approx([1.8, 0.2, 0.0], rel=0.1)
    assert found["loss"].iloc[2] == 0.0


def test_a_classifier_loses_auc() -> None:
    y = (RNG.random(2000) < 1 / (1 + np.exp(-Y))).astype(np.float64)
    model = Known()

    found = importances(model, ROWS, Truth(y, 2, 0.5), "binary", sample=2000, seed=1)

    whole = roc_auc_score(y, model.predict(ROWS))
    without = roc_auc_score(y, model.predict(ROWS.assign(major=RNG.permutation(ROWS["major"]))))
    assert found.set_index("feature")["loss"]["major"] == pytest.approx(whole - without, abs=0.03)
    assert found["feature"].tolist() == ["major", "minor", "unused"]


def test_no_more_rows_are_used_than_asked_for() -> None:
    model = Known()

    found = importances(model, ROWS, Truth(Y, 0, 0.5), "regression", sample=150, seed=1)

    assert model.asked == {150}
    assert found["loss"].iloc[0] > 1


def test_fewer_rows_than_asked_for_are_all_used() -> None:
    model = Known()

    importances(model, ROWS.head(20), Truth(Y[:20], 0, 0.5), "regression", sample=4000, seed=1)

    assert model.asked == {20}


def test_the_same_seed_gives_the_same_importances() -> None:
    def once(seed: int) -> list[float]:
        table = importances(Known(), ROWS, Truth(Y, 0, 0.5), "regression", sample=50, seed=seed)
        return table["loss"].tolist()

    assert once(3) == once(3) != once(4)


def test_shuffled_rows_keep_to_their_truth() -> None:
    """The model is perfect on any sample: rows and truth are picked by the same positions."""
    reordered = ROWS.sample(frac=1, random_state=5)
    y = Y[reordered.index]

    found = importances(Known(), reordered, Truth(y, 0, 0.5), "regression", sample=100, seed=2)

    assert r2_score(y, Known().predict(reordered)) == 1.0
    assert found["loss"].iloc[0] == pytest.approx(1.8, rel=0.3)
