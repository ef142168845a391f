"""Metrics now and then, against scikit-learn, and against Welch's test where it has the answer."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn import metrics as sk

from mlops.evaluation.bootstrap import FEWEST_BLOCKS
from mlops.monitor.performance.measured import Resampled, independent, measured
from mlops.monitor.performance.outcomes import known
from mlops.monitor.result import Metric
from mlops.monitor.rows import Problem
from tests.mlops.monitor import worlds

LATER = "2030-03-01"


def resampled(problem: Problem, rows: pd.DataFrame, resamples: int = 200) -> Resampled:
    return Resampled(known(problem, rows, [0, 1]), resamples, seed=3)


def compared(problem: Problem, now: pd.DataFrame, then: pd.DataFrame) -> dict[str, Metric]:
    sides = resampled(problem, now), resampled(problem, then)
    return {metric.name: metric for metric in measured(*sides, problem.knobs)}


def test_values_are_those_of_scikit_learn_on_either_side() -> None:
    rng = np.random.default_rng(1)
    problem = worlds.problem()
    now, then = worlds.rows(rng, LATER, 28), worlds.rows(rng)

    found = compared(problem, now, then)

    for name, score, sign in (
        ("roc_auc", sk.roc_auc_score, 1),
        ("average_precision", sk.average_precision_score, 1),
        ("brier", sk.brier_score_loss, -1),
        ("log_loss", sk.log_loss, -1),
    ):
        value, before = (score(rows["late"], rows["prediction"]) for rows in (now, then))
        assert found[name].value == pytest.approx(value)
        assert found[name].held_out == pytest.approx(before)
        assert found[name].difference == pytest.approx(sign * (value - before))
    for name, score in (("precision", sk.precision_score), ("recall", sk.recall_score)):
        called = now["prediction"] >= problem.knobs.evaluate.threshold
        assert found[name].value == pytest.approx(score(now["late"], called))


def test_the_difference_of_a_mean_is_that_of_welch_over_days() -> None:
    """Brier, with days of one size: a mean of daily means, whose test scipy knows."""
    rng = np.random.default_rng(2)
    problem = worlds.problem()
    now, then = worlds.rows(rng, LATER, 20, 15), worlds.rows(rng, count=60, a_day=15)
    by_day = [
        ((rows["late"] - rows["prediction"]) ** 2).groupby(rows["day"]).mean()
        for rows in (then, now)  # the other way round: less is better
    ]

    found = independent(resampled(problem, now, 20_000), resampled(problem, then, 20_000), "brier")

    theirs = stats.ttest_ind(*by_day, equal_var=False)
    assert found.estimate == pytest.approx(by_day[0].mean() - by_day[1].mean())
    ours, known_to_be = found.interval(0.95), theirs.confidence_interval()
    assert ours[1] - ours[0] == pytest.approx(known_to_be.high - known_to_be.low, rel=0.03)
    assert found.blocks == pytest.approx(theirs.df + 1, abs=1.5)


def test_forecasts_given_to_the_wrong_rows_are_surely_worse() -> None:
    rng = np.random.default_rng(3)
    problem = worlds.problem()
    then = worlds.rows(rng)
    now = worlds.scrambled(rng, worlds.rows(rng, LATER, 28), 0.3)

    found = compared(problem, now, then)

    assert found["roc_auc"].state == "alarm"
    assert found["roc_auc"].note == "surely worse than on the held-out rows by more than 0.02"
    assert found["roc_auc"].difference_high is not None
    assert found["roc_auc"].difference_high < -0.02
    assert found["brier"].state == "alarm"
    assert found["f1"].state == "steady"  # no gate has it


def test_a_loss_beyond_its_margin_says_what_a_constant_has() -> None:
    """More evenly mixed outcomes are harder for any model."""
    rng = np.random.default_rng(4)
    problem = worlds.problem()
    then = worlds.rows(rng)
    easy = then[then["prediction"] < 0.3]
    now = worlds.rows(rng, LATER, 28)

    note = compared(problem, now, easy)["brier"].note

    shares = now["late"].mean(), easy["late"].mean()
    constant = [f"{share * (1 - share):.3f}" for share in shares]
    assert note.endswith(
        f"a model that knows nothing but how often each outcome happens has {constant[0]} on "
        f"these rows and {constant[1]} on the held-out ones"
    )


def test_a_metric_that_is_surely_beyond_its_floor_is_an_alarm() -> None:
    """Also where the held-out rows are too few to compare with."""
    rng = np.random.default_rng(5)
    problem = worlds.problem()
    then = worlds.rows(rng, count=5)
    now = worlds.scrambled(rng, worlds.rows(rng, LATER, 28), 0.9)

    found = compared(problem, now, then)

    assert found["roc_auc"].state == "alarm"
    assert found["roc_auc"].note == "surely beyond the gate's 0.6"
    assert found["roc_auc"].difference_low is None
    assert found["brier"].state == "untold"
    assert found["brier"].note == "too few blocks"


def test_the_calibration_error_is_held_to_its_gate() -> None:
    rng = np.random.default_rng(6)
    problem = worlds.problem()
    then = worlds.rows(rng)
    now = worlds.rows(rng, LATER, 28, unseen=1.5)

    found = compared(problem, now, then)["calibration_error"]

    assert (found.floor, found.margin) == (problem.knobs.gates.calibration.error, None)
    assert found.note == f"surely beyond the gate's {found.floor}"


def test_steady_worlds_seldom_alarm() -> None:
    rng = np.random.default_rng(7)
    gates = {"margins": {"roc_auc": 1e-6, "brier": 1e-6}, "floors": {}}
    problem = worlds.problem(gates=gates, evaluate={"resamples": 100})
    alarms = 0
    for _ in range(30):
        now, then = worlds.rows(rng, LATER, 21, 10), worlds.rows(rng, count=42, a_day=10)
        alarms += any(metric.state == "alarm" for metric in compared(problem, now, then).values())

    assert alarms <= 3  # each has a chance of 2.5 %


@pytest.mark.parametrize(("blocks", "told"), [(FEWEST_BLOCKS - 1, False), (FEWEST_BLOCKS, True)])
def test_few_blocks_have_a_value_and_no_interval(blocks: int, told: bool) -> None:
    rng = np.random.default_rng(8)
    found = compared(worlds.problem(), worlds.rows(rng, LATER, blocks), worlds.rows(rng))["roc_auc"]

    assert found.value is not None
    assert (found.low is not None) is told
    assert (found.difference_low is not None) is told
    assert found.state == ("steady" if told else "untold")


def test_a_metric_without_a_value_is_untold() -> None:
    rng = np.random.default_rng(9)
    problem = worlds.problem()
    now = worlds.rows(rng, LATER, 28).assign(late=0)

    found = compared(problem, now, worlds.rows(rng))["roc_auc"]

    assert (found.value, found.state, found.note) == (None, "untold", "no value on these rows")


def test_a_metric_without_a_value_in_most_resamples_has_no_error() -> None:
    rng = np.random.default_rng(10)
    problem = worlds.problem()
    now = worlds.rows(rng, LATER, 28).assign(late=0)
    now.loc[0, "late"] = 1  # every third resample lacks this day

    assert np.isfinite(resampled(problem, now).error("roc_auc"))
    mostly = Resampled(resampled(problem, now).rows, 200, 0)
    drawn = mostly.distributions["roc_auc"]
    drawn[: len(drawn) // 2 + 1] = np.nan
    assert np.isnan(mostly.error("roc_auc"))
