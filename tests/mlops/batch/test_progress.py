"""On a terminal there is a bar, which is gone when the work is done."""

import io

import pytest
from rich.console import Console

from mlops.batch import progress


def test_a_terminal_shows_rows_and_their_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=100, color_system=None)
    monkeypatch.setattr(progress, "console", console)

    with progress.shown("scoring rows.csv", 3000, 1000) as advance:
        advance(1500)

    assert "scoring rows.csv" in screen.getvalue()
    assert "2,500 rows, " in screen.getvalue()


def test_elsewhere_a_line_is_enough(capsys: pytest.CaptureFixture[str]) -> None:
    with progress.shown("scoring rows.csv", None, 0) as advance:
        advance(1500)

    assert capsys.readouterr().out == "  scoring rows.csv …\n"
