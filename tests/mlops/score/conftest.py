"""A small copy of this repository to take evidence away from: all that the score looks at."""

import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.conftest import commit, copy_of_the_repository, once
from tests.mlops.score import study

SEEN = (
    ".github",
    "benchmarks/results/backtest.json",
    "dvc.lock",
    "dvc.yaml",
    "metrics",
    "params.yaml",
    "reports",
    "requirements/run.txt",
    "src/problem",
    "tests/mlops/explain/test_explain.py",
    "tests/mlops/monitor/performance/test_measured.py",
    "tests/mlops/promotion/test_lifecycle.py",
    "tests/mlops/promotion/test_smoke.py",
    "tests/problem",
    "tests/serving/test_capture.py",
    "tests/serving/test_inputs.py",
)
"""Files and folders that a test of the rubric looks at."""
Fresh = Callable[[], Path]


@pytest.fixture(scope="session")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What git would give a stranger of SEEN, and a study of its model, committed; read only."""

    def make(folder: Path) -> None:
        with TemporaryDirectory() as whole:
            copy_of_the_repository(Path(whole))
            for name in SEEN:
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (Path(whole) / name).replace(folder / name)
        study.write(folder)
        commit(folder)

    return once(tmp_path_factory, "scored", make)


@cache
def _parsed(text: str) -> Any:
    return YAML(typ="safe").load(text)


@pytest.fixture(autouse=True)
def _each_text_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy differs from the next one in a file or two."""

    for name in ("mlops.github.workflows.read", "mlops.score.repository.document"):
        monkeypatch.setattr(name, lambda path: _parsed(path.read_text()))


@pytest.fixture
def fresh(tmp_path: Path, seen: Path, monkeypatch: pytest.MonkeyPatch) -> Fresh:
    """Another copy with each call, which becomes the current directory."""

    def another() -> Path:
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        shutil.copytree(seen, folder)
        monkeypatch.chdir(folder)
        return folder

    return another


@pytest.fixture
def copy(fresh: Fresh) -> Path:
    """A copy, the current directory."""
    return fresh()
