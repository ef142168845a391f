"""Rates by group and their differences, against fairlearn and rows that are literally resampled."""

import math
import time
from typing import Any

import fairlearn.metrics as fl
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops.contract import Task
from mlops.evaluation.bootstrap import FEWEST_BLOCKS, Sample, draw
from mlops.evaluation.fairness import COMPARED, fairness
from mlops.evaluation.metrics import Truth
from mlops.files import rounded
from tests.mlops.evaluation.test_bootstrap import THRESHOLD, literally, sample_of

Found = dict[str, dict[str, dict[str, Any]]]


def by_pandas(task: Task, sample: Sample, labels: Any) -> pd.DataFrame:
    """A row of rates per group; 0/0 is NaN."""
    y, p = sample.truth.y, sample.p
    if task == "multiclass":
        hit = (p.argmax(axis=1) == y).astype(float)
        rows = pd.DataFrame({"accuracy": hit, "confidence": p.max(axis=1)})
        rows["calibration_gap"] = rows["confidence"] - hit
    elif task == "regression":
        rows = pd.DataFrame({"outcome": y, "forecast": p, "mean_error": p - y, "mae": abs(p - y)})
    else:
        called = (p >= THRESHOLD).astype(float)
        rows = pd.DataFrame({"outcome_rate": y, "forecast": p, "selection_rate": called})
        rows["true_positive_rate"] = np.where(y == 1, called, np.nan)
        rows["false_positive_rate"] = np.where(y == 0, called, np.nan)
        rows["calibration_gap"] = p - y
    return rows.groupby(np.asarray(labels)).mean()


def world(task: Task, seed: int, groups: str = "abcd") -> tuple[Sample, pd.DataFrame]:
    """800 rows in 40 blocks, in groups of uneven size."""
    rng = np.random.default_rng(seed)
    sample = sample_of(task, rng, 800, 40)
    chances = np.arange(len(groups), 0, -1) / sum(range(len(groups) + 1))
    return sample, pd.DataFrame(
        {"group": rng.choice(list(groups), 800, p=chances)}, index=rng.permutation(800)
    )


def some_of(sample: Sample, rows: Any) -> Sample:
    truth = Truth(sample.truth.y[rows], sample.truth.classes, THRESHOLD)
    return Sample(truth, sample.p[rows], sample.block[rows], sample.blocks)


def told(
    task: Task, sample: Sample, labels: pd.DataFrame, counts: Any = None, minimum: int = 1
) -> Found:
    counts = draw(sample.blocks, 100, 0) if counts is None else counts
    found = fairness(task, sample, counts, labels, minimum=minimum, level=0.9)
    return found[labels.columns[0]]


@pytest.mark.parametrize("task", list(COMPARED))
@pytest.mark.parametrize("seed", range(5))
def test_each_group_has_the_rates_of_its_own_rows(task: Task, seed: int) -> None:
    sample, labels = world(task, seed)

    found = told(task, sample, labels)["groups"]

    expected = by_pandas(task, sample, labels["group"])
    assert list(found) == list(expected.index)
    for group, rates in expected.iterrows():
        rows = {"rows": int((labels["group"] == group).sum())}
        assert found[str(group)] == pytest.approx(rows | rates.to_dict(), nan_ok=True)


@pytest.mark.parametrize("seed", range(5))
def test_the_differences_of_two_classes_are_those_of_fairlearn(seed: int) -> None:
    sample, labels = world("binary", seed)
    called = (sample.p >= THRESHOLD).astype(int)

    found = told("binary", sample, labels)["differences"]

    asked = {"y_true": sample.truth.y, "y_pred": called, "sensitive_features": labels["group"]}
    value = {name: difference["value"] for name, difference in found.items()}
    parity = fl.demographic_parity_difference(**asked)
    odds = fl.equalized_odds_difference(**asked)
    assert value["selection_rate"] == pytest.approx(parity)
    assert max(value["true_positive_rate"], value["false_positive_rate"]) == pytest.approx(odds)
    rates = fl.MetricFrame(metrics=fl.selection_rate, **asked).by_group
    chosen = found["selection_rate"]
    assert (chosen["largest"], chosen["smallest"]) == (rates.idxmax(), rates.idxmin())


@pytest.mark.parametrize("task", list(COMPARED))
@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_an_interval_reaches_as_far_as_two_groups_stray_apart_in_rows_drawn_again(
    task: Task, seed: int
) -> None:
    sample, labels = world(task, seed, groups="abc")
    counts = draw(sample.blocks, 40, seed)

    found = told(task, sample, labels, counts)["differences"]

    group = labels["group"].to_numpy()
    rates = by_pandas(task, sample, group)
    again = [
        by_pandas(task, some_of(sample, i), group[i])
        for i in (literally(sample, times) for times in counts)
    ]
    assert list(found) == list(COMPARED[task])
    for name, difference in found.items():
        astray = [resampled[name].sub(rates[name]) for resampled in again]
        reach = np.quantile([values.max() - values.min() for values in astray], 0.9)
        value = rates[name].max() - rates[name].min()
        ends = (difference["low"], difference["value"], difference["high"])
        assert ends == pytest.approx((value - reach, value, value + reach))
        assert difference["largest"] == rates[name].idxmax()
        assert difference["smallest"] == rates[name].idxmin()


def test_groups_that_are_treated_alike_are_told_apart_no_more_often_than_the_level_says() -> None:
    """Percentiles of the difference itself would do so every time: it is never below 0."""
    rng = np.random.default_rng(7)
    blocks, each = 60, 40
    block = np.repeat(np.arange(blocks), each)
    labels = pd.DataFrame({"group": np.tile(list("aaaaabbbbccc") * 4, blocks)[: blocks * each]})
    apart = 0
    for trial in range(200):
        hard = rng.normal(0, 0.1, blocks)[block]  # a bad day is bad for all
        p = np.clip(rng.normal(0.4 + hard, 0.2), 0, 1)
        sample = Sample(Truth((rng.random(len(p)) < p).astype(float), 2, 0.5), p, block, blocks)

        found = told("binary", sample, labels, draw(blocks, 200, trial))["differences"]

        assert found["selection_rate"]["value"] > 0
        apart += found["selection_rate"]["low"] > 0
    assert 8 <= apart <= 34  # 20 are expected at 0.9, with a standard error of 4.2


def test_a_group_under_the_minimum_is_left_out_everywhere() -> None:
    sample, labels = world("binary", 0)
    small = int((labels["group"] == "d").sum())

    without = told("binary", sample, labels, minimum=small + 1)
    at_minimum = told("binary", sample, labels, minimum=small)

    assert list(without["groups"]) == ["a", "b", "c"]
    assert list(at_minimum["groups"]) == ["a", "b", "c", "d"]
    kept = (labels["group"] != "d").to_numpy()
    assert rounded(without) == rounded(told("binary", some_of(sample, kept), labels[kept]))


def test_where_fewer_than_two_groups_are_left_there_is_no_difference() -> None:
    sample, labels = world("regression", 0)

    one = told("regression", sample, labels.assign(group="all"))
    none = told("regression", sample, labels, minimum=1000)

    assert one["differences"] == {}
    assert one["groups"]["all"]["mae"] == pytest.approx(abs(sample.p - sample.truth.y).mean())
    assert none == {"groups": {}, "differences": {}}


def test_a_rate_that_a_group_cannot_have_is_no_number_and_not_compared() -> None:
    sample, labels = world("binary", 1)
    y = np.where(labels["group"] == "b", 0.0, sample.truth.y)
    never = Sample(Truth(y, 2, THRESHOLD), sample.p, sample.block, sample.blocks)

    found = told("binary", never, labels)

    assert math.isnan(found["groups"]["b"]["true_positive_rate"])
    assert found["groups"]["b"]["outcome_rate"] == 0
    rates = by_pandas("binary", never, labels["group"])["true_positive_rate"].drop("b")
    difference = found["differences"]["true_positive_rate"]
    assert difference["value"] == pytest.approx(rates.max() - rates.min())
    assert difference["low"] < difference["value"] < difference["high"]


def test_a_group_in_too_few_blocks_is_compared_without_an_interval() -> None:
    """Drawn again it is the same each time, which is no sign of certainty."""
    sample, labels = world("regression", 2, groups="ab")
    group = np.where(sample.block < FEWEST_BLOCKS - 1, "few", labels["group"])
    p = sample.p + 100 * (group == "few")
    moved = Sample(sample.truth, p, sample.block, sample.blocks)

    few = told("regression", moved, labels.assign(group=group))["differences"]["mae"]
    enough = told("regression", moved, labels)["differences"]["mae"]

    assert few["largest"] == "few"
    assert few["value"] > 90
    assert math.isnan(few["low"])
    assert math.isnan(few["high"])
    assert enough["low"] < enough["value"] < enough["high"]


def test_of_groups_that_are_equal_to_six_decimals_the_first_is_named() -> None:
    y = np.zeros(400)
    labels = pd.DataFrame({"group": np.tile(["b", "a", "d", "c"], 100)})
    p = np.tile([0.3, 0.3 + 1e-9, 0.7, 0.7 + 1e-9], 100)
    sample = Sample(Truth(y, 2, 0.5), p, np.repeat(np.arange(20), 20), 20)

    gap = told("binary", sample, labels)["differences"]["calibration_gap"]

    assert (gap["largest"], gap["smallest"]) == ("c", "a")
    assert gap["value"] == pytest.approx(0.4)


def test_two_months_of_flights_take_no_time() -> None:
    rng = np.random.default_rng(0)
    rows, blocks = 57_000, 62
    y, p = rng.integers(0, 2, rows).astype(float), rng.random(rows)
    sample = Sample(Truth(y, 2, 0.3), p, np.sort(rng.integers(0, blocks, rows)), blocks)
    labels = pd.DataFrame({f"slice {n}": rng.integers(0, 15, rows).astype(str) for n in range(4)})
    counts = draw(blocks, 2000, 0)

    before = time.process_time()
    found = fairness("binary", sample, counts, labels, minimum=500, level=0.95)

    assert time.process_time() - before < 2
    assert [len(by["groups"]) for by in found.values()] == [15] * 4
