"""Who the champion is: the tags say it, and where they cannot, nobody is put in its place."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mlops.judge.changes import Base
from mlops.judge.incumbent import incumbent, promoted
from mlops.registry.state import Released
from mlops.registry.tags import Tag
from tests.conftest import ROOT
from tests.mlops.judge.repositories import commit, git, write

LOCK = """\
stages:
  evaluate:
    outs: [{path: artifacts/predictions.parquet, md5: 0123456789abcdef0123456789abcdef, size: 7}]
"""


@pytest.fixture
def main(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Three commits of a branch main, in the current directory; each with a lock of its own."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    shutil.copy2(ROOT / "params.yaml", "params.yaml")
    made = []
    for n in range(3):
        write({"dvc.lock": f"{LOCK}# {n}\n"})
        made.append(commit(f"model {n}"))
    return made


def tag(name: str, on: str) -> None:
    git("tag", "-a", "-m", "by hand", name, on)


def test_before_the_first_promotion_it_is_the_model_of_the_base(main: list[str]) -> None:
    found = incumbent(Base(main[1]))

    assert (found.who.origin, found.who.commit, found.who.version) == ("base", main[1], None)
    assert found.state.commit == main[1]
    assert found.tag == ""


def test_once_promoted_it_is_that_model_and_not_the_base(main: list[str]) -> None:
    tag("late-arrival@v1.0.0", main[0])
    tag("late-arrival#champion#1", main[0])

    found = incumbent(Base(main[2]))

    assert (found.who.origin, found.who.version) == ("promoted", "1.0.0")
    assert found.who.commit == found.state.commit == main[0]
    assert found.who.lock != incumbent(Base(main[1])).state.text("dvc.lock")
    assert found.tag == "late-arrival@v1.0.0"


def test_after_a_rollback_it_is_the_older_one(main: list[str]) -> None:
    for n, version in enumerate(("1.0.0", "1.1.0")):
        tag(f"late-arrival@v{version}", main[n])
        tag(f"late-arrival#champion#{n + 1}", main[n])
    assert incumbent(Base(main[2])).who.version == "1.1.0"

    tag("late-arrival#champion#3", main[0])

    assert incumbent(Base(main[2])).who.version == "1.0.0"


def test_main_itself_meets_the_champion_though_it_has_no_base(main: list[str]) -> None:
    assert incumbent(Base(None)).who.origin == "none"
    tag("late-arrival@v1.0.0", main[0])
    tag("late-arrival#champion#1", main[0])

    assert incumbent(Base(None)).who.version == "1.0.0"


def test_another_models_tags_are_none_of_its_business(main: list[str]) -> None:
    tag("departures@v1.0.0", main[0])
    tag("departures#champion#1", main[0])

    assert incumbent(Base(main[1])).who.origin == "base"


def test_a_stage_without_its_version_is_nobody_else(main: list[str]) -> None:
    tag("late-arrival#champion#1", main[0])

    found = incumbent(Base(main[2]))

    assert (found.who.origin, found.state.commit) == ("promoted", None)
    assert "late-arrival#champion#1" in found.who.why_not


def test_a_promoted_commit_without_predictions_cannot_be_asked(main: list[str]) -> None:
    Path("dvc.lock").unlink()
    without = commit("no lock")
    tag("late-arrival@v1.0.0", without)
    tag("late-arrival#champion#1", without)

    found = incumbent(Base(main[2]))

    assert (found.who.origin, found.state.commit) == ("promoted", without)
    assert "its pipeline never ran" in found.who.why_not


def test_a_commit_that_is_not_here_is_told_with_the_command_that_brings_it(main: list[str]) -> None:
    absent = Tag("late-arrival@v1.2.0", "f" * 40, "", "somebody", datetime.now(UTC))

    found = promoted(Released("1.2.0", absent, None))

    assert (found.who.version, found.state.commit) == ("1.2.0", None)
    assert "not in this clone" in found.who.why_not
    assert "`git fetch origin tag late-arrival@v1.2.0`" in found.who.why_not


@pytest.fixture
def shallow(main: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone of depth 1, as `actions/checkout` makes it: no tag came along. Its origin."""
    tag("late-arrival@v1.0.0", main[0])
    tag("late-arrival#champion#1", main[0])
    origin = tmp_path / "origin.git"
    git("clone", "-q", "--bare", ".", str(origin))
    git("clone", "-q", "--depth", "1", "--no-tags", f"file://{origin}", str(tmp_path / "shallow"))
    monkeypatch.chdir(tmp_path / "shallow")
    return origin


def test_a_shallow_clone_asks_origin_who_it_is(shallow: Path, main: list[str]) -> None:
    assert git("tag") == ""

    found = incumbent(Base(None))

    assert (found.who.version, found.state.commit) == ("1.0.0", main[0])


def test_a_shallow_clone_that_cannot_ask_judges_against_nobody_else(
    shallow: Path, main: list[str]
) -> None:
    shutil.rmtree(shallow)

    found = incumbent(Base(git("rev-parse", "HEAD")))

    assert (found.who.origin, found.who.version, found.state.commit) == ("promoted", None, None)
    assert "this clone is shallow" in found.who.why_not
    assert "`git fetch --unshallow --tags origin`" in found.who.why_not
