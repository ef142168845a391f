"""The benchmark of the backtest: it judges what the replay has left, and says so in JSON."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from mlops.backtest import result as results
from tests.conftest import ROOT
from tests.mlops.report import backtested


@pytest.fixture(autouse=True)
def _path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    monkeypatch.chdir(tmp_path)


def measured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, gain: float) -> tuple[Any, Any]:
    """The exit code and the JSON of a benchmark whose replay leaves three summer months."""
    from backtest import bench

    months = [
        backtested.period(
            name,
            0.7,
            "1.0.0",
            backtested.refused("1.0.0"),
            differences={pair: backtested.gains(gain) for pair in results.PAIRS},
        )
        for name in bench.SUMMER
    ]

    def replay(command: list[Path], **_: Any) -> Any:
        overall = {pair: backtested.gains(gain) for pair in results.PAIRS}
        left = backtested.result(periods=months, overall=overall)
        results.write(left, results.FOLDER / "backtest.json")
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr("subprocess.run", replay)
    monkeypatch.setattr(bench, "RESULTS", tmp_path / "backtest.json")
    with pytest.raises(SystemExit) as ended:
        bench.main()
    return ended.value.code, json.loads((tmp_path / "backtest.json").read_text())


def test_a_gain_in_every_summer_month_holds(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    code, found = measured(monkeypatch, tmp_path, 0.03)

    assert code == 0
    assert len(found["goals"]) == 5
    assert all(goal["holds"] for goal in found["goals"].values())
    assert found["periods"]["2013-06"]["brier"]["never"] == pytest.approx(0.2)
    assert found["mistakes"] == {"1.0.0": ["brier", "log_loss"]}


def test_a_loss_misses_the_goals(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    code, found = measured(monkeypatch, tmp_path, -0.01)

    assert code == 1
    assert [name for name, goal in found["goals"].items() if goal["holds"]] == ["minutes"]
