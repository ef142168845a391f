"""A look is written as Markdown and as a page, and shown in the terminal."""

from pathlib import Path

import pytest

from mlops.progress import console
from mlops.report.monitor import look, page
from tests.mlops.report import monitored


def test_both_are_written_and_the_markdown_comes_back(tmp_path: Path) -> None:
    result = monitored.alarm()

    markdown = look.write(result, tmp_path / "monitor")

    assert (tmp_path / "monitor" / "monitor.md").read_text() == markdown
    written = (tmp_path / "monitor" / "monitor.html").read_text()
    assert written == page.render(result).rstrip("\n") + "\n"


@pytest.mark.usefixtures("wide")
def test_the_terminal_shows_each_part_then_why_and_what_to_do(
    capsys: pytest.CaptureFixture[str],
) -> None:
    look.show(monitored.alarm())

    shown = capsys.readouterr().out
    assert "drift       │ alarm  │ 2 of 15 inputs drifted: temp, carrier" in shown
    assert "alarm: drift of temp, carrier" in shown
    assert "  serving: p99_ms is 212, at most 100" in shown
    assert "→ A new model may help: the workflow retrain" in shown


@pytest.mark.usefixtures("wide")
def test_a_steady_model_asks_for_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    look.show(monitored.steady())

    shown = capsys.readouterr().out
    assert "steady: nothing has moved further than it usually does" in shown
    assert "→" not in shown


@pytest.mark.usefixtures("wide")
def test_a_failure_has_no_table(capsys: pytest.CaptureFixture[str]) -> None:
    look.show(monitored.failed())

    shown = capsys.readouterr().out
    assert "┃" not in shown
    assert "failed: the monitor could not look: http" in shown


@pytest.mark.usefixtures("wide")
def test_markup_of_the_terminal_is_text(capsys: pytest.CaptureFixture[str]) -> None:
    result = monitored.failed().model_copy(update={"summary": "[bold]x[/bold] \x1b[31mred"})

    look.show(result)

    shown = capsys.readouterr().out
    assert "[bold]x[/bold] [31mred" in shown
    assert "\x1b" not in shown


@pytest.fixture
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "width", 160)
