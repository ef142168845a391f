"""A small repository to look at, and nobody who could be asked."""

import os
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from mlops.doctor.check import Seen

Git = Callable[..., str]


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No token, no remote, and no variables of a job."""
    for name in list(os.environ):
        if name.startswith(("GITHUB_", "MLOPS_")) or name == "GH_TOKEN":
            monkeypatch.delenv(name)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current directory, empty."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "here"


@pytest.fixture
def git(folder: Path) -> Git:
    """git in that folder, which is a repository of it now."""

    def call(*arguments: str) -> str:
        identity = ["-c", "user.name=Test", "-c", "user.email=test@example.invalid"]
        command = ["git", *identity, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    call("init", "-q", "-b", "main")
    return call


def told(seen: Iterable[Seen]) -> list[tuple[str, str]]:
    """Level and text of each."""
    return [(one.level, one.text) for one in seen]


def levels(seen: Iterable[Seen]) -> list[str]:
    return [one.level for one in seen]
