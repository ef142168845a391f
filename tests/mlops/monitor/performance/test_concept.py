"""Whether outcomes follow from inputs as they did, against Welch's test of scipy."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from mlops.contract import Task
from mlops.judge.rows import Rows
from mlops.monitor.performance.concept import concept, welch
from mlops.monitor.performance.outcomes import known
from mlops.monitor.rows import Problem
from tests.mlops.monitor import worlds


def both(problem: Problem, now: pd.DataFrame, then: pd.DataFrame) -> tuple[Rows, Rows]:
    classes = [0, 1] if problem.task == "binary" else problem.classes
    return known(problem, now, classes), known(problem, then, classes)


def test_two_means_are_compared_as_scipy_does() -> None:
    rng = np.random.default_rng(1)
    now, then = rng.normal(0.3, 2, 5), rng.normal(0, 0.5, 12)

    found = welch(now, then)

    theirs = stats.ttest_ind(now, then, equal_var=False)
    assert found.p == pytest.approx(theirs.pvalue)
    assert found.degrees == pytest.approx(theirs.df)
    assert found.interval(0.9) == pytest.approx(tuple(theirs.confidence_interval(0.9)))


def test_means_that_never_vary_differ_surely_or_not_at_all() -> None:
    assert welch(np.ones(3), np.ones(4)).p == 1.0
    assert welch(np.zeros(3), np.ones(4)).p == 0.0


@pytest.mark.parametrize("task", ["binary", "regression"])
def test_what_happens_more_often_than_inputs_say_is_a_shift(task: Task) -> None:
    rng = np.random.default_rng(2)
    problem = worlds.problem(task)
    then = worlds.rows(rng, task=task)
    now = worlds.rows(rng, "2030-03-01", 28, task=task, unseen=0.8)

    found = concept(problem, *both(problem, now, then))

    residuals = [frame["late"] - frame["prediction"] for frame in (now, then)]
    beyond = residuals[0].mean() - residuals[1].mean()
    assert found.state == "alarm"
    assert found.shift == pytest.approx(beyond)  # days are of one size, and so are windows
    assert found.effect == pytest.approx(abs(beyond) / then["late"].std(ddof=0))
    assert found.low is not None
    assert found.low > 0
    weeks = [r.to_numpy().reshape(-1, 7 * 60).mean(axis=1) for r in residuals]
    theirs = stats.ttest_ind(*weeks, equal_var=False)
    assert found.p == pytest.approx(theirs.pvalue)


def test_of_several_classes_the_likeliest_is_looked_at() -> None:
    rng = np.random.default_rng(3)
    problem = worlds.problem("multiclass")
    then = worlds.rows(rng, task="multiclass")
    now = worlds.rows(rng, "2030-03-01", 28, task="multiclass", unseen=0.7)
    of_class = [f"prediction_{c}" for c in worlds.CLASSES]

    def residual(frame: pd.DataFrame) -> float:
        right = np.array(worlds.CLASSES)[frame[of_class].to_numpy().argmax(axis=1)]
        return float((right == frame["late"]).mean() - frame[of_class].max(axis=1).mean())

    assert concept(problem, *both(problem, now, then)).shift == pytest.approx(
        residual(now) - residual(then)
    )


def test_other_inputs_are_no_shift_where_the_forecast_knows_of_them() -> None:
    rng = np.random.default_rng(4)
    problem = worlds.problem()
    then = worlds.rows(rng)
    stormy = worlds.rows(rng, "2030-03-01", 28, spread=3.0)

    assert concept(problem, *both(problem, stormy, then)).state == "steady"


def test_a_sure_shift_that_is_small_does_not_matter() -> None:
    rng = np.random.default_rng(5)
    problem = worlds.problem(monitor={"effect": 0.5})
    then = worlds.rows(rng)
    now = worlds.rows(rng, "2030-03-01", 28, unseen=0.8)

    found = concept(problem, *both(problem, now, then))

    assert found.p is not None
    assert found.p < 0.05
    assert found.state == "steady"


def test_steady_worlds_seldom_alarm() -> None:
    rng = np.random.default_rng(6)
    problem = worlds.problem(monitor={"effect": 0.001})
    alarms = 0
    for _ in range(60):
        now, then = worlds.rows(rng, "2030-03-01", 28, 5), worlds.rows(rng, count=56, a_day=5)
        alarms += concept(problem, *both(problem, now, then)).state == "alarm"

    assert alarms <= 7  # each has a chance of 5 %


@pytest.mark.parametrize(("now", "then", "whose"), [(13, 56, "the batch"), (28, 7, "the held-out")])
def test_one_window_says_nothing_of_how_windows_vary(now: int, then: int, whose: str) -> None:
    rng = np.random.default_rng(7)
    problem = worlds.problem()
    rows = worlds.rows(rng, "2030-03-01", now), worlds.rows(rng, count=then)

    found = concept(problem, *both(problem, *rows))

    assert found.state == "untold"
    assert found.why_not.startswith(whose)
    assert "1 whole windows of 7 blocks have known outcomes, 2 are needed" in found.why_not


def test_an_outcome_that_never_varies_has_no_effect_size() -> None:
    problem = worlds.problem()
    rng = np.random.default_rng(8)
    then = worlds.rows(rng).assign(late=0)
    now = worlds.rows(rng, "2030-03-01", 28)

    assert concept(problem, *both(problem, now, then)).effect == 0.0
