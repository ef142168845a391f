"""A finished history, made once; each test has a copy of its own."""

import shutil
from pathlib import Path

import pytest

from tests.mlops.dashboard.world import half_a_year


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Half a year, as a repository; read only."""
    return half_a_year(tmp_path_factory)


@pytest.fixture
def years(told: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same as the test's own, current directory."""
    folder = tmp_path / "years"
    shutil.copytree(told, folder)
    monkeypatch.chdir(folder)
    return folder
