"""The resampled metrics, against scikit-learn on rows that are literally resampled."""

from collections.abc import Callable
from functools import cache
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from mlops.contract import Task
from mlops.evaluation.bootstrap import AT_ONCE, Sample, distributions, draw, interval
from mlops.evaluation.metrics import Truth, scores
from mlops.evaluation.names import BETTER
from tests.mlops.evaluation.test_metrics import calibration_error_by_hand

NAN = float("nan")
THRESHOLD = 0.4
Reference = Callable[[Any, Any], float]


def defined(score: Callable[..., float], possible: bool, *arguments: Any) -> float:
    return float(score(*arguments)) if possible else NAN


def macro_auc(y: Any, p: Any) -> float:
    classes = p.shape[1]
    return defined(
        lambda: np.mean([sk.roc_auc_score(y == k, p[:, k]) for k in range(classes)]),
        len(set(y)) == classes,
    )


def macro_f1(y: Any, p: Any) -> float:
    return float(sk.f1_score(y, p.argmax(axis=1), average="macro", zero_division=0.0))


BINARY: dict[str, Reference] = {
    "roc_auc": lambda y, p: defined(sk.roc_auc_score, len(set(y)) == 2, y, p),
    "average_precision": lambda y, p: defined(sk.average_precision_score, 1 in y, y, p),
    "brier": lambda y, p: float(sk.brier_score_loss(y, p)),
    "log_loss": lambda y, p: float(sk.log_loss(y, p, labels=[0, 1])),
    "calibration_error": lambda y, p: calibration_error_by_hand(p, y),
    "precision": lambda y, p: float(sk.precision_score(y, p >= THRESHOLD, zero_division=0.0)),
    "recall": lambda y, p: float(sk.recall_score(y, p >= THRESHOLD, zero_division=0.0)),
    "f1": lambda y, p: float(sk.f1_score(y, p >= THRESHOLD, zero_division=0.0)),
}
MULTICLASS: dict[str, Reference] = {
    "roc_auc": macro_auc,
    "brier": lambda y, p: float(
        np.mean(((p - np.eye(p.shape[1])[y.astype(int)]) ** 2).sum(axis=1))
    ),
    "log_loss": lambda y, p: float(sk.log_loss(y, p, labels=list(range(p.shape[1])))),
    "calibration_error": lambda y, p: calibration_error_by_hand(
        p.max(axis=1), p.argmax(axis=1) == y
    ),
    "accuracy": lambda y, p: float(sk.accuracy_score(y, p.argmax(axis=1))),
    "f1": macro_f1,
}
REGRESSION: dict[str, Reference] = {
    "r2": lambda y, p: defined(sk.r2_score, len(set(y)) > 1, y, p),
    "rmse": lambda y, p: float(sk.root_mean_squared_error(y, p)),
    "mae": lambda y, p: float(sk.mean_absolute_error(y, p)),
}
REFERENCES: dict[Task, dict[str, Reference]] = {
    "binary": BINARY,
    "multiclass": MULTICLASS,
    "regression": REGRESSION,
}


def sample_of(task: Task, rng: np.random.Generator, rows: int, blocks: int) -> Sample:
    """Small data with many ties, blocks of uneven size, and some blocks of one class alone."""
    _, block = np.unique(rng.integers(0, blocks, rows), return_inverse=True)
    if task == "regression":
        y, p = rng.integers(-2, 3, rows) * 1.5 + 7, rng.integers(-2, 3, rows) * 1.5 + 7
        truth = Truth(y.astype(np.float64), 0, THRESHOLD)
    elif task == "binary":
        p = rng.integers(0, 11, rows) / 10
        truth = Truth((rng.random(rows) < 0.3).astype(np.float64), 2, THRESHOLD)
    else:
        p = rng.multinomial(5, np.full(3, 1 / 3), rows) / 5
        truth = Truth(rng.choice(3, rows, p=[0.6, 0.3, 0.1]).astype(np.float64), 3, THRESHOLD)
    return Sample(truth, p.astype(np.float64), block, int(block.max()) + 1)


def literally(sample: Sample, counts: Any) -> Any:
    """The rows of the drawn blocks one after the other, a block drawn twice twice."""
    drawn = np.repeat(np.arange(sample.blocks), counts)
    return np.concatenate([np.flatnonzero(sample.block == block) for block in drawn])


@pytest.mark.parametrize("task", list(REFERENCES))
@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), rows=st.integers(1, 60), blocks=st.integers(1, 8))
def test_each_resample_has_the_value_of_its_rows(
    task: Task, seed: int, rows: int, blocks: int
) -> None:
    sample = sample_of(task, np.random.default_rng(seed), rows, blocks)
    counts = draw(sample.blocks, 6, seed)

    found = distributions(task, sample, counts)

    assert set(found) == set(REFERENCES[task])
    for name, reference in REFERENCES[task].items():
        chosen = [literally(sample, row) for row in counts]
        expected = [reference(sample.truth.y[rows], sample.p[rows]) for rows in chosen]
        np.testing.assert_allclose(found[name], expected, atol=2e-7, rtol=0, err_msg=name)


@pytest.mark.parametrize("task", list(REFERENCES))
def test_only_the_metrics_asked_for_are_resampled(task: Task) -> None:
    sample = sample_of(task, np.random.default_rng(2), rows=200, blocks=9)
    counts = draw(9, 20, seed=1)
    everything = distributions(task, sample, counts)
    names = list(BETTER[task])[:0:-2]

    found = distributions(task, sample, counts, names)

    assert list(found) == names
    assert len(names) < len(everything)
    for name in names:
        np.testing.assert_array_equal(found[name], everything[name])


@pytest.mark.parametrize("task", list(REFERENCES))
def test_every_block_once_is_the_value_of_all_rows(task: Task) -> None:
    sample = sample_of(task, np.random.default_rng(5), rows=400, blocks=12)

    found = distributions(task, sample, np.ones((1, 12), dtype=np.int64))

    for name, value in scores(task, sample.truth, sample.p).items():
        assert found[name][0] == pytest.approx(value, abs=2e-7), name


@pytest.mark.parametrize("ties", [1, 3])
def test_a_ranking_too_long_for_one_piece_keeps_its_count(ties: int) -> None:
    """Thousands of scores, more than are looked at once, in blocks unlike in size and level."""
    rng = np.random.default_rng(8)
    rows, blocks = 6000, 9
    block = np.sort(rng.choice(blocks, rows, p=np.arange(1, 10) / 45))
    p = rng.permutation(rows // ties * ties) // ties / rows * 0.5 + block / 20
    truth = Truth((rng.random(rows) < p).astype(np.float64), 2, 0.5)
    sample = Sample(truth, p, block, blocks)
    counts = draw(blocks, 40, seed=3)
    assert len(np.unique(p)) > 4 * AT_ONCE

    found = distributions("binary", sample, counts)

    for place, row in enumerate(counts):
        chosen = literally(sample, row)
        y, scores_ = truth.y[chosen], p[chosen]
        assert found["roc_auc"][place] == pytest.approx(sk.roc_auc_score(y, scores_), abs=2e-7)
        expected = sk.average_precision_score(y, scores_)
        assert found["average_precision"][place] == pytest.approx(expected, abs=2e-7)


def test_a_resample_without_positives_has_no_auc_but_has_its_losses() -> None:
    """Day 0 has no late flight: the resample of day 0 twice cannot be ranked."""
    truth = Truth(np.array([0.0, 0.0, 1.0, 0.0]), 2, 0.5)
    sample = Sample(truth, np.array([0.1, 0.6, 0.8, 0.3]), np.array([0, 0, 1, 1]), 2)

    found = distributions("binary", sample, np.array([[2, 0], [1, 1]]))

    assert {name for name, values in found.items() if np.isnan(values[0])} == {
        "roc_auc",
        "average_precision",
    }
    assert found["precision"][0] == found["recall"][0] == found["f1"][0] == 0.0
    assert not any(np.isnan(values[1]) for values in found.values())


def test_a_resample_with_a_constant_outcome_has_no_r2() -> None:
    """The sum of squares of a constant is zero only up to the last digit, which must not count."""
    y = np.array([0.1, 0.1, 0.1, 7.3, 7.3, 9.9])
    sample = Sample(Truth(y, 0, 0.5), y + 0.5, np.array([0, 0, 0, 1, 1, 2]), 3)

    found = distributions("regression", sample, np.array([[3, 0, 0], [0, 3, 0], [1, 1, 1]]))

    assert np.isnan(found["r2"]).tolist() == [True, True, False]
    assert found["mae"] == pytest.approx([0.5, 0.5, 0.5])


def test_a_draw_takes_as_many_blocks_as_there_are_each_with_the_same_chance() -> None:
    counts = draw(20, 5000, seed=1)

    assert (counts.sum(axis=1) == 20).all()
    assert counts.mean(axis=0) == pytest.approx(np.ones(20), abs=0.07)
    assert counts.var(axis=0) == pytest.approx(np.full(20, 1 - 1 / 20), rel=0.15)
    assert (draw(20, 50, seed=1) == draw(20, 50, seed=1)).all()
    assert (draw(20, 50, seed=1) != draw(20, 50, seed=2)).any()


def test_the_interval_is_that_of_the_percentiles_of_the_resamples_with_a_value() -> None:
    values = np.random.default_rng(0).normal(size=999)

    assert interval(values, 0.9) == pytest.approx(tuple(np.percentile(values, [5, 95])))
    assert interval(np.append(values, [NAN, NAN]), 0.9) == interval(values, 0.9)


@pytest.mark.filterwarnings("error")
def test_without_any_value_there_is_no_interval_and_no_noise() -> None:
    assert np.isnan(interval(np.full(5, NAN), 0.95)).all()


def errors(sample_rows: Any, block: Any) -> Sample:
    """Predictions of 0 whose mean absolute error is the mean of positive `sample_rows`."""
    _, codes = np.unique(block, return_inverse=True)
    truth = Truth(sample_rows, 0, 0.5)
    return Sample(truth, np.zeros(len(sample_rows)), codes, int(codes.max()) + 1)


def mean_interval(values: Any, block: Any, level: float, resamples: int) -> tuple[float, float]:
    sample = errors(values, block)
    counts = drawn(sample.blocks, resamples)
    return interval(distributions("regression", sample, counts)["mae"], level)


@cache
def drawn(blocks: int, resamples: int) -> Any:
    return draw(blocks, resamples, seed=7)


def test_the_interval_of_a_mean_is_that_of_normal_theory() -> None:
    """Of B independent blocks: mean ± z s / √B, with s over the means of blocks of equal size."""
    rng = np.random.default_rng(11)
    blocks, rows = 300, 10
    values = 20 + np.repeat(rng.normal(size=blocks), rows) + rng.normal(size=blocks * rows)

    low, high = mean_interval(values, np.repeat(np.arange(blocks), rows), 0.9, resamples=8000)

    half = (
        NormalDist().inv_cdf(0.95)
        * values.reshape(blocks, rows).mean(axis=1).std()
        / np.sqrt(blocks)
    )
    assert low == pytest.approx(values.mean() - half, abs=0.06 * half)
    assert high == pytest.approx(values.mean() + half, abs=0.06 * half)


def test_intervals_by_day_cover_and_by_row_do_not_when_days_share_a_shock() -> None:
    """A storm delays every flight of its day: a day is one observation, not a hundred."""
    rng = np.random.default_rng(3)
    worlds, days, flights, mean = 250, 40, 25, 20.0
    day = np.repeat(np.arange(days), flights)
    covered = {"day": 0, "row": 0}
    widths: dict[str, list[float]] = {"day": [], "row": []}
    for _ in range(worlds):
        shock = np.repeat(rng.normal(size=days), flights)
        values = mean + shock + 0.5 * rng.normal(size=len(day))
        for unit, block in (("day", day), ("row", np.arange(len(day)))):
            low, high = mean_interval(values, block, 0.9, resamples=200)
            covered[unit] += low <= mean <= high
            widths[unit].append(high - low)

    # Normal theory: the days' interval covers in 88 % of the worlds (40 days, not infinitely many).
    assert covered["day"] / worlds == pytest.approx(0.88, abs=0.06)
    # The standard error is √((1 + 0.25 / 25) / 40) by day, and √(1.25 / 1000) by row: 4.5 times.
    assert np.mean(widths["day"]) > 4 * np.mean(widths["row"])
    assert covered["row"] / worlds < 0.4


@pytest.mark.parametrize("task", list(REFERENCES))
def test_the_interval_of_every_metric_holds_the_value_itself(task: Task) -> None:
    sample = sample_of(task, np.random.default_rng(21), rows=2000, blocks=50)

    found = distributions(task, sample, draw(50, 500, seed=0))

    for name, value in scores(task, sample.truth, sample.p).items():
        if name == "calibration_error":
            continue  # a mean of absolute gaps: resampling adds noise to it, and moves it up
        low, high = interval(found[name], 0.95)
        assert low < value < high, name
    assert list(found) == list(BETTER[task])
