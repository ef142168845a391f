"""The predictions on the test rows, and the rules they keep."""

import numpy as np
import pandas as pd
from pandera.pandas import Check, Column, DataFrameSchema

from mlops.contract import Task
from mlops.data.checks import frame_failures
from mlops.errors import TrainingError


def schema(task: Task, columns: list[str], key: list[str]) -> DataFrameSchema:
    """The rules of predictions: finite, probabilities in [0, 1] that sum to 1, every key once."""
    probability = [Check.in_range(0, 1)] if task != "regression" else []
    finite = Check(np.isfinite, name="finite", ignore_na=False)
    whole = Check(
        lambda rows: (rows[columns].sum(axis=1) - 1).abs() < 1e-6,
        name="probabilities that sum to 1",
    )
    return DataFrameSchema(
        {name: Column(float, [finite, *probability], nullable=True) for name in columns},
        checks=[whole] if task == "multiclass" else [],
        unique=key,
    )


def check(predictions: pd.DataFrame, task: Task, columns: list[str], key: list[str]) -> None:
    """TrainingError for the first rule that predictions break."""
    failures = frame_failures(predictions, schema(task, columns, key))
    if not failures.empty:
        first = failures.iloc[0]
        row = "" if pd.isna(first["index"]) else f", row {int(first['index'])}"
        raise TrainingError(
            f"artifacts/predictions.parquet{row}, column {first['column'] or ', '.join(key)}: "
            f"expected {first['check']}, found {first['failure_case']}, in {len(failures):,} rows. "
            f"See the estimator in src/problem/model.py"
        )
