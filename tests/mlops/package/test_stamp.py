"""An image says which version, commit and data it is made of."""

import hashlib
from pathlib import Path

import pytest

from mlops.data import pin
from mlops.package import stamp
from tests.mlops.judge.repositories import commit, git
from tests.mlops.package.conftest import EXPORT, MODEL, Machine

pytestmark = pytest.mark.usefixtures("machine", "repository")


def test_a_commit_without_a_release_is_named_by_its_hash() -> None:
    build = stamp.make(MODEL).build

    assert build.commit == git("rev-parse", "HEAD")
    assert build.version == f"0.0.0+{build.commit[:12]}"
    assert build.data == "0123abcd.dir"


def test_it_was_created_when_the_commit_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2026-02-03T04:05:06+0200")
    Path("new").touch()
    commit("later")

    assert stamp.make(MODEL).build.created == "2026-02-03T02:05:06+00:00"


def test_the_newest_of_the_models_tags_is_its_version() -> None:
    for tag in (f"{MODEL}@v1.9.0", f"{MODEL}@v1.10.0", "other@v7.0.0", f"{MODEL}#champion#3"):
        git("tag", tag)

    assert stamp.make(MODEL).build.version == "1.10.0"


def test_a_version_that_is_given_comes_before_every_tag() -> None:
    git("tag", f"{MODEL}@v1.9.0")

    assert stamp.make(MODEL, "1.10.0").build.version == "1.10.0"


def test_it_says_which_lock_and_which_export() -> None:
    made = stamp.make(MODEL)

    assert made.lock == hashlib.sha256(Path("dvc.lock").read_bytes()).hexdigest()
    assert made.export == pin.digest(EXPORT).md5


def test_a_tag_of_an_earlier_commit_is_not_its_version() -> None:
    git("tag", f"{MODEL}@v1.0.0")
    Path("new").touch()
    commit("later")

    assert stamp.make(MODEL).build.version.startswith("0.0.0+")


@pytest.mark.parametrize("changed", ["data.dvc", "new"])
def test_a_file_that_is_not_committed_shows_in_the_version(changed: str) -> None:
    git("tag", f"{MODEL}@v1.0.0")
    with Path(changed).open("a") as file:
        file.write("\n")

    assert stamp.make(MODEL).build.version == "1.0.0-dirty"


@pytest.mark.parametrize(
    ("remote", "source"),
    [
        ("https://github.com/owner/name.git", "https://github.com/owner/name"),
        ("https://user:secret@github.com/owner/name", "https://github.com/owner/name"),
        ("git@github.com:owner/name.git", "https://github.com/owner/name"),
        ("ssh://git@git.example.org:2222/a/b/c.git", "https://git.example.org/a/b/c"),
        ("/srv/repositories/name.git", ""),
        ("file:///srv/name.git", ""),
        ("../name", ""),
    ],
)
def test_the_source_is_an_address_without_a_password(remote: str, source: str) -> None:
    git("remote", "add", "origin", remote)

    assert stamp.make(MODEL).source == source


def test_without_a_remote_there_is_no_source() -> None:
    assert stamp.make(MODEL).source == ""


def test_in_github_actions_the_source_is_the_jobs_repository(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://github.example.org")
    monkeypatch.setenv("GITHUB_REPOSITORY", "owner/name")

    assert stamp.make(MODEL).source == "https://github.example.org/owner/name"


def test_outside_git_nothing_is_known_but_the_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, machine: Machine
) -> None:
    monkeypatch.chdir(machine.folder)
    Path("data.dvc").write_text("outs:\n- md5: 0123abcd.dir\n  path: data\n")

    made = stamp.make(MODEL)

    assert (made.build.version, made.build.commit, made.build.created) == ("0.0.0", "", "")
    assert made.build.data == "0123abcd.dir"
    assert (made.lock, made.export) == ("", "")
