"""A repository whose settings are read and changed: files of this one, GitHub on loopback."""

from pathlib import Path

import pytest

from mlops.github.api import Api
from tests.conftest import ROOT
from tests.mlops.github.conftest import Job
from tests.mlops.github.server import GitHub


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """.github/ is read from the current directory."""
    monkeypatch.chdir(ROOT)


@pytest.fixture
def admin(job: Job, github: GitHub) -> GitHub:
    """The token is that of somebody who administers the repository."""
    github.administered()
    return github


@pytest.fixture
def client(admin: GitHub) -> Api:
    return Api.from_environment()


@pytest.fixture
def declared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty .github/ of the test's own."""
    folder = tmp_path / "own" / ".github"
    (folder / "rulesets").mkdir(parents=True)
    (folder / "workflows").mkdir()
    monkeypatch.chdir(folder.parent)
    return folder
