"""A model with an origin and a clone, both in the test's own folder."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import ConsoleDimensions

from mlops.registry import tags
from mlops.registry.record import Approval, Assignment, Facts, Image, Judgement, Version
from tests.conftest import ROOT

MODEL = "late-arrival"
WHEN = "2013-09-01T12:00:00+00:00"
Write = Callable[..., str]


def git(*arguments: str, at: Path | str = ".") -> str:
    """What git printed."""
    done = subprocess.run(
        ["git", "-C", str(at), *arguments], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def clone(origin: Path, folder: Path, name: str) -> Path:
    """A clone of somebody's own."""
    git("clone", "-q", str(origin), str(folder), at=origin)
    git("config", "user.name", name, at=folder)
    git("config", "user.email", f"{name.lower()}@example.invalid", at=folder)
    return folder


def commit(files: dict[str, str], message: str = "more") -> str:
    """Commit these files in the current directory and push them; the hash."""
    for name, text in files.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text)
    git("add", "-A")
    git("commit", "-q", "--allow-empty", "-m", message)
    git("push", "-q", "origin", "HEAD:main")
    return git("rev-parse", "HEAD")


def facts(**given: str) -> Facts:
    """Facts that are all zeros but for those that are given."""
    names = ("lock", "params", "code", "interface", "packages", "server")
    plain = dict.fromkeys(names, "0" * 64)
    return Facts.model_validate(
        plain | {"data": "0" * 32, "through": "2013-08", "export": "e.dir"} | given
    )


def version(number: str, commit: str, **given: Any) -> Version:
    """The record of a version."""
    content = {
        "name": MODEL,
        "version": number,
        "commit": commit,
        "facts": facts(),
        "why": ["the first version"],
        "image": Image(
            name="ghcr.io/owner/name",
            digest=f"sha256:{'d' * 64}",
            base="python:3.11-slim",
            attested=False,
        ),
        "verdict": Judgement(
            decision="accepted", summary="every gate passed", sha256="5" * 64, champion=None
        ),
        "after": 0,
        "approvals": [Approval(by="Maintainer", on="merged #7")],
        "by": "Author",
        "run": "https://github.com/owner/name/actions/runs/1",
        "at": WHEN,
    }
    return Version.model_validate(content | given)


def release(number: str, commit: str, **given: Any) -> None:
    """Make the tag of a version."""
    record = version(number, commit, **given)
    tags.create(tags.version_tag(MODEL, number), commit, record.message(f"{MODEL} {number}"))


def assign(count: int, number: str, commit: str, **given: Any) -> None:
    """Make the tag of an assignment."""
    content = {
        "name": MODEL,
        "version": number,
        "number": count,
        "kind": "promotion",
        "reason": f"better than number {count - 1}",
        "by": "Author",
        "at": WHEN,
    }
    record = Assignment.model_validate(content | given)
    tags.create(tags.stage_tag(MODEL, count), commit, record.message(f"{number} is the champion"))


@pytest.fixture(autouse=True)
def own_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody's settings, and no workflow's."""
    for name in ("GITHUB_ACTOR", "GITHUB_TOKEN", "GITHUB_SERVER_URL", "GIT_CONFIG_COUNT"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    """A bare repository whose main has one commit with params.yaml."""
    folder = tmp_path / "origin.git"
    git("init", "-q", "--bare", "-b", "main", str(folder), at=tmp_path)
    return folder


@pytest.fixture
def start(origin: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The current directory is Ann's clone of it; the hash of its first commit."""
    monkeypatch.chdir(clone(origin, tmp_path / "ann", "Ann"))
    git("checkout", "-q", "-b", "main")
    return commit({"params.yaml": (ROOT / "params.yaml").read_text()}, "first")


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal in which tables need not break their lines."""
    monkeypatch.setattr("mlops.progress.console.size", ConsoleDimensions(160, 50))
