"""What a replay notes is read back from git as what happened."""

import subprocess
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from mlops.backtest.diary import Diary
from mlops.backtest.scratch import Clone
from mlops.history import ledger
from mlops.history.record import Look, Merge

AT = datetime(2013, 5, 1, 5, tzinfo=UTC)


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Clone:
    """An empty repository with an origin, as the current directory."""
    origin, folder = tmp_path / "origin.git", tmp_path / "repository"
    subprocess.run(["git", "init", "-q", "--bare", origin], check=True)
    subprocess.run(["git", "init", "-q", folder], check=True)
    made = Clone(folder, AT)
    for name, value in (("user.name", "backtest"), ("user.email", "backtest@localhost")):
        made.git("config", name, value)
    made.git("remote", "add", "origin", str(origin))
    monkeypatch.chdir(folder)
    return made


def test_lines_are_appended_and_read_back(clone: Clone) -> None:
    diary = Diary(clone)
    looks = [Look(at=AT.replace(month=m), outcome="steady", summary="all well") for m in (5, 6)]
    merge = Merge(at=AT, commit="a" * 40, ending="promoted", why="as model 1.0.0", version="1.0.0")
    for event in (looks[0], merge, looks[1]):
        diary.add(event)

    clone.git("fetch", "--quiet", "origin")
    found = ledger.read()

    assert found.looks == looks
    assert found.merges == [merge]
    assert found.pulls == []


def test_nothing_is_ever_taken_back(clone: Clone) -> None:
    diary = Diary(clone)
    for month in (5, 6, 7):
        diary.add(Look(at=AT.replace(month=month), outcome="alarm", summary="it moved"))

    texts = [
        clone.git("show", f"{commit}:{ledger.LOOKS}")
        for commit in clone.git("rev-list", "--reverse", diary.tip).split()
    ]

    assert len(texts) == 3
    assert all(after.startswith(before) for before, after in pairwise(texts))


def test_commits_bear_the_time_of_the_replay(clone: Clone) -> None:
    diary = Diary(clone)
    diary.add(Look(at=AT, outcome="steady", summary="all well"))

    assert clone.git("show", "-s", "--format=%cI", diary.tip) == "2013-05-01T05:00:00+00:00"
