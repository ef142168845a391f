"""Performance on labelled rows, for every task, and what is said where it cannot be told."""

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics as sk

from mlops.contract import Task
from mlops.evaluation.bootstrap import FEWEST_BLOCKS
from mlops.evaluation.names import BETTER
from mlops.monitor.performance.known import performance
from mlops.monitor.result import Performance
from tests.mlops.monitor import worlds

LATER = "2030-03-01"


def looked(
    now: pd.DataFrame, then: pd.DataFrame | None = None, task: Task = "binary"
) -> Performance:
    rng = np.random.default_rng(0)
    held_out = worlds.rows(rng, task=task) if then is None else then
    return performance(worlds.problem(task), worlds.reference(held_out), now)


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_a_steady_world_is_told_in_full(task: Task) -> None:
    found = looked(worlds.rows(np.random.default_rng(1), LATER, 28, task=task), task=task)

    assert (found.state, found.why_not) == ("steady", "")
    assert (found.labelled, found.mature, found.waiting) == (1.0, 28, 0)
    assert [metric.name for metric in found.metrics] == list(BETTER[task])
    for metric in found.metrics:
        assert metric.value is not None
        assert metric.low is not None
        assert metric.high is not None
        assert metric.low <= metric.value + 0.01  # a percentile interval may be aslant
        assert metric.value - 0.03 <= metric.high
    assert found.calibration is not None
    assert found.concept is not None
    assert found.concept.state == "steady"
    assert len(found.slices) == 3


def test_several_classes_are_scored_as_scikit_learn_does() -> None:
    now = worlds.rows(np.random.default_rng(2), LATER, 28, task="multiclass")

    found = {m.name: m.value for m in looked(now, task="multiclass").metrics}

    p = now[[f"prediction_{c}" for c in worlds.CLASSES]].to_numpy()
    called = np.array(worlds.CLASSES)[p.argmax(axis=1)]
    assert found["accuracy"] == pytest.approx(sk.accuracy_score(now["late"], called))
    assert found["f1"] == pytest.approx(sk.f1_score(now["late"], called, average="macro"))
    assert found["log_loss"] == pytest.approx(sk.log_loss(now["late"], p, labels=worlds.CLASSES))
    ranked = sk.roc_auc_score(now["late"], p, multi_class="ovr", labels=worlds.CLASSES)
    assert found["roc_auc"] == pytest.approx(ranked)


def test_a_regression_that_has_lost_its_way_is_an_alarm() -> None:
    rng = np.random.default_rng(3)
    now = worlds.scrambled(rng, worlds.rows(rng, LATER, 28, task="regression"), 0.3)

    found = looked(now, task="regression")

    assert found.state == "alarm"
    assert {m.name for m in found.metrics if m.state == "alarm"} == {"r2", "rmse"}


def test_wrong_forecasts_are_an_alarm_and_no_other_world() -> None:
    rng = np.random.default_rng(4)
    now = worlds.scrambled(rng, worlds.rows(rng, LATER, 28), 0.3)

    found = looked(now)

    assert found.state == "alarm"
    assert found.concept is not None
    assert found.concept.state == "steady"


def test_labels_that_come_late_count_by_the_block() -> None:
    now = worlds.rows(np.random.default_rng(5), LATER, 28).astype({"late": "float"})
    newest = now["day"] > "2030-03-21"
    now.loc[newest & (now["late"] == 1), "late"] = np.nan  # the late ones are still in the air

    found = looked(now)
    without = looked(now[~newest])

    assert (found.mature, found.waiting) == (21, 7)
    assert found.labelled == pytest.approx(now["late"].notna().mean())
    assert found.metrics == without.metrics


def test_no_labels_say_nothing() -> None:
    found = looked(worlds.rows(np.random.default_rng(6), LATER, 28).drop(columns="late"))

    assert (found.state, found.why_not) == ("untold", "no outcome is known yet")
    assert (found.labelled, found.mature, found.waiting, found.metrics) == (0.0, 0, 28, [])


def test_a_few_early_labels_say_nothing() -> None:
    now = worlds.rows(np.random.default_rng(7), LATER, 28).astype({"late": "float"})
    now.loc[now.index % 5 > 0, "late"] = np.nan

    assert looked(now).why_not == (
        "the outcomes of 20% of the rows are known; a block counts from 90% of its rows on "
        "(monitor.mature)"
    )


@pytest.mark.parametrize(("now", "then", "whose"), [(9, 56, "batch"), (28, 9, "held-out rows")])
def test_too_few_blocks_have_values_and_tell_nothing(now: int, then: int, whose: str) -> None:
    rng = np.random.default_rng(8)

    found = looked(worlds.rows(rng, LATER, now), worlds.rows(rng, count=then))

    assert found.state == "untold"
    assert found.why_not == (
        f"the {whose}: the outcomes of 9 blocks are known, {FEWEST_BLOCKS} are needed"
    )
    assert all(metric.value is not None for metric in found.metrics)


def test_rows_that_were_never_predicted_cannot_be_scored() -> None:
    rng = np.random.default_rng(9)
    now, then = worlds.rows(rng, LATER, 28), worlds.rows(rng)

    of_now = looked(now.drop(columns="prediction"))
    of_then = looked(now, then.assign(prediction=np.nan))

    assert of_now.why_not == (
        "none of the labelled rows of the batch has both a prediction and an outcome that the "
        "champion knows"
    )
    assert of_then.why_not.startswith("none of the held-out rows has both")
    assert (of_now.state, of_then.state) == ("untold", "untold")


def test_a_batch_with_a_single_outcome_has_a_loss_and_no_ranking() -> None:
    now = worlds.rows(np.random.default_rng(10), LATER, 28, unseen=-50.0)

    found = {metric.name: metric for metric in looked(now).metrics}

    assert found["roc_auc"].state == "untold"
    assert found["brier"].value == pytest.approx((now["prediction"] ** 2).mean())


def test_where_no_gated_metric_has_a_value_nothing_is_told() -> None:
    problem = worlds.problem("regression", gates={"margins": {"r2": 0.1}, "floors": {}})
    rng = np.random.default_rng(11)
    now = worlds.rows(rng, LATER, 28, task="regression").assign(late=1.0)

    found = performance(problem, worlds.reference(worlds.rows(rng, task="regression")), now)

    assert found.state == "untold"
    assert found.why_not == "no metric that a gate has can be told on these rows"
