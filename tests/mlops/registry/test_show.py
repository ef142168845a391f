"""What `mlops registry` prints, and that its JSON says the same."""

import json
from pathlib import Path
from typing import Any

import pytest

from mlops.registry.errors import RegistryError
from mlops.registry.show import show
from tests.mlops.registry.conftest import assign, clone, commit, git, release

SCORES = {"roc_auc": 0.7445, "brier": 0.17, "interval": {"roc_auc": {"low": 0.71, "high": 0.77}}}


@pytest.fixture
def two(start: str) -> list[str]:
    """Two versions, the second is the champion; their commits."""
    commits = []
    for count, (number, why) in enumerate({"1.0.0": "the first", "1.1.0": "data"}.items(), start=1):
        scores = SCORES | {"roc_auc": 0.7 + count / 100}
        made = commit({"metrics/test.json": json.dumps(scores)})
        release(number, made, why=[why], by=f"Author{count}")
        assign(count, number, made)
        commits.append(made)
    return commits


def printed(capsys: pytest.CaptureFixture[str]) -> list[str]:
    show(as_json=False)
    return capsys.readouterr().out.splitlines()


def as_json(capsys: pytest.CaptureFixture[str]) -> Any:
    show(as_json=True)
    return json.loads(capsys.readouterr().out)


def row(lines: list[str], *cells: str) -> str:
    """The only line that has all of these cells."""
    (found,) = [line for line in lines if all(cell in line for cell in cells)]
    return found


def test_before_the_first_promotion_it_says_so(
    start: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert printed(capsys) == ["late-arrival has no version yet: nothing has been promoted"]
    assert as_json(capsys)["versions"] == []


def test_each_version_shows_who_why_and_how_good(
    two: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    lines = printed(capsys)

    newest = row(lines, "1.1.0", "0.7200", "data", "Author2", "accepted")
    assert "│ champion " in newest
    oldest = row(lines, "1.0.0", "0.7100", "the first", "Author1", "accepted")
    assert "was champion" in oldest
    assert lines.index(newest) < lines.index(oldest)
    row(lines, "2 │ 1.1.0", "promotion", "better than number 1")
    assert not any("HELD" in line for line in lines)


def test_json_says_the_same(two: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    found = as_json(capsys)

    assert (found["model"], found["champion"], found["number"]) == ("late-arrival", "1.1.0", 2)
    assert (found["held"], found["doubt"]) == (None, "")
    first, second = found["versions"]
    assert [one["commit"] for one in (first, second)] == two
    assert (first["champion"], second["champion"]) == (False, True)
    assert second["metrics"]["interval"] == SCORES["interval"]
    assert (second["metrics"]["roc_auc"], second["why"]) == (0.72, ["data"])
    assert second["verdict"]["decision"] == "accepted"
    assert second["image"].startswith("ghcr.io/owner/name@sha256:")
    assert [one["reason"] for one in found["assignments"]] == [
        "better than number 0",
        "better than number 1",
    ]


def test_a_hold_is_said_loudly_and_how_to_lift_it(
    two: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assign(3, "1.0.0", two[0], kind="rollback", reason="late\nby a\x1b[2J lot", hold=True, by="Eve")

    lines = printed(capsys)
    assert "│ champion " in row(lines, "1.0.0", "0.7100")
    assert "by Eve since" in row(lines, "HELD", "late by a [2J lot")
    assert lines.index(row(lines, "HELD")) == len(lines) - 2
    assert "mlops promote --release-hold" in lines[-1]
    held = as_json(capsys)["held"]
    assert (held["number"], held["by"], held["kind"]) == (3, "Eve", "rollback")


def test_tags_made_by_hand_are_shown_for_what_they_are(
    start: str, capsys: pytest.CaptureFixture[str]
) -> None:
    git("tag", "-a", "late-arrival@v1.0.0", "-m", "by hand")
    git("tag", "-a", "late-arrival#champion#1", "-m", "looks good")
    git("push", "-q", "origin", "--tags")

    lines = printed(capsys)
    assert "champion" in row(lines, "1.0.0", "Ann", "made by hand", "–")
    row(lines, "1.0.0", "by hand", "looks good")


def test_it_is_origin_s_registry(
    origin: Path,
    two: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(clone(origin, tmp_path / "ben", "Ben"))
    assign(3, "1.0.0", two[0])
    monkeypatch.chdir(tmp_path / "ann")

    assert as_json(capsys)["champion"] == "1.0.0"


def test_without_origin_it_shows_what_is_known_and_says_so(
    origin: Path, two: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    origin.rename(tmp_path / "elsewhere")

    lines = printed(capsys)
    assert "not up to date, only what is known here: origin" in lines[0]
    row(lines, "1.1.0", "0.7200")
    assert "does not appear" in as_json(capsys)["doubt"]


def test_a_champion_without_a_version_is_shown_and_is_an_error(
    origin: Path, two: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    git("push", "-q", "origin", ":refs/tags/late-arrival@v1.1.0")

    with pytest.raises(RegistryError, match="late-arrival#champion#2 says"):
        show(as_json=False)
    row(capsys.readouterr().out.splitlines(), "1.0.0", "0.7100")


@pytest.mark.parametrize("content", ["[]", "{", "{}"])
def test_metrics_that_cannot_be_read_are_a_dash(
    start: str, capsys: pytest.CaptureFixture[str], content: str
) -> None:
    release("1.0.0", commit({"metrics/test.json": content}))

    assert "–" in row(printed(capsys), "1.0.0", "accepted")
    assert as_json(capsys)["versions"][0]["metrics"] == {}
