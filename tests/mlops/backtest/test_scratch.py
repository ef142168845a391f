"""A scratch repository holds what is here, leads nowhere outside, and lives at its own time."""

import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mlops import git as real_git
from mlops.backtest import scratch
from mlops.backtest.scratch import Scratch, StoppedError

FILES = {
    "dvc.yaml": "stages: {}\n",
    "params.yaml": "seed: 1\n",
    ".gitignore": "/data\n/.mlops/\n",
    ".dvc/.gitignore": "/cache\n/tmp\n",
    "src/mlops/__init__.py": "",
}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scratch:
    """Made of a repository with a change that is not committed, and a file that is ignored."""
    monkeypatch.chdir(tmp_path)
    for name, text in FILES.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text)
    identity = ["-c", "user.name=Ann", "-c", "user.email=ann@example.invalid"]
    for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "mine"]):
        subprocess.run(["git", *identity, *arguments], check=True)
    Path("params.yaml").write_text("seed: 2\n")
    Path("new.txt").write_text("new\n")
    Path("data").write_text("ignored\n")
    return scratch.make()


def test_it_holds_what_is_here_committed_or_not_and_nothing_ignored(place: Scratch) -> None:
    assert (place.work.folder / "params.yaml").read_text() == "seed: 2\n"
    tracked = place.work.git("ls-files").splitlines()
    assert sorted(tracked) == sorted([*FILES, "new.txt"])
    assert place.work.git("log", "--format=%an %s") == "backtest The repository as it is"
    assert place.work.git("status", "--porcelain") == ""


def test_both_clones_have_the_origin_and_share_the_cache(place: Scratch) -> None:
    for clone in (place.work, place.watch):
        assert clone.git("rev-parse", "origin/main") == place.work.git("rev-parse", "HEAD")
        assert (clone.folder / ".dvc/cache").resolve() == Path(".dvc/cache").resolve()


def test_one_of_before_is_replaced(place: Scratch) -> None:
    (place.work.folder / "left").write_text("from before\n")

    again = scratch.make()

    assert not (again.work.folder / "left").exists()


def test_inside_it_is_the_time_of_the_replay_and_nobody_elses_settings(
    place: Scratch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "secret")
    monkeypatch.setenv("MLOPS_REMOTE", "s3://bucket")
    here = Path.cwd()
    place.at(datetime(2013, 7, 1, 5, tzinfo=UTC))

    with place.work.inside():
        assert Path.cwd() == place.work.folder
        assert not {"GITHUB_TOKEN", "MLOPS_REMOTE"} & set(os.environ)
        assert real_git.now() == datetime(2013, 7, 1, 5, tzinfo=UTC).timestamp()

    assert Path.cwd() == here
    assert os.environ["GITHUB_TOKEN"] == "secret"


def test_a_command_that_ends_otherwise_than_it_may_names_its_log_and_last_word(
    place: Scratch,
) -> None:
    (place.work.folder / "src/mlops/cli.py").write_text(
        "import sys\nprint('error: no flights of June')\nprint('bye')\nsys.exit(4)\n"
    )

    with pytest.raises(StoppedError, match=r"`mlops data --restore` ended with 4.*no flights") as e:
        place.work.run("data", "--restore")

    assert e.value.exit_code == 4
    assert place.work.run("data", allowed=(0, 4))[0] == 4
    assert "bye" in (place.work.folder.parent / "repository-data.log").read_text()


def test_git_that_refuses_says_why(place: Scratch) -> None:
    with pytest.raises(StoppedError, match="git checkout nowhere"):
        place.work.git("checkout", "nowhere")
