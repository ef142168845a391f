"""Lines are scored as scikit-learn does; a promotion that was a mistake is named, no other is."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import brier_score_loss, roc_auc_score

from mlops import params
from mlops.backtest.result import Line
from mlops.backtest.score import NEW, OLD, Answers, Reign, by_line, by_pair, succession, together
from mlops.evaluation.metrics import Truth
from mlops.judge.statistics import Difference, holm
from mlops.params import Params
from tests.conftest import ROOT

DAYS, FLIGHTS = 30, 200
LINES: tuple[Line, ...] = ("never", "frozen", "always", "gated", "whole")


@pytest.fixture
def knobs() -> Params:
    return params.load(ROOT / "params.yaml")


def period(seed: int, **noise: float) -> Answers:
    """A month in which some days are late as a whole; who is noisier knows less of it."""
    rng = np.random.default_rng(seed)
    day = np.repeat(np.arange(DAYS), FLIGHTS)
    risk = rng.normal(-1.2, 0.7, DAYS)[day] + rng.normal(0, 1, len(day))
    late = (rng.random(len(day)) < 1 / (1 + np.exp(-risk))).astype(np.float64)
    block = pd.Series([f"2013-{seed:02d}-{d + 1:02d}" for d in day])
    said = {
        who: 1 / (1 + np.exp(-(risk + rng.normal(0, much, len(day))))) if much else
        1 / (1 + np.exp(-risk))
        for who, much in noise.items()
    }  # fmt: skip
    return Answers(block, Truth(late, 2, 0.3), said)


def test_every_line_is_scored_as_scikit_learn_does() -> None:
    answers = period(4, **dict.fromkeys(LINES, 0.5))

    found = by_line("binary", answers, LINES)

    for line in LINES:
        y, p = answers.truth.y, answers.said[line]
        assert found[line]["roc_auc"] == pytest.approx(roc_auc_score(y, p))
        assert found[line]["brier"] == pytest.approx(brier_score_loss(y, p))


def test_a_metric_without_a_value_is_none() -> None:
    answers = period(4, **dict.fromkeys(LINES, 0.5))
    punctual = Answers(answers.block, Truth(answers.truth.y * 0, 2, 0.3), answers.said)

    found = by_line("binary", punctual, LINES)

    assert found["gated"]["roc_auc"] is None
    assert found["gated"]["brier"] is not None


def test_a_difference_is_how_much_better_the_first_is(knobs: Params) -> None:
    answers = period(4, never=2.0, frozen=2.0, always=0.5, gated=0.5, whole=0.0)

    found = by_pair("binary", answers, knobs)

    assert set(found["gated over never"]) == set(knobs.gates.margins)
    y, gated, never = answers.truth.y, answers.said["gated"], answers.said["never"]
    brier = found["gated over never"]["brier"]  # less is better, so more of it is a loss
    assert brier.value == pytest.approx(brier_score_loss(y, never) - brier_score_loss(y, gated))
    assert brier.low is not None
    assert brier.low > 0


def test_its_interval_is_that_of_days_drawn_by_hand(knobs: Params) -> None:
    answers = period(4, never=1.0, frozen=1.0, always=0.5, gated=0.5, whole=0.4)
    y, gated, never = answers.truth.y, answers.said["gated"], answers.said["never"]
    gain = (never - y) ** 2 - (gated - y) ** 2
    by_day = gain.reshape(DAYS, FLIGHTS).mean(axis=1)
    rng = np.random.default_rng(0)
    drawn = [rng.choice(by_day, DAYS).mean() for _ in range(4000)]
    error = np.std(drawn) * np.sqrt(DAYS / (DAYS - 1))

    brier = by_pair("binary", answers, knobs)["gated over never"]["brier"]

    assert brier.value is not None
    assert brier.low is not None
    assert brier.value - brier.low == pytest.approx(2.045 * error, rel=0.08)  # t of 29, 97.5 %


def test_too_few_blocks_tell_no_interval(knobs: Params) -> None:
    month = period(4, **dict.fromkeys(LINES, 0.5))
    few = month.block < "2013-04-09"
    answers = Answers(
        month.block[few].reset_index(drop=True),
        Truth(month.truth.y[few.to_numpy()], 2, 0.3),
        {who: p[few.to_numpy()] for who, p in month.said.items()},
    )

    brier = by_pair("binary", answers, knobs)["whole over gated"]["brier"]

    assert brier.value is not None
    assert (brier.low, brier.high) == (None, None)


def test_periods_together_are_their_rows_one_after_the_other() -> None:
    april, may = period(4, gated=0.5), period(5, gated=0.5)

    both = together([april, may])

    assert len(both.block) == 2 * DAYS * FLIGHTS
    assert both.sample("gated").blocks == 2 * DAYS
    assert both.said["gated"].tolist() == [*april.said["gated"], *may.said["gated"]]


def test_a_promoted_model_that_did_worse_is_a_mistake(knobs: Params) -> None:
    reign = Reign("1.1.0", "1.0.0")
    for month in (6, 7):
        reign = reign.going_on(f"2013-0{month}", period(month, **{NEW: 1.5, OLD: 0.5}))

    found = succession("binary", reign, knobs)

    assert {"roc_auc", "brier"} <= set(found.worse)
    assert (found.version, found.replaced) == ("1.1.0", "1.0.0")
    assert (found.first, found.last, found.blocks) == ("2013-06", "2013-07", 2 * DAYS)
    assert (found.differences["brier"].high or 0) < 0


def test_one_that_did_better_or_just_as_well_is_none(knobs: Params) -> None:
    better = Reign("1.1.0", "1.0.0").going_on("2013-06", period(6, **{NEW: 0.5, OLD: 1.5}))
    alike = Reign("1.1.0", "1.0.0").going_on("2013-06", period(6, **{NEW: 1.0, OLD: 1.0}))

    assert succession("binary", better, knobs).worse == []
    assert succession("binary", alike, knobs).worse == []


def test_a_mistake_is_corrected_for_the_number_of_metrics() -> None:
    """0.02 is significant alone at 0.025, and not as the least of four."""
    p = {"roc_auc": 0.02, "brier": 0.3, "log_loss": 0.4, "average_precision": 0.5}

    assert holm({"roc_auc": 0.02}, 0.025) == {"roc_auc"}
    assert holm(p, 0.025) == set()
    surely = Difference(0.2, 0.18, -0.02, 0.005, 60)
    assert surely.inferior(0.0) < 0.001
