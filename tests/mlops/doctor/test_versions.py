"""How old the lock is, and which actions have newer releases."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mlops.doctor import versions
from mlops.github.api import Api, GitHubError
from tests.mlops.doctor.conftest import Git, levels, told


def test_a_lock_that_was_never_committed(git: Git) -> None:
    assert levels(versions.packages()) == ["note"]


@pytest.mark.parametrize(("days", "level"), [(10, "ok"), (200, "note")])
def test_the_lock_is_as_old_as_its_last_change(
    git: Git, folder: Path, monkeypatch: pytest.MonkeyPatch, days: int, level: str
) -> None:
    (folder / "requirements").mkdir()
    (folder / "requirements/dev.txt").write_text("numpy==2\n")
    git("add", "-A")
    made = datetime.now(UTC) - timedelta(days=days, minutes=5)
    monkeypatch.setenv("GIT_COMMITTER_DATE", f"{made:%Y-%m-%dT%H:%M:%SZ}")
    git("commit", "-q", "-m", "lock")
    monkeypatch.delenv("GIT_COMMITTER_DATE")
    git("commit", "-q", "--allow-empty", "-m", "something else")

    ((found, text),) = told(versions.packages())

    assert found == level
    assert f"last changed here {days} days ago" in text


def test_a_shallow_clone_does_not_know(
    git: Git, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git("commit", "-q", "--allow-empty", "-m", "one")
    git("commit", "-q", "--allow-empty", "-m", "two")
    git("clone", "-q", "--depth", "1", f"file://{folder}", str(tmp_path / "shallow"))
    monkeypatch.chdir(tmp_path / "shallow")

    assert [one.remedy for one in versions.packages()] == ["git fetch --unshallow"]


WORKFLOW = f"""\
jobs:
  one:
    steps:
      - uses: actions/checkout@{"a" * 40} # v7.0.1
      - uses: github/codeql-action/init@{"b" * 40} # v4.37.7
      - uses: ./.github/actions/setup
"""
SETUP = f"runs:\n  steps:\n    - uses: actions/cache/restore@{'c' * 40} # v6.1.0\n"


@pytest.fixture
def pinned(folder: Path) -> None:
    (folder / ".github/workflows").mkdir(parents=True)
    (folder / ".github/workflows/one.yml").write_text(WORKFLOW)
    (folder / ".github/actions/setup").mkdir(parents=True)
    (folder / ".github/actions/setup/action.yml").write_text(SETUP)


def newest(monkeypatch: pytest.MonkeyPatch, releases: dict[str, str]) -> None:
    """What GitHub says is the latest release of each action's repository."""

    def get(self: Api, path: str, **_: object) -> dict[str, str]:
        assert path == "releases/latest"
        if self.repository not in releases:
            raise GitHubError("GitHub refused GET releases/latest: 404 Not Found", 404)
        return {"tag_name": releases[self.repository]}

    monkeypatch.setattr(Api, "get", get)


ALL = {"actions/checkout": "v7.0.1", "github/codeql-action": "v4.37.7", "actions/cache": "v6.1.0"}


@pytest.mark.usefixtures("pinned")
def test_actions_at_their_newest_release(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    newest(monkeypatch, ALL)

    assert told(versions.actions(api)) == [("ok", "3 actions are pinned at their newest release")]


@pytest.mark.usefixtures("pinned")
def test_newer_releases_are_named(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    newest(monkeypatch, ALL | {"actions/checkout": "v7.0.10", "actions/cache": "v6.0.9"})

    ((level, text),) = told(versions.actions(api))

    assert level == "note"
    assert text == "newer releases of 1 actions: actions/checkout v7.0.1 → v7.0.10"


@pytest.mark.usefixtures("pinned")
def test_what_cannot_be_asked_is_said(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    newest(monkeypatch, {"actions/checkout": "v7.0.1", "actions/cache": "codeql-bundle"})

    right, unknown = told(versions.actions(api))

    assert right[0] == "ok"
    assert unknown == ("note", "the newest release cannot be asked of github/codeql-action")
