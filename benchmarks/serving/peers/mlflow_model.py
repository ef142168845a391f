"""The trained pipeline as the model that a run logs to MLflow: `python mlflow_model.py FOLDER`."""

import os
import sys
from importlib.metadata import version
from pathlib import Path

import joblib
import mlflow
import pandas as pd

ROOT = Path(__file__).parents[3]
PACKAGES = ("cloudpickle", "joblib", "numpy", "pandas", "scikit-learn", "scipy")


def main() -> None:
    path = Path(os.environ["MODEL"])
    model = joblib.load(path)
    rows = pd.read_parquet(path.parent / "test.parquet").head(100)[list(model.feature_names_in_)]
    mlflow.sklearn.save_model(
        model,
        sys.argv[1],
        signature=mlflow.models.infer_signature(rows, model.predict_proba(rows)),
        pip_requirements=[f"{name}=={version(name)}" for name in PACKAGES],
        code_paths=[str(ROOT / "src" / "problem")],
        pyfunc_predict_fn="predict_proba",
        serialization_format="cloudpickle",
    )


if __name__ == "__main__":
    main()
