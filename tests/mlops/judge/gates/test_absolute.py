"""Is the model good enough by itself?"""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit, logit
from sklearn.metrics import roc_auc_score

from mlops.evaluation.metrics import Truth
from mlops.evaluation.predict import Array
from mlops.judge.evidence import Cost
from mlops.judge.gates.absolute import baselines, behaviour, budgets, calibration, floors, slope
from mlops.judge.rows import Rows
from mlops.params import Params
from tests.mlops.judge.conftest import A_DAY, DAYS, At, Make


def saying(rows: Rows, **said: Array) -> Rows:
    return replace(rows, said=rows.said | said)


def with_floors(knobs: Params, **floors_: float) -> Params:
    gates = knobs.gates.model_copy(update={"floors": floors_})
    return knobs.model_copy(update={"gates": gates})


def test_a_model_above_every_floor_passes(evidence: Make) -> None:
    asked = floors(evidence())

    assert asked.outcome == "pass"
    assert {m.name: m.limit for m in asked.measures} == {"roc_auc": 0.6, "brier": 0.25}


@pytest.mark.parametrize(("metric", "stricter"), [("roc_auc", 1e-9), ("brier", -1e-9)])
def test_the_floor_itself_is_reached_and_just_short_of_it_is_not(
    evidence: Make, knobs: Params, rows: Rows, metric: str, stricter: float
) -> None:
    y, p = rows.truth.y, rows.said["challenger"]
    value = float(roc_auc_score(y, p)) if metric == "roc_auc" else float(np.mean((y - p) ** 2))

    at = floors(evidence(knobs=with_floors(knobs, **{metric: value})))
    short = floors(evidence(knobs=with_floors(knobs, **{metric: value + stricter})))

    assert (at.outcome, short.outcome) == ("pass", "fail")
    assert metric in short.reason


def test_a_metric_without_a_value_is_below_its_floor(evidence: Make, rows: Rows) -> None:
    nobody_late = replace(rows, truth=Truth(np.zeros(DAYS * A_DAY), 2, 0.5))

    asked = floors(evidence(rows=nobody_late))

    assert asked.outcome == "fail"
    assert [m.value for m in asked.measures if m.name == "roc_auc"] == [None]


def test_the_champion_sees_the_same_rows_as_the_floors(evidence: Make, rows: Rows) -> None:
    """The rows shared with the champion decide, not all of the challenger's own."""
    backwards = saying(rows, challenger=1 - rows.said["challenger"])
    shown = evidence(rows=backwards)

    assert floors(shown).outcome == "fail"
    assert floors(replace(shown, rows=rows)).outcome == "fail"
    assert floors(replace(shown, rows=rows, match=None)).outcome == "pass"


def test_better_than_both_baselines_passes(evidence: Make) -> None:
    asked = baselines(evidence())

    assert asked.outcome == "pass"
    assert all(m.low is not None and m.low > 0 for m in asked.measures)


def test_no_better_than_a_constant_fails(evidence: Make, rows: Rows) -> None:
    constant = saying(rows, challenger=rows.said["dummy"])

    asked = baselines(evidence(rows=constant))

    assert asked.outcome == "fail"
    assert "against a constant" in asked.reason


def test_surely_worse_than_the_linear_model_fails(evidence: Make, rows: Rows) -> None:
    rng = np.random.default_rng(1)
    noisy = expit(logit(rows.said["champion"]) + rng.normal(0, 3, DAYS * A_DAY))

    asked = baselines(evidence(rows=saying(rows, challenger=noisy)))

    failed = [m.name for m in asked.measures if m.outcome == "fail"]
    assert failed == ["roc_auc against the linear model"]
    assert "simpler" in asked.remedy


def test_perhaps_worse_than_the_linear_model_is_inconclusive(evidence: Make, rows: Rows) -> None:
    """Hardly worse than it, on a tenth of the rows: who is better, nobody can say."""
    rng = np.random.default_rng(2)
    seen = logit(rows.said["champion"])
    said = {
        "challenger": expit(seen + rng.normal(0, 1.6, len(seen))),
        "linear": expit(seen + rng.normal(0, 1.0, len(seen))),
    }
    few = saying(rows, **said).some(np.arange(0, DAYS * A_DAY, 10))

    asked = baselines(evidence(rows=few))

    assert asked.outcome == "inconclusive"
    open_ = [m for m in asked.measures if m.outcome == "inconclusive"]
    assert [m.name for m in open_] == ["roc_auc against the linear model"]
    assert open_[0].blocks_needed is not None


def test_calibrated_forecasts_pass(evidence: Make) -> None:
    asked = calibration(evidence())

    assert asked.outcome == "pass"
    assert [m.name for m in asked.measures] == ["calibration slope", "calibration error"]


@pytest.mark.parametrize(
    ("stretch", "leaning"), [(2.5, "over-confident"), (0.4, "under-confident")]
)
def test_forecasts_too_bold_or_too_shy_fail(
    evidence: Make, rows: Rows, stretch: float, leaning: str
) -> None:
    p = expit(stretch * logit(rows.said["challenger"]))

    asked = calibration(evidence(rows=saying(rows, challenger=p)))

    assert asked.outcome == "fail"
    assert leaning in asked.reason
    assert slope(saying(rows, challenger=p)) == pytest.approx(slope(rows) / stretch, rel=1e-3)
    assert "CalibratedClassifierCV" in asked.remedy


def test_forecasts_too_high_throughout_fail_by_their_error(evidence: Make, rows: Rows) -> None:
    p = expit(logit(rows.said["challenger"]) + 1)

    asked = calibration(evidence(rows=saying(rows, challenger=p)))

    assert [m.name for m in asked.measures if m.outcome == "fail"] == ["calibration error"]


def test_a_constant_has_no_slope_and_fails(evidence: Make, rows: Rows) -> None:
    asked = calibration(evidence(rows=saying(rows, challenger=rows.said["dummy"])))

    assert asked.outcome == "fail"
    assert [m.value for m in asked.measures if m.name == "calibration slope"] == [None]


def test_the_slope_is_that_of_maximum_likelihood(rows: Rows) -> None:
    x, y = logit(rows.said["linear"]), rows.truth.y

    def loss(line: Any) -> float:
        z = line[0] + line[1] * x
        return float(np.mean(np.logaddexp(0, z) - y * z))

    best = minimize(loss, [0.0, 1.0], method="BFGS", options={"gtol": 1e-9}).x

    found = slope(saying(rows, challenger=rows.said["linear"]))

    assert found == pytest.approx(best[1], abs=1e-3)


def test_the_slope_of_several_classes_is_that_of_the_likeliest(rows: Rows) -> None:
    p = rows.said["challenger"]
    both = replace(saying(rows, challenger=np.stack([1 - p, p], axis=1)), task="multiclass")
    forecast = np.maximum(p, 1 - p)
    happened = ((p > 0.5) == rows.truth.y).astype(np.float64)
    plain = replace(saying(rows, challenger=forecast), truth=Truth(happened, 2, 0.5))

    assert slope(both) == pytest.approx(slope(plain))


def test_the_slope_of_a_regression_is_that_of_least_squares(rows: Rows) -> None:
    rng = np.random.default_rng(4)
    p = rng.normal(size=DAYS * A_DAY)
    y = 0.5 * p + rng.normal(size=len(p))
    values = replace(saying(rows, challenger=p), task="regression", truth=Truth(y, 0, 0.5))

    assert slope(values) == pytest.approx(np.polyfit(p, y, 1)[0])


def test_a_regression_is_asked_for_its_slope_alone(evidence: Make, rows: Rows) -> None:
    p = np.random.default_rng(4).normal(size=DAYS * A_DAY)
    values = replace(saying(rows, challenger=p), task="regression", truth=Truth(3 * p, 0, 0.5))

    asked = calibration(evidence(rows=values, task="regression"))

    assert [m.name for m in asked.measures] == ["calibration slope"]
    assert asked.outcome == "fail"


@pytest.mark.parametrize(
    ("cost", "over"),
    [
        (Cost(10, 100, 2_000_000), []),
        (Cost(10.01, 100, 2_000_000), ["milliseconds for one row"]),
        (Cost(10, 100.1, 2_000_001), ["milliseconds for a thousand rows", "megabytes on disk"]),
    ],
)
def test_a_budget_may_be_spent_and_not_overspent(
    evidence: Make, cost: Cost, over: list[str]
) -> None:
    asked = budgets(evidence(cost=cost))

    assert asked.outcome == ("fail" if over else "pass")
    assert [m.name for m in asked.measures if m.outcome == "fail"] == over


EXPECTATIONS = {
    "a storm delays": {"kind": "directional", "share": 0.98, "required": 0.95, "holds": True},
    "a tail number does not": {"kind": "invariance", "share": 1.0, "required": 1.0, "holds": True},
}


def test_a_model_that_does_as_expected_passes(evidence: Make) -> None:
    asked = behaviour(evidence(metrics={"behaviour": EXPECTATIONS}))

    assert (asked.outcome, asked.reason) == ("pass", "all 2 expectations hold")


def test_an_expectation_that_does_not_hold_fails(evidence: Make) -> None:
    broken = EXPECTATIONS["a storm delays"] | {"share": 0.5, "holds": False}

    asked = behaviour(evidence(metrics={"behaviour": EXPECTATIONS | {"a storm delays": broken}}))

    assert asked.outcome == "fail"
    assert (asked.measures[0].name, asked.measures[0].value) == ("a storm delays", 0.5)


def test_an_expectation_that_is_no_longer_asked_fails(evidence: Make) -> None:
    base = At("0" * 40, {"metrics/behaviour.json": json.dumps({"gone": {}} | EXPECTATIONS)})

    asked = behaviour(evidence(base=base, metrics={"behaviour": EXPECTATIONS}))

    assert asked.outcome == "fail"
    assert [m.name for m in asked.measures if m.outcome == "fail"] == ["gone"]


@pytest.mark.parametrize("ask", [floors, baselines, calibration, budgets, behaviour])
def test_what_never_ran_is_not_asked(halted: Make, ask: Any) -> None:
    assert ask(halted()).outcome == "not applicable"
