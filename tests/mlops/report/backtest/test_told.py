"""The terminal and the files of a backtest."""

from pathlib import Path

import pytest
from rich.console import ConsoleDimensions

from mlops.report.backtest import told
from tests.mlops.report import backtested


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal in which tables need not break their lines."""
    monkeypatch.setattr("mlops.progress.console.size", ConsoleDimensions(160, 50))


def test_it_leaves_a_page_and_a_picture(tmp_path: Path) -> None:
    told.write(backtested.result(), tmp_path)

    assert sorted(path.name for path in tmp_path.iterdir()) == ["backtest.html", "backtest.svg"]


def test_the_terminal_shows_each_line_by_period(capsys: pytest.CaptureFixture[str]) -> None:
    told.show(backtested.result())

    shown = capsys.readouterr().out
    (may,) = [
        line for line in shown.splitlines() if line.startswith("│ 2013-05") and "0.7300" in line
    ]
    assert [f"{0.70 + worth:.4f}" in may for worth in backtested.LINES.values()] == [True] * 5
    assert "alarm" in may
    assert "✕ floors" in may
    assert "+0.0300 (+0.0150 to +0.0450)" in shown
    assert "1.0.0 proved significantly worse than the first model: brier, log_loss" in shown


def test_without_a_mistake_it_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    found = backtested.result()
    spotless = found.successions[0].model_copy(update={"worse": []})

    told.show(found.model_copy(update={"successions": [spotless]}))

    assert "none of 1 promoted models proved significantly worse" in capsys.readouterr().out
