"""The curves: few points, all of them scikit-learn's own, and never without the ends."""

import math
from collections import Counter
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve
from sklearn.metrics import precision_recall_curve, roc_curve

from mlops.evaluation.curves import POINTS, curves
from mlops.evaluation.metrics import Truth

Points = set[tuple[float, float]]


def binary(seed: int, rows: int, levels: int) -> tuple[Truth, Any]:
    """Outcomes of both classes, and scores on `levels` values: few levels, many ties."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, rows).astype(np.float64)
    y[:2] = [0, 1]
    return Truth(y, 2, 0.5), rng.integers(0, levels + 1, rows) / levels


def points(frame: pd.DataFrame) -> Points:
    return set(frame.iloc[:, :2].itertuples(index=False, name=None))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 3000), st.integers(1, 10**6))
def test_a_curve_is_at_most_200_points_of_scikit_learns_with_both_ends(
    seed: int, rows: int, levels: int
) -> None:
    truth, p = binary(seed, rows, levels)

    drawn = curves("binary", truth, p, [0, 1])

    fpr, tpr, _ = roc_curve(truth.y, p)
    precision, recall, _ = precision_recall_curve(truth.y, p)
    for name, theirs in (("roc", (fpr, tpr)), ("precision_recall", (recall, precision))):
        curve = drawn[name]
        assert len(curve) <= POINTS
        assert points(curve) <= set(zip(*(values.tolist() for values in theirs), strict=True))
        assert curve.iloc[:, 0].is_monotonic_increasing
    assert tuple(drawn["roc"].iloc[0]) == (0, 0)
    assert tuple(drawn["roc"].iloc[-1]) == (1, 1)
    assert tuple(drawn["precision_recall"].iloc[0]) == (0, 1)
    assert tuple(drawn["precision_recall"].iloc[-1]) == (1, truth.y.mean())


def test_a_long_curve_ends_at_both_ends_even_where_it_rises_upright_at_the_last() -> None:
    """The highest score is a negative's and the lowest positives': upright at 1 to the very end."""
    rng = np.random.default_rng(0)
    y = np.concatenate([[0], rng.integers(0, 2, 4000), np.ones(50)])
    p = np.linspace(1, 0, len(y))

    drawn = curves("binary", Truth(y.astype(np.float64), 2, 0.5), p, [0, 1])["roc"]

    assert len(drawn) <= POINTS
    assert tuple(drawn.iloc[0]) == (0, 0)
    assert tuple(drawn.iloc[-1]) == (1, 1)


def test_a_thinned_curve_stays_close_to_the_whole() -> None:
    truth, p = binary(4, rows=20_000, levels=10**6)
    fpr, tpr, _ = roc_curve(truth.y, p)

    drawn = curves("binary", truth, p, [0, 1])["roc"]

    between = np.interp(fpr, drawn["false_positive_rate"], drawn["true_positive_rate"])
    assert np.abs(between - tpr).max() < 0.02


def test_each_class_of_several_has_a_whole_curve_of_its_own() -> None:
    rng = np.random.default_rng(2)
    y, p = rng.integers(0, 3, 5000).astype(np.float64), rng.dirichlet(np.ones(3), 5000)

    drawn = curves("multiclass", Truth(y, 3, 0.5), p, ["ash", "oak", "yew"])["roc"]

    assert len(drawn) <= POINTS
    assert drawn["label"].unique().tolist() == ["ash", "oak", "yew"]
    for code, label in enumerate(["ash", "oak", "yew"]):
        mine = drawn[drawn["label"] == label]
        fpr, tpr, _ = roc_curve(y == code, p[:, code])
        assert points(mine) <= set(zip(fpr.tolist(), tpr.tolist(), strict=True))
        assert tuple(mine.iloc[0, :2]) == (0, 0)
        assert tuple(mine.iloc[-1, :2]) == (1, 1)


def test_calibration_is_that_of_scikit_learn() -> None:
    truth, p = binary(6, rows=4000, levels=997)

    drawn = curves("binary", truth, p, [0, 1])["calibration"]

    observed, predicted = calibration_curve(truth.y, p, n_bins=10)
    assert drawn["observed"].to_numpy() == pytest.approx(observed)
    assert drawn["predicted"].to_numpy() == pytest.approx(predicted)
    assert drawn["rows"].sum() == 4000


def test_a_tenth_that_nobody_was_given_is_left_out_of_the_calibration() -> None:
    truth = Truth(np.array([0.0, 1.0, 1.0]), 2, 0.5)

    drawn = curves("binary", truth, np.array([0.11, 0.12, 0.95]), [0, 1])["calibration"]

    assert drawn.round(6).values.tolist() == [[0.115, 0.5, 2], [0.95, 1.0, 1]]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 1500), st.integers(2, 5))
def test_confusion_shows_each_pair_by_its_share_to_the_largest_remainder(
    seed: int, rows: int, classes: int
) -> None:
    rng = np.random.default_rng(seed)
    y, p = rng.integers(0, classes, rows).astype(np.float64), rng.dirichlet(np.ones(classes), rows)
    names = [f"class {k}" for k in range(classes)]

    drawn = curves_of_several(y, p, names)

    shown = Counter(drawn.itertuples(index=False, name=None))
    assert shown.total() == min(POINTS, rows)
    counted = Counter(
        (names[int(a)], names[b]) for a, b in zip(y, p.argmax(axis=1).tolist(), strict=True)
    )
    for pair in set(shown) | set(counted):
        exact = counted[pair] * shown.total() / rows
        assert math.floor(exact + 1e-9) <= shown[pair] <= math.ceil(exact - 1e-9)
    rest = {pair: n * shown.total() / rows % 1 for pair, n in counted.items()}
    up = [rest[pair] for pair in counted if shown[pair] > counted[pair] * shown.total() / rows]
    down = [rest[pair] for pair in counted if shown[pair] < counted[pair] * shown.total() / rows]
    assert not up or not down or min(up) >= max(down) - 1e-9


def curves_of_several(y: Any, p: Any, names: list[str]) -> pd.DataFrame:
    """The confusion table alone; the AUC curves need every class among the outcomes."""
    from mlops.evaluation.curves import _confusion

    return _confusion(Truth(y, len(names), 0.5), p, names)


def test_confusion_decides_at_the_threshold() -> None:
    truth = Truth(np.array([0.0, 0.0, 1.0, 1.0]), 2, 0.3)

    drawn = curves("binary", truth, np.array([0.1, 0.3, 0.29, 0.9]), ["no", "yes"])["confusion"]

    pairs = Counter(drawn.itertuples(index=False, name=None))
    assert pairs == {("no", "no"): 1, ("no", "yes"): 1, ("yes", "no"): 1, ("yes", "yes"): 1}


def test_a_regression_is_drawn_by_tenths_of_its_predictions_and_by_residuals() -> None:
    rng = np.random.default_rng(3)
    p = rng.normal(size=1000)
    y = p + rng.normal(size=1000)

    drawn = curves("regression", Truth(y, 0, 0.5), p, [])

    tenth = pd.qcut(p, 10, labels=False)
    means = pd.DataFrame({"predicted": p, "observed": y}).groupby(tenth).mean()
    assert drawn["calibration"].to_numpy() == pytest.approx(means.to_numpy())
    residuals = drawn["residuals"]
    assert len(residuals) == POINTS
    assert points(residuals) <= set(zip(p.tolist(), (y - p).tolist(), strict=True))
    assert residuals["predicted"].iloc[[0, -1]].tolist() == [p.min(), p.max()]


def test_fewer_rows_than_tenths_still_make_a_calibration() -> None:
    y = np.array([1.0, 2.0, 4.0])

    drawn = curves("regression", Truth(y, 0, 0.5), y + 1, [])

    assert drawn["calibration"].values.tolist() == [[2, 1], [3, 2], [5, 4]]
    assert len(drawn["residuals"]) == 3
