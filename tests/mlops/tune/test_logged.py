"""Every trial becomes a child run of its study's run, once."""

import os
from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
import pytest

from mlops.errors import TrackingError
from mlops.registry.tracking import project
from mlops.tune import run
from mlops.tune.logged import Log
from mlops.tune.run import Options
from tests.mlops.tune.conftest import searched, trial


def runs() -> list[Any]:
    client = mlflow.MlflowClient(os.environ["MLFLOW_TRACKING_URI"])
    experiment = client.get_experiment_by_name(project())
    assert experiment is not None
    return list(client.search_runs([experiment.experiment_id]))


@pytest.fixture
def at_home(diabetes: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """With a store that no other test has: mlflow keeps one open for each address."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{diabetes}/mlflow.db")
    monkeypatch.setattr("os.fsync", lambda _: None)
    return diabetes


@pytest.mark.usefixtures("at_home")
def test_trials_are_children_of_their_study_and_logged_once() -> None:
    rows = pd.read_parquet("artifacts/train.parquet")
    run.of_rows(rows, Options(2, None, "ridge", 2))
    search = run.of_rows(rows, Options(3, None, "ridge", 2))
    logged = runs()

    (parent,) = [one for one in logged if "study" in one.data.tags]
    children = {one.data.tags["trial"]: one for one in logged if one is not parent}
    assert set(children) == {"0", "1", "2"}
    for number, tried in enumerate(search.trials):
        child = children[str(number)]
        assert child.data.tags["mlflow.parentRunId"] == parent.info.run_id
        assert child.data.params == {"alpha": str(tried.settings["alpha"])}
        assert child.data.tags["state"] == tried.state
        assert child.data.metrics["fold.r2"] == tried.scores[-1]
        assert child.info.status == "FINISHED"
    assert parent.data.metrics["r2"] == max(t.value for t in search.trials if len(t.scores) == 2)


def test_on_a_ci_machine_nothing_is_logged(diabetes: Path) -> None:
    log = Log(searched(trial(1.0, 0.5, 0.6)), "a study")
    log.trial(trial(1.0, 0.5, 0.6))
    log.end(0.5)

    assert not (diabetes / "mlflow.db").exists()


@pytest.mark.usefixtures("diabetes")
def test_a_server_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")

    with pytest.raises(TrackingError, match=r"cannot be logged to http://127\.0\.0\.1:9: "):
        Log(searched(trial(1.0, 0.5, 0.6)), "a study")
