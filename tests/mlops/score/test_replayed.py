"""A replay says something of the problem whose periods it went through, and of no other."""

import json
from pathlib import Path

import pytest

from mlops.backtest import result
from mlops.score import replayed
from tests.conftest import ROOT
from tests.mlops.report import backtested

MONTHS = [f"2013-{month:02d}" for month in range(1, 13)]


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def keep(text: str) -> None:
    replayed.KEPT.parent.mkdir(parents=True)
    replayed.KEPT.write_text(text)


def test_without_any_there_is_none() -> None:
    assert replayed.read(MONTHS) is None


def test_that_of_this_machine_is_read_as_mlops_backtest_wrote_it() -> None:
    made = backtested.result()
    result.write(made, replayed.MINE)

    found = replayed.read([period.name for period in made.periods])

    assert found is not None
    assert found.file == "reports/backtest/backtest.json"
    assert found.periods == [period.name for period in made.periods]
    assert found.promoted == sum(bool(period.judgement.promoted) for period in made.periods)
    assert found.mistakes == [one.version for one in made.successions if one.worse]
    assert set(found.gains) == set(made.overall["gated over never"])


def test_that_of_the_benchmark_is_read_where_there_is_no_other() -> None:
    kept = json.loads((ROOT / replayed.KEPT).read_text())
    keep(json.dumps(kept))

    found = replayed.read(MONTHS)

    assert found is not None
    assert found.file == "benchmarks/results/backtest.json"
    assert found.gains["brier"] == kept["overall"]["gated over never"]["brier"]
    assert found.promoted == [p["gates"] for p in kept["periods"].values()].count("accepted")


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"periods": [], "overall": {}}'])
def test_what_is_no_replay_is_passed_over(text: str) -> None:
    keep(text)

    assert replayed.read(MONTHS) is None


def test_that_of_other_periods_counts_for_nothing() -> None:
    keep((ROOT / replayed.KEPT).read_text())

    assert replayed.read(["2024-01", "2024-02", "2024-03"]) is None
    assert replayed.read([]) is None
