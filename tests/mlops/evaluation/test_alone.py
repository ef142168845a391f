"""Inputs tried alone: an answer in disguise is found, whatever its type."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics as sk
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from mlops.contract import Task
from mlops.evaluation.alone import Rows, alone
from mlops.evaluation.metrics import Truth

N = 2000
RNG = np.random.default_rng(0)
LATE = (RNG.random(2 * N) < 0.3).astype(np.float64)
CLASSES: dict[Task, int] = {"binary": 2, "multiclass": 3, "regression": 0}


def tried(
    task: Task, y: Any, columns: dict[str, Any], *, sample: int = N, seed: int = 1
) -> dict[str, float]:
    """The first half of the rows is for training, the second for the test."""
    frame, half = pd.DataFrame(columns), len(y) // 2
    train, test = (
        Rows(frame[part], Truth(np.asarray(y, dtype=np.float64)[part], CLASSES[task], 0.5))
        for part in (slice(0, half), slice(half, None))
    )
    return alone(task, train, test, sample=sample, seed=seed)


ANSWERS: dict[str, Any] = {
    "number": LATE * 100 + RNG.random(2 * N),
    "the other way round": -LATE.astype("float32"),
    "huge number": 2**40 + LATE.astype("int64"),  # the same number in single precision
    "infinite": np.where(LATE == 1, np.inf, 0.0),
    "flag": LATE == 1,
    "nullable": pd.Series(LATE).astype("Int64"),
    "gap": np.where(LATE == 1, np.nan, RNG.random(2 * N)),
    "date": pd.Timestamp("2013-01-01") + pd.to_timedelta(LATE, unit="D"),
    "hour": pd.Timestamp("2013-01-01", tz="UTC") + pd.to_timedelta(LATE, unit="h"),
    "span": pd.to_timedelta(LATE * 60 + RNG.random(2 * N), unit="min"),
    "text": np.where(LATE == 1, "late", "punctual"),
    "category": pd.Categorical(np.where(LATE == 1, "late", "punctual")),
    "text or gap": pd.Series("late", range(2 * N), dtype="str").where(LATE == 1),
    "many names": [
        f"{'xyz'[int(k)] if late else 'abc'[int(k)]}"
        for late, k in zip(LATE, RNG.integers(0, 3, 2 * N), strict=True)
    ],
}


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_in_disguise_scores_all_but_one(name: str) -> None:
    assert tried("binary", LATE, {name: ANSWERS[name]})[name] > 0.99


KNOWS_NOTHING: dict[str, Any] = {
    "noise": RNG.random(2 * N),
    "constant": np.ones(2 * N),
    "gaps alone": np.full(2 * N, np.nan),
    "name of its own": [f"flight-{i}" for i in range(2 * N)],
    "noise in words": RNG.choice(list("abcdefgh"), 2 * N),
}


@pytest.mark.parametrize("name", KNOWS_NOTHING)
def test_what_knows_nothing_scores_a_half(name: str) -> None:
    assert tried("binary", LATE, {name: KNOWS_NOTHING[name]})[name] == pytest.approx(0.5, abs=0.04)


def test_a_number_scores_what_scikit_learns_tree_scores_on_it() -> None:
    x = RNG.integers(0, 60, 2 * N)
    y = (RNG.random(2 * N) < x / 80).astype(int)
    tree = DecisionTreeClassifier(max_leaf_nodes=16, min_samples_leaf=0.01).fit(x[:N, None], y[:N])
    expected = sk.roc_auc_score(y[N:], tree.predict_proba(x[N:, None])[:, 1])

    assert tried("binary", y, {"x": x}) == {"x": pytest.approx(expected, abs=1e-12)}


def test_a_category_scores_as_the_rank_of_its_share() -> None:
    """Five names, five shares far apart: the tree has a leaf for each."""
    name = RNG.integers(0, 5, 2 * N)
    y = (RNG.random(2 * N) < np.array([0.5, 0.1, 0.9, 0.3, 0.7])[name]).astype(int)
    share = np.array([y[:N][name[:N] == k].mean() for k in range(5)])
    expected = sk.roc_auc_score(y[N:], share[name[N:]])

    found = tried("binary", y, {"name": np.array(list("vwxyz"))[name]})

    assert found["name"] == pytest.approx(expected, abs=1e-12)


def test_a_name_that_training_never_saw_counts_as_the_average() -> None:
    """Half of the test rows have a new name; the others are told by theirs."""
    y = np.tile([0, 1], N)
    name = np.where(y == 1, "late", "punctual").astype(object)
    name[N::4] = name[N + 1 :: 4] = "new"
    score = np.select([name == "late", name == "new"], [1.0, 0.5], 0.0)

    found = tried("binary", y, {"name": name})

    # The new ones share a leaf with one of the two names, so that half of the ties is decided.
    assert 0.7 < found["name"] <= sk.roc_auc_score(y[N:], score[N:])


@pytest.mark.parametrize("form", ["number", "text"])
def test_one_of_several_classes_is_told_from_the_others(form: str) -> None:
    y = RNG.integers(0, 3, 2 * N)
    known = np.where(y == 1, 1, 0)  # tells class 1 alone
    column = known if form == "number" else np.array(["other", "one"])[known]
    tree = DecisionTreeClassifier().fit(known[:N, None], y[:N])
    expected = sk.roc_auc_score(y[N:], tree.predict_proba(known[N:, None]), multi_class="ovr")

    found = tried("multiclass", y, {"x": column})

    assert found["x"] == pytest.approx(expected, abs=1e-12)
    assert 0.75 < found["x"] < 0.9


def test_a_regression_scores_the_variance_explained() -> None:
    x = RNG.integers(0, 40, 2 * N)
    y = np.sin(x / 10) + RNG.normal(0, 0.3, 2 * N)
    tree = DecisionTreeRegressor(max_leaf_nodes=16, min_samples_leaf=0.01).fit(x[:N, None], y[:N])
    words = np.array([f"{value:02d}"[::-1] for value in x])

    found = tried("regression", y, {"x": x, "words": words})

    assert found["x"] == pytest.approx(sk.r2_score(y[N:], tree.predict(x[N:, None])), abs=1e-12)
    assert found["words"] == pytest.approx(found["x"], abs=0.03)


def test_every_input_is_tried_under_its_name_and_in_its_place() -> None:
    found = tried("binary", LATE, {"b": RNG.random(2 * N), "a": LATE})

    assert list(found) == ["b", "a"]
    assert found["a"] == 1.0


def test_a_sample_is_drawn_by_the_seed() -> None:
    x = LATE + RNG.normal(0, 1, 2 * N)

    def value(seed: int) -> float:
        return tried("binary", LATE, {"x": x}, sample=300, seed=seed)["x"]

    assert value(1) == value(1) != value(2)
    assert value(1) != tried("binary", LATE, {"x": x}, sample=N, seed=1)["x"]


def test_no_more_rows_than_the_sample_are_looked_at() -> None:
    """Of 2,000 rows each, 10 are drawn: their AUC is a number of half pairs out of 50 at most."""
    found = tried("binary", LATE, {"x": LATE + RNG.normal(0, 1, 2 * N)}, sample=10, seed=4)

    pairs = [2 * late * (10 - late) for late in range(1, 10)]
    assert any(found["x"] * p == pytest.approx(round(found["x"] * p), abs=1e-9) for p in pairs)


@pytest.mark.filterwarnings("error")
def test_a_class_that_the_sample_lacks_has_probability_zero() -> None:
    """Training drew the classes 0 and 1 alone; in the test, x is 2 for class 2."""
    y = np.concatenate([np.tile([0, 1], N // 2), np.resize([0, 1, 2], N)])
    asked = y[N:]
    forecast = [asked == 0, asked >= 1, asked < 0]  # 2 lies on the side of 1
    each = [sk.roc_auc_score(asked == k, p * 1.0) for k, p in enumerate(forecast)]

    assert tried("multiclass", y, {"x": y})["x"] == pytest.approx(np.mean(each), abs=1e-12)


@pytest.mark.filterwarnings("error")
def test_a_test_of_one_class_has_no_value() -> None:
    y = np.concatenate([np.tile([0, 1], N // 2), np.zeros(N)])

    assert np.isnan(tried("binary", y, {"x": RNG.random(2 * N), "w": ["a"] * 2 * N})["x"])
