"""Which periods are replayed, with which first model, and when things happen."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from mlops.backtest import year
from mlops.errors import DeclarationError
from mlops.judge.verdict import Gate
from tests.mlops.report import monitored
from tests.mlops.report.verdicts import refused, verdict


def test_the_first_model_knows_three_periods_and_the_others_arrive() -> None:
    begin, coming = year.periods(None, None)

    assert begin == "2013-03"
    assert coming == [f"2013-{month:02d}" for month in range(4, 13)]
    assert year.periods("2013-05", "2013-07") == ("2013-05", ["2013-06", "2013-07"])


@pytest.mark.parametrize(
    ("begin", "through", "said"),
    [
        ("2012-12", None, "no period '2012-12'; it has 2013-01 to 2013-12"),
        (None, "2014-01", "no period '2014-01'"),
        ("2013-05", "2013-05", "no period arrives after 2013-05 and up to 2013-05"),
    ],
)
def test_periods_that_there_are_not_are_told(begin: str, through: str, said: str) -> None:
    with pytest.raises(DeclarationError, match=said):
        year.periods(begin, through)


@pytest.mark.parametrize("there", [(), ("a", "b", "c")])
def test_a_source_with_too_few_periods_cannot_be_replayed(
    there: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("problem.source.PERIODS", there)

    with pytest.raises(DeclarationError, match=f"more than 3 periods .* found {len(there)}"):
        year.periods(None, None)


def test_the_first_model_is_the_linear_one_unless_another_is_named() -> None:
    assert year.beginning(None) == "logistic_regression"
    assert year.beginning("gradient_boosting") == "gradient_boosting"
    with pytest.raises(DeclarationError, match=r"'oracle' is no estimator .* logistic_regression"):
        year.beginning("oracle")


def test_another_estimator_is_chosen_and_nothing_else(tmp_path: Path) -> None:
    from mlops import params
    from tests.conftest import ROOT

    path = tmp_path / "params.yaml"
    path.write_text((ROOT / "params.yaml").read_text())
    before = params.load(path).model_dump()

    year._choose(path, "logistic_regression")

    after = params.load(path).model_dump()
    assert after["model"].pop("estimator") == "logistic_regression"
    assert before["model"].pop("estimator") == "gradient_boosting"
    assert after == before


def test_a_period_is_there_on_the_morning_after_its_last_day() -> None:
    assert year._after("2013-06-30") == datetime(2013, 7, 1, 5, tzinfo=UTC)
    assert abs((year._after("block 7") - datetime.now(UTC)).total_seconds()) < 60


def test_drawn_are_the_headline_and_the_first_gated_loss() -> None:
    assert year._drawn("binary", ["roc_auc", "average_precision", "brier"]) == ["roc_auc", "brier"]
    assert year._drawn("binary", ["roc_auc"]) == ["roc_auc"]
    assert year._drawn("regression", ["r2", "mae"]) == ["r2", "mae"]


def test_a_judgement_names_the_gates_that_block_and_no_other() -> None:
    found = year._judgement(refused(), "1.0.0", "")

    blocking: list[Gate] = [gate for gate in refused().gates if gate.blocks]
    assert [one.gate for one in found.blocking] == [gate.name for gate in blocking]
    assert (found.decision, found.champion, found.promoted) == ("refused", "1.0.0", "")
    assert year._judgement(verdict(), "1.0.0", "1.0.1").blocking == []


def test_a_look_keeps_its_outcome_and_what_drifted() -> None:
    found = year._look(monitored.alarm())

    assert found.outcome == "alarm"
    assert found.reasons
    drift = monitored.alarm().drift
    assert drift is not None
    assert found.drifted == [column.name for column in drift.columns if column.drifted]
    assert year._look(monitored.no_data()).drifted == []
