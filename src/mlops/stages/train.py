"""Fit the model that params.yaml names, and the baselines it is compared with."""

import joblib
import pandas as pd

from mlops import params
from mlops.contract import Features, Model, Schemas, build, load
from mlops.export import exportable
from mlops.files import replacing
from mlops.progress import step
from mlops.stages import ARTIFACTS, run
from mlops.training.fit import dummy, fitted


def main() -> None:
    """Write artifacts/model.joblib and artifacts/baselines.joblib, fitted pipelines.

    Raises DeclarationError, before anything is fitted, for an unknown estimator or parameter or a
    model that could not be served, and TrainingError when the rows cannot be learned from.
    """
    knobs, problem, features = params.load(), load(Model), load(Features)
    chosen = knobs.model.estimator
    inputs = list(load(Schemas).FEATURES.columns)
    unfitted = {
        "model": build(problem, knobs, chosen),
        "linear": build(problem, knobs, problem.LINEAR),
        "dummy": dummy(features.TASK),
    }
    exportable.check(chosen, unfitted["model"])
    rows = pd.read_parquet(ARTIFACTS / "train.parquet")
    models = {}
    for role, estimator in unfitted.items():
        with step(f"fitting {chosen if role == 'model' else role} on {len(rows):,} rows"):
            models[role] = fitted(role, estimator, rows, inputs, features.TARGET)
    with replacing(ARTIFACTS / "model.joblib") as path:
        joblib.dump(models.pop("model"), path)
    with replacing(ARTIFACTS / "baselines.joblib") as path:
        joblib.dump(models, path)


if __name__ == "__main__":
    run(main)
