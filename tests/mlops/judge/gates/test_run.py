"""Did everything run, on good data, to usable predictions?"""

import json

import pytest

from mlops.errors import DataError, QualityError, TrainingError
from mlops.judge.evidence import Stopped
from mlops.judge.gates.run import data, pipeline, predictions
from tests.mlops.judge.conftest import At, Make

FOUND = {"rows": {"flights": 1200, "weather": 34}, "periods": {"flights": ["2013-01", "2013-02"]}}


def test_a_pipeline_that_ran_passes(evidence: Make) -> None:
    asked = pipeline(evidence())

    assert (asked.outcome, asked.remedy) == ("pass", "")


def test_a_stage_that_stopped_fails_with_its_own_words(halted: Make) -> None:
    asked = pipeline(halted(stopped=Stopped("train", 6, "the forest burns")))

    assert asked.outcome == "fail"
    assert asked.reason == "train stopped with exit code 6: the forest burns"
    assert "docs/troubleshooting.md" in asked.remedy


def test_good_data_passes_and_is_counted(evidence: Make) -> None:
    asked = data(evidence(metrics={"data": FOUND}))

    assert asked.outcome == "pass"
    assert asked.reason == "1,234 rows of 2 tables pass"


def test_each_broken_rule_is_a_line(halted: Make) -> None:
    stopped = Stopped("validate", QualityError.exit_code, "2 rules are broken")
    found = FOUND | {"findings": ["flights: 3 rows fly backwards", "weather: 1 row is on the sun"]}

    asked = data(halted(stopped=stopped, metrics={"data": found}))

    assert asked.outcome == "fail"
    assert [m.note for m in asked.measures] == found["findings"]
    assert "fly backwards" in asked.reason
    assert "src/problem/schema.py" in asked.remedy


@pytest.mark.parametrize(
    "stopped",
    [
        Stopped("data", DataError.exit_code, "data/ is gone"),
        Stopped("features", TrainingError.exit_code, "no weather joins"),
        Stopped("split", DataError.exit_code, "no month is left"),
    ],
)
def test_data_that_cannot_be_used_fails_without_findings_too(
    halted: Make, stopped: Stopped
) -> None:
    asked = data(halted(stopped=stopped))

    assert asked.outcome == "fail"
    assert stopped.message in asked.reason


def test_data_is_not_blamed_for_a_fit_that_stopped(halted: Make) -> None:
    stopped = Stopped("train", TrainingError.exit_code, "it diverged")

    assert data(halted(stopped=stopped, metrics={"data": FOUND})).outcome == "pass"
    assert data(halted(stopped=stopped)).outcome == "not applicable"


def test_a_period_that_the_base_has_may_not_go(evidence: Make) -> None:
    before = FOUND | {"periods": {"flights": ["2012-12", "2013-01", "2013-02"]}}
    base = At("0" * 40, {"metrics/data.json": json.dumps(before)})

    asked = data(evidence(base=base, metrics={"data": FOUND}))

    assert asked.outcome == "fail"
    assert "flights 2012-12" in asked.reason
    assert "mlops data --through" in asked.remedy


def test_a_period_that_comes_is_welcome(evidence: Make) -> None:
    before = FOUND | {"periods": {"flights": ["2013-01"]}}
    base = At("0" * 40, {"metrics/data.json": json.dumps(before)})

    assert data(evidence(base=base, metrics={"data": FOUND})).outcome == "pass"


def test_predictions_are_there_or_not_or_no_use(evidence: Make, halted: Make) -> None:
    bad = Stopped("evaluate", TrainingError.exit_code, "row 3 is not a number")
    early = Stopped("train", TrainingError.exit_code, "it diverged")

    passed, failed = predictions(evidence()), predictions(halted(stopped=bad))

    assert (passed.outcome, passed.reason) == ("pass", "2,000 rows predicted")
    assert (failed.outcome, failed.reason) == ("fail", "row 3 is not a number")
    assert "src/problem/model.py" in failed.remedy
    assert predictions(halted(stopped=early)).outcome == "not applicable"
