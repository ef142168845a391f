"""The score is that of the worst section; a program can ask for it, and insist on it."""

import json
import re
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from mlops.cli import app
from mlops.errors import Refused
from mlops.judge import verdict
from mlops.score import replayed
from mlops.score.evidence import Evidence, points
from mlops.score.rubric import SECTIONS, Criterion
from mlops.score.score import Point, Score, hold, score
from tests.conftest import ROOT

THERE, MISSING = Evidence(True, "there"), Evidence(False, "missing", "do it")
NOT_AGAIN = Evidence(False, "by nobody", "schedule it", repeats=True)


def point(*evidence: Evidence) -> Point:
    return Point(Criterion("Data 1", "it is so", lambda _: list(evidence)), list(evidence))


def of(*sections: float) -> Score:
    """Seven points or less in each section."""
    whole, none = point(THERE), point(MISSING)
    half = point(THERE, NOT_AGAIN)
    made = []
    for value in sections:
        found = [whole] * int(value) + [half] * (value % 1 == 0.5)
        made.append(found + [none] * (7 - len(found)))
    return Score(dict(zip(SECTIONS, made, strict=True)))


@pytest.mark.parametrize(
    ("evidence", "earned"),
    [
        ([THERE], 1),
        ([THERE, MISSING], 0),
        ([THERE, NOT_AGAIN], 0.5),
        ([MISSING, NOT_AGAIN], 0),
    ],
)
def test_what_is_done_once_is_worth_half(evidence: list[Evidence], earned: float) -> None:
    assert points(evidence) == earned


def test_the_score_is_that_of_the_worst_section() -> None:
    assert of(7, 5.5, 3, 6).total == 3
    assert of(7, 5.5, 3, 6).by_section["Model development"] == 5.5


@pytest.mark.parametrize(
    ("total", "said"),
    [
        (0, "research"),
        (0.5, "holes"),
        (1, "holes"),
        (2, "first pass"),
        (3, "reasonably"),
        (3.5, "critical"),
        (5, "critical"),
        (5.5, "exceptional"),
        (7, "exceptional"),
    ],
)
def test_a_score_means_what_the_paper_says(total: float, said: str) -> None:
    assert said in of(7, 7, 7, total).meaning


def test_who_asks_for_more_is_told_which_sections_fall_short() -> None:
    hold(of(7, 5.5, 5, 6), 5)

    with pytest.raises(Refused, match=r"is 5, below 5.5: Infrastructure 5;"):
        hold(of(7, 5.5, 5, 6), 5.5)


def asked(*options: str) -> Result:
    return CliRunner().invoke(app, ["score", *options])


def words(shown: Result) -> str:
    """What is shown, in one line, however wide the tables are."""
    return re.sub(r"[│\s]+", " ", shown.stdout)


def test_every_test_is_shown_with_its_evidence_and_the_score_last(copy: Path) -> None:
    shown = asked("-o", "score.md")

    assert shown.exit_code == 0
    for tests in SECTIONS.values():
        for test in tests:
            assert f"{test.name}: {test.asks}" in words(shown)
    assert "+ the gate `floors` is on" in words(shown)
    assert shown.stdout.splitlines()[-1].startswith("ML Test Score 7 of 7, that of ")
    page = (copy / "score.md").read_text()
    assert page.startswith("# ML Test Score\n\nML Test Score 7 of 7")
    assert (
        len(
            re.findall(
                r"^\| (Data|Model|Infra|Monitor) \d \| .+ \| .+ \| .+ \|$", page, re.MULTILINE
            )
        )
        == 28
    )


@pytest.mark.usefixtures("copy")
def test_a_program_gets_all_of_it() -> None:
    told = json.loads(asked("--json").stdout)

    assert told["score"] == min(told["sections"].values()) == 7
    assert len(told["tests"]) == 28
    for test in told["tests"]:
        assert test["points"] == points([Evidence(**one) for one in test["evidence"]])
    assert {test["how"] for test in told["tests"]} == {"automated"}


def test_a_job_can_keep_it_up(copy: Path) -> None:
    assert asked("--at-least", "7").exit_code == 0
    (copy / ".github/rulesets/main.json").unlink()
    assert asked("--at-least", "6.5").exit_code == 0
    assert asked("--at-least", "7").exit_code == 8
    assert asked("--at-least", "8").exit_code == 2


def test_where_nothing_was_run_it_says_what_to_run(copy: Path) -> None:
    for path in ("metrics", "reports"):
        shutil.rmtree(copy / path)
    (copy / "dvc.lock").unlink()

    shown = asked()

    assert shown.exit_code == 0
    assert "metrics/test.json is missing, or not what dvc.lock says → `mlops run`" in words(shown)
    assert score().total < 3


def test_a_folder_that_is_no_repository_has_nothing_checked_in(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.rmtree(copy / ".git")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(copy.parent))

    told = json.loads(asked("--json").stdout)

    lost = {test["test"] for test in told["tests"] if test["points"] == 0}
    assert lost == {"Model 1", "Model 3"}


def test_a_broken_declaration_is_told_and_ends_with_its_code(copy: Path) -> None:
    (copy / "score.yaml").write_text("Model 9: {}\n")

    assert asked().exit_code == 5


@pytest.mark.slow
def test_the_template_earns_what_its_page_and_the_readme_claim(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As git would give it to a stranger: without what was run on this machine.

    Not among the quick ones: it holds for the template as it is, not for every pull request.
    """
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(verdict, "FOLDER", tmp_path)
    monkeypatch.setattr(replayed, "MINE", tmp_path / "backtest.json")
    claimed = re.findall(
        r"^\| ([A-Z][a-z ]+) \| ([\d.]+) of 7 \|$",
        (ROOT / "docs/score.md").read_text(),
        re.MULTILINE,
    )

    found = score()
    earned = found.by_section

    assert f"the template itself at {found.total:g} of 7" in (ROOT / "README.md").read_text()
    assert [name for name, _ in claimed] == list(earned)
    for name, value in claimed:
        assert earned[name] >= float(value), name
