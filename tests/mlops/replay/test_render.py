"""The result as Markdown and in a terminal; what a server says stays text."""

import re
from pathlib import Path

import cmarkgfm
import pytest

from mlops.replay import render, result
from mlops.replay.result import (
    Agreement,
    Check,
    Disagreement,
    Failing,
    Latency,
    Replay,
    Server,
    Step,
    Traffic,
)

EVIL = "<img src=x> [click](http://evil.example) @everyone | ![x](http://evil.example/x.png) `"


def evil() -> Replay:
    failing = [Failing(status=500, requests=2, said=EVIL)]
    latency = [Latency(kind="single", requests=1000, p50=1.5, p95=2.5, p99=3.25)]
    server = Server(name=EVIL, version=EVIL, answered=9, failing=failing, latency=latency)
    return Replay(
        outcome="fail",
        summary=EVIL,
        mode="canary",
        traffic=Traffic(origin=EVIL, requests=1200, rows=5000, hash="0" * 64),
        champion=server,
        challenger=server,
        checks=[Check(name="errors", question="?", outcome="fail", reason=EVIL, limit=0.25)],
        agreement=Agreement(rows=5000, equal=0.9, mean=0.01, p95=0.2, largest=0.5, psi=0.125),
        disagreements=[Disagreement(row=EVIL, champion=EVIL, challenger=EVIL, difference=0.5)],
        steps=[Step(share=0.01, requests=12, outcome="fail", reason=EVIL)],
    )


def test_nothing_that_a_server_says_is_markdown() -> None:
    html = cmarkgfm.github_flavored_markdown_to_html(render.markdown(evil()))

    assert "<img" not in html
    assert "<a " not in html
    assert "@" not in html
    assert html.count("<table>") == 5
    cells = [len(re.findall("<t[hd]>", row)) for row in html.split("<tr>")]
    assert set(cells[1:]) == {4, 8}  # no row broken by a pipe


def test_the_numbers_are_there() -> None:
    text = render.markdown(evil())

    assert text.startswith("## ❌ Replay: fail\n")
    assert "1,200 requests, 5,000 rows" in text
    assert "| 1 row | 1,000 | 1.50 | 2.50 | 3.25 |" in text
    assert (
        "Of 5,000 rows, 90.00% agree with the champion. Scores differ by 0.01 on average, 0.2 at "
        "the 95th percentile and 0.5 at most. Population stability index: 0.1250."
    ) in text
    assert "| 1% | 12 | ❌ |" in text


def test_the_terminal_shows_checks_and_times(capsys: pytest.CaptureFixture[str]) -> None:
    render.show(evil())

    shown = capsys.readouterr().out
    assert "replay of 1,200 requests, canary" in shown
    assert "1% to the challenger, 12 requests: fail, <img src=x> [click]" in shown
    for text in ("errors", "0.25", "1.50", "2.50", "3.25"):
        assert text in shown


def test_the_report_is_left_for_people_programs_and_the_job(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))

    render.report(evil())

    written = result.FOLDER / "replay.json"
    assert result.read(written.read_bytes(), "replay.json") == evil()
    text = (result.FOLDER / "replay.md").read_text()
    assert text == render.markdown(evil())
    assert (tmp_path / "summary.md").read_text() == f"{text}\n"
