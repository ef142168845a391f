"""Every trial as an MLflow run, below one for the study."""

from typing import Any

from mlops.errors import TrackingError
from mlops.registry.tracking import project, quiet_mlflow, store
from mlops.tune.result import Search, Trial


class Log:
    """Where trials are logged; on a CI machine without a server, nowhere."""

    def __init__(self, search: Search, name: str) -> None:
        """`search` without its trials; `name` is that of the study, whose run is gone on with."""
        self._search, self._uri = search, store()
        if self._uri is None:
            return
        self._mlflow: Any = quiet_mlflow()
        with self._reaching():
            self._mlflow.set_tracking_uri(self._uri)
            self._experiment = self._mlflow.set_experiment(project()).experiment_id
            self._client: Any = self._mlflow.MlflowClient()
            found = self._found(f"tags.study = '{name}'")
            self._parent = found[0] if found else self._begun(name)
            children = f"tags.`mlflow.parentRunId` = '{self._parent.info.run_id}'"
            self._there = {run.data.tags.get("trial") for run in self._found(children)}

    def trial(self, trial: Trial) -> None:
        """Log it, unless it is there."""
        number = str(trial.number)
        if self._uri is None or number in self._there:
            return
        with self._reaching():
            tags = {"trial": number, "state": trial.state}
            tags["mlflow.parentRunId"] = self._parent.info.run_id
            run = self._client.create_run(
                self._experiment, tags=tags, run_name=f"{self._search.estimator} {number}"
            ).info.run_id
            for key, value in trial.settings.items():
                self._client.log_param(run, key, value)
            for fold, score in enumerate(trial.scores, start=1):
                self._client.log_metric(run, f"fold.{self._search.metric}", score, step=fold)
            if trial.state == "complete":
                self._client.log_metric(run, self._search.metric, trial.value)
            self._client.set_terminated(run, "FAILED" if trial.state == "failed" else "FINISHED")
            self._there.add(number)

    def end(self, best: float | None) -> None:
        """Log the best value, and end the run of the study."""
        if self._uri is None:
            return
        with self._reaching():
            run = self._parent.info.run_id
            if best is not None:
                self._client.log_metric(run, self._search.metric, best)
            self._client.set_terminated(run)

    def _begun(self, name: str) -> Any:
        tags = {"study": name, "estimator": self._search.estimator}
        return self._client.create_run(
            self._experiment, tags=tags, run_name=f"tune {self._search.estimator} {name[:8]}"
        )

    def _found(self, condition: str) -> list[Any]:
        return list(self._client.search_runs([self._experiment], condition, max_results=10_000))

    def _reaching(self) -> "_Reaching":
        return _Reaching(self._uri or "", self._mlflow)


class _Reaching:
    """What MLflow cannot do is told in words."""

    def __init__(self, uri: str, mlflow: Any) -> None:
        self._uri, self._errors = uri, (mlflow.MlflowException, OSError)

    def __enter__(self) -> None: ...

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, self._errors):
            raise TrackingError(
                f"the trials cannot be logged to {self._uri}: {str(error).splitlines()[0]} What is "
                f"done so far is kept; check MLFLOW_TRACKING_URI, and the same command goes on"
            ) from error
