"""Is the score real: no leak, no lucky seed, the same again?"""

from dataclasses import replace
from typing import Any

import pytest
from sklearn.metrics import roc_auc_score

from mlops.judge.evidence import Refit
from mlops.judge.gates.fluke import leaks, reproducible, stability
from mlops.judge.rows import Rows
from mlops.params import Params
from tests.mlops.judge.conftest import At, Make

NO_OVERLAP = {"rows": 0, "blocks": 0, "later_blocks": 0}


def audit(**found: Any) -> dict[str, Any]:
    clean: dict[str, Any] = {"alone": {"hour": 0.62}, "overlap": NO_OVERLAP, "seeds": {}}
    return {"audit": clean | found}


def with_gates(knobs: Params, **changed: Any) -> Params:
    return knobs.model_copy(update={"gates": knobs.gates.model_copy(update=changed)})


@pytest.fixture
def score(rows: Rows) -> float:
    return float(roc_auc_score(rows.truth.y, rows.said["challenger"]))


def test_an_honest_score_passes(evidence: Make, score: float) -> None:
    asked = leaks(evidence(metrics=audit()))

    assert asked.outcome == "pass"
    assert asked.measures[0].value == pytest.approx(score)


def test_a_score_is_too_good_from_the_limit_on(evidence: Make, knobs: Params, score: float) -> None:
    limits = knobs.gates.leaks
    at, above = (
        with_gates(knobs, leaks=limits.model_copy(update={"too_good": value}))
        for value in (score, score + 1e-9)
    )

    assert leaks(evidence(knobs=at, metrics=audit())).outcome == "fail"
    assert leaks(evidence(knobs=above, metrics=audit())).outcome == "pass"


def test_an_input_that_tells_it_all_is_named(evidence: Make) -> None:
    found = {"hour": 0.62, "dep_delay": 0.9, "empty": None, "at the limit": 0.7}

    asked = leaks(evidence(metrics=audit(alone=found)))

    assert asked.outcome == "fail"
    failed = [m.name for m in asked.measures if m.outcome == "fail"]
    assert failed == ["roc_auc of dep_delay alone", "roc_auc of at the limit alone"]
    assert "known only afterwards" in asked.remedy


@pytest.mark.parametrize("kind", ["rows", "blocks"])
def test_what_is_on_both_sides_of_the_split_is_a_leak(evidence: Make, kind: str) -> None:
    asked = leaks(evidence(metrics=audit(overlap=NO_OVERLAP | {kind: 3})))

    assert asked.outcome == "fail"
    assert f"{kind} both in training and test" in asked.reason


@pytest.mark.parametrize(
    ("here", "at_base", "outcome"),
    [
        ("time", "time", "fail"),
        ("random", "random", "pass"),
        ("random", "time", "fail"),  # turning the split random is no way out
    ],
)
def test_training_after_the_test_is_a_leak_of_a_split_in_time(
    evidence: Make, knobs: Params, here: str, at_base: str, outcome: str
) -> None:
    split = knobs.split.model_copy(update={"rule": here})
    base = At("0" * 40, {"params.yaml": f"split:\n  rule: {at_base}\n"})
    shown = evidence(
        knobs=knobs.model_copy(update={"split": split}),
        base=base,
        metrics=audit(overlap=NO_OVERLAP | {"later_blocks": 2}),
    )

    assert leaks(shown).outcome == outcome


def test_without_an_audit_no_leak_is_looked_for(halted: Make, evidence: Make) -> None:
    for asked in (leaks, stability):
        assert asked(halted(metrics=audit())).outcome == "not applicable"
        assert asked(evidence()).outcome == "not applicable"


def test_seeds_that_agree_pass(evidence: Make, score: float) -> None:
    asked = stability(evidence(metrics=audit(seeds={"1": score - 0.004, "2": score + 0.004})))

    assert asked.outcome == "pass"
    assert len(asked.measures) == 3
    assert "0.0080 between 3 seeds" in asked.reason


def test_a_spread_above_the_limit_fails(evidence: Make, score: float) -> None:
    below, above = (
        stability(evidence(metrics=audit(seeds={"1": score + spread})))
        for spread in (0.009999, 0.010001)
    )

    assert (below.outcome, above.outcome) == ("pass", "fail")
    assert "luckiest" not in above.reason
    assert "several fits" in above.remedy


def test_the_luckiest_of_the_seeds_is_called_so(evidence: Make, score: float) -> None:
    asked = stability(evidence(metrics=audit(seeds={"1": score - 0.02, "2": score - 0.04})))

    assert asked.outcome == "fail"
    assert f"the luckiest, the others reach {score - 0.03:.4f}" in asked.reason


def test_a_seed_without_a_score_fails(evidence: Make, score: float) -> None:
    one, all_of_them = (
        stability(evidence(metrics=audit(seeds=seeds)))
        for seeds in ({"1": score, "2": None}, {"1": None, "2": None})
    )

    assert one.outcome == all_of_them.outcome == "fail"
    assert "has no value with 1 of 3 seeds" in one.reason
    assert "has no value with 2 of 3 seeds" in all_of_them.reason


def test_a_score_without_a_value_is_told_and_breaks_nothing(evidence: Make, rows: Rows) -> None:
    """A test in which everything was punctual has no AUC."""
    punctual = replace(rows, truth=replace(rows.truth, y=0 * rows.truth.y))
    shown = evidence(rows=punctual, metrics=audit(seeds={"1": None}))

    for asked in (leaks(shown), stability(shown)):
        assert asked.outcome == "fail"
        assert asked.measures[0].value is None


@pytest.mark.parametrize(
    ("refit", "outcome"),
    [("same", "pass"), ("unchanged", "pass"), ("different", "fail"), ("failed", "fail")],
)
def test_training_again_gives_the_same_or_fails(evidence: Make, refit: Any, outcome: str) -> None:
    asked = reproducible(evidence(refit=Refit(refit, "what was found")))

    assert (asked.outcome, asked.reason) == (outcome, "what was found")
    assert ("the seed" in asked.remedy) == (outcome == "fail")


def test_what_was_not_trained_is_not_trained_again(halted: Make) -> None:
    assert reproducible(halted()).outcome == "not applicable"
