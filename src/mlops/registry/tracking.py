"""Every new (commit, dvc.lock) becomes one MLflow run; git and DVC stay the source of truth."""

import hashlib
import logging
import os
import tomllib
from pathlib import Path
from typing import Any

from mlops import git, params
from mlops.errors import TrackingError
from mlops.files import read_json, write_text
from mlops.progress import step
from mlops.stages import ARTIFACTS, METRICS, REPORTS

EMBEDDED = "sqlite:///mlflow.db"
LOCK = Path("dvc.lock")
SEEN = Path(".mlops/tracked")
PACKAGES = "requirements/run.txt"


def track() -> str | None:
    """Log the run to MLFLOW_TRACKING_URI, or to mlflow.db here; returns its id when it is new.

    On a CI machine without MLFLOW_TRACKING_URI nothing is logged: its mlflow.db would be lost.
    Raises TrackingError when the server cannot be reached or refuses.
    """
    uri = store()
    if uri is None:
        return None
    commit = git.head() or "none"
    lock = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    note = SEEN / hashlib.sha256(f"{uri} {commit} {lock}".encode()).hexdigest()[:32]
    if note.exists() and (uri != EMBEDDED or Path("mlflow.db").exists()):
        return None
    with step(f"logging the run to {uri}"):
        run = _log(uri, commit, lock)
    write_text(note, run or "was there")
    return run


def store() -> str | None:
    """Where MLflow keeps things: MLFLOW_TRACKING_URI, else mlflow.db here.

    None on a CI machine without a server: its mlflow.db would be lost.
    """
    return os.environ.get("MLFLOW_TRACKING_URI") or (None if os.environ.get("CI") else EMBEDDED)


def quiet_mlflow() -> Any:
    """The module mlflow, imported in seconds: without telemetry, chatter and long waits."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")  # not minutes of silence
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "30")
    import mlflow

    for chatty in ("mlflow", "alembic"):
        logging.getLogger(chatty).setLevel(logging.ERROR)
    return mlflow


def project() -> str:
    """The project's name: every copy of the repository logs to one experiment."""
    return str(tomllib.loads(Path("pyproject.toml").read_text("utf-8"))["project"]["name"])


def _log(uri: str, commit: str, lock: str) -> str | None:
    mlflow = quiet_mlflow()
    try:
        mlflow.set_tracking_uri(uri)
        experiment = mlflow.set_experiment(project())
        same = f"tags.commit = '{commit}' and tags.dvc_lock = '{lock}'"
        if mlflow.search_runs(
            [experiment.experiment_id], same, max_results=1, output_format="list"
        ):
            return None
        with mlflow.start_run(run_name=lock[:12]) as run:
            _describe(mlflow, commit, lock)
        return str(run.info.run_id)
    except (mlflow.MlflowException, OSError) as reason:
        raise TrackingError(
            f"the run cannot be logged to {uri}: {str(reason).splitlines()[0]} The pipeline "
            f"itself is done; check MLFLOW_TRACKING_URI, then `mlops track`"
        ) from reason


def _describe(mlflow: Any, commit: str, lock: str) -> None:
    import joblib
    import pandas as pd

    knobs = params.load()
    metrics = {name: read_json(METRICS / f"{name}.json") for name in ("data", "test", "baselines")}
    mlflow.set_tags({"commit": commit, "dvc_lock": lock, "data_md5": metrics["data"]["md5"]})
    chosen = knobs.model.estimator
    mlflow.log_params(
        {"estimator": chosen, "seed": knobs.seed}
        | knobs.split.model_dump()
        | {f"{chosen}.{key}": value for key, value in knobs.model.settings(chosen).items()}
    )
    mlflow.log_metrics(_flat(metrics["test"]) | _flat(metrics["baselines"]))
    mlflow.log_artifacts(str(REPORTS / "plots"), "plots")
    for report in ("model_card.md", "data_quality.md"):
        mlflow.log_artifact(str(REPORTS / report))
    model = joblib.load(ARTIFACTS / "model.joblib")
    test = pd.read_parquet(ARTIFACTS / "test.parquet").head(100)
    rows = test[list(model.feature_names_in_)]
    answer = model.predict_proba if hasattr(model, "predict_proba") else model.predict
    mlflow.sklearn.log_model(
        model,
        name="model",
        signature=mlflow.models.infer_signature(rows, answer(rows)),
        pip_requirements=_packages(),
        code_paths=["src/problem"],
        pyfunc_predict_fn=answer.__name__,
        serialization_format="cloudpickle",  # for this machine; what is served is no pickle
    )


def _flat(content: dict[str, Any], prefix: str = "") -> dict[str, float]:
    found: dict[str, float] = {}
    for key, value in content.items():
        if isinstance(value, dict):
            found |= _flat(value, f"{prefix}{key}.")
        elif value is not None:
            found[f"{prefix}{key}"] = float(value)
    return found


def _packages() -> list[str]:
    """The exact versions of what the model needs to be loaded, from the lock file."""
    wanted = ("cloudpickle", "joblib", "numpy", "pandas", "scikit-learn", "scipy")
    lines = Path(PACKAGES).read_text(encoding="utf-8").splitlines()
    return [line.rstrip(" \\") for line in lines if line.split("==")[0] in wanted]
