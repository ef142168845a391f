"""The diabetes problem with its training rows and nothing else; and searches made by hand."""

import runpy
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from mlops.params import Split
from mlops.training.split import held_out
from mlops.tune.result import Fold, Search, Trial
from tests.conftest import ROOT
from tests.mlops.retraining.conftest import seed, world  # noqa: F401 - fixtures

PROBLEM = ROOT / "tests" / "problems" / "diabetes"


@pytest.fixture
def diabetes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The current directory; `load` reads its problem folder. There are no test rows."""
    problem = tmp_path / "src" / "problem"
    shutil.copytree(PROBLEM, problem, ignore=shutil.ignore_patterns("__pycache__"))
    (problem / "params.yaml").rename(tmp_path / "params.yaml")
    for name in ("pyproject.toml", "requirements/run.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    runpy.run_path(str(problem / "source.py"))["materialise"](tmp_path, "")
    rows = pd.read_csv(tmp_path / "patients.csv")
    split = Split(rule="random", test_months=1, test_share=0.3)
    (tmp_path / "artifacts").mkdir()
    train = rows[~held_out(rows["patient"], split)]
    train.to_parquet(tmp_path / "artifacts" / "train.parquet", index=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path / "src")
    monkeypatch.setenv("CI", "true")
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    shipped = forget_the_problem()
    yield tmp_path
    forget_the_problem()
    sys.modules.update(shipped)


def forget_the_problem() -> dict[str, Any]:
    gone = [name for name in sys.modules if name.partition(".")[0] == "problem"]
    return {name: sys.modules.pop(name) for name in gone}


def trial(alpha: float, *scores: float, share: int = 1, number: int = 0, **more: Any) -> Trial:
    content: dict[str, Any] = {"state": "complete", "settings": {"alpha": alpha}} | more
    return Trial(share=share, number=number, scores=list(scores), **content)


def searched(*trials: Trial, **more: Any) -> Search:
    """A search of alpha on as many folds as the first trial has, of equal sizes."""
    content: dict[str, Any] = {
        "study": "a" * 64,
        "estimator": "ridge",
        "metric": "r2",
        "better": "higher",
        "folds": [Fold(train=80, test=20)] * len(trials[0].scores),
        "space": {"alpha": ["log", 0.01, 100.0]},
        "present": {"alpha": 1.0},
        "trials": list(trials),
    }
    return Search(**(content | more))
