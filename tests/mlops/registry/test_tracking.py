"""Every new (commit, dvc.lock) becomes one MLflow run, and a repeat adds nothing."""

import json
import os
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import pytest

from mlops.errors import TrackingError
from mlops.registry.tracking import track
from tests.conftest import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["name"]


@pytest.fixture
def at_home(finished: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A person's machine: no CI, no server."""
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    yield finished
    os.environ.pop("MLFLOW_TRACKING_URI", None)  # which mlflow itself sets


def runs() -> list[mlflow.entities.Run]:
    client = mlflow.MlflowClient("sqlite:///mlflow.db")
    experiment = client.get_experiment_by_name(PROJECT)
    assert experiment is not None
    return list(client.search_runs([experiment.experiment_id]))


def test_a_run_is_logged_once_and_says_what_it_came_from(at_home: Path) -> None:
    first, again = track(), track()

    assert first is not None
    assert again is None
    (run,) = runs()
    assert run.info.run_id == first
    head = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=True)
    assert run.data.tags["commit"] == head.stdout.strip()
    test = json.loads((at_home / "metrics/test.json").read_text())
    assert run.data.metrics["roc_auc"] == test["roc_auc"]
    assert run.data.params["estimator"] == "gradient_boosting"
    logged = {f.path for f in mlflow.MlflowClient("sqlite:///mlflow.db").list_artifacts(first)}
    assert {"model_card.md", "data_quality.md", "plots"} <= logged

    model = mlflow.pyfunc.load_model(f"runs:/{first}/model")
    rows = pd.read_parquet("artifacts/test.parquet").head(20)
    kept = pd.read_parquet("artifacts/predictions.parquet").head(20)["prediction"]
    answers = model.predict(rows[model.metadata.get_input_schema().input_names()])
    np.testing.assert_allclose(answers[:, 1], kept, atol=1e-8)
    requirements = mlflow.pyfunc.get_model_dependencies(f"runs:/{first}/model")
    assert "scikit-learn==" in Path(requirements).read_text()

    # the note is only a shortcut: without it the store itself is asked
    for note in (at_home / ".mlops/tracked").iterdir():
        note.unlink()
    assert track() is None
    assert len(runs()) == 1

    (at_home / "dvc.lock").write_text((at_home / "dvc.lock").read_text() + "\n")
    assert track() is not None
    assert len(runs()) == 2


@pytest.mark.usefixtures("at_home")
def test_ci_without_a_server_logs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")

    assert track() is None
    assert not Path("mlflow.db").exists()


@pytest.mark.usefixtures("at_home")
def test_a_server_that_cannot_be_reached_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")

    with pytest.raises(TrackingError, match=r"http://127\.0\.0\.1:9.*mlops track"):
        track()
    assert not list(Path(".mlops").glob("tracked/*"))
    assert not Path("mlflow.db").exists()
