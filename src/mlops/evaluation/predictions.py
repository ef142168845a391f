"""The predictions on the test rows, and the rules they keep."""

import numpy as np
import pandas as pd
from pandera.pandas import Check, Column, DataFrameSchema

from mlops.contract import Task
from mlops.data import rules
from mlops.errors import TrainingError

WHOLE = "probabilities that sum to 1"
UNIQUE = "multiple_fields_uniqueness"  # what pandera calls it


def schema(task: Task, columns: list[str], key: list[str]) -> DataFrameSchema:
    """The rules of predictions: finite, probabilities in [0, 1] that sum to 1, every key once."""
    probability = [Check.in_range(0, 1)] if task != "regression" else []
    finite = Check(np.isfinite, name="finite", ignore_na=False)
    whole = Check(
        lambda rows: (rows[columns].sum(axis=1) - 1).abs() < 1e-6,
        name=WHOLE,
    )
    return DataFrameSchema(
        {name: Column(float, [finite, *probability], nullable=True) for name in columns},
        checks=[whole] if task == "multiclass" else [],
        unique=key,
    )


def check(predictions: pd.DataFrame, task: Task, columns: list[str], key: list[str]) -> None:
    """TrainingError for the first rule that predictions break."""
    failures = rules.failures(predictions, schema(task, columns, key))
    if not failures.empty:
        first = failures.iloc[0]
        rows = failures.loc[failures["check"] == first["check"], "index"].nunique()
        row = "" if pd.isna(first["index"]) else f", row {int(first['index'])}"
        names, expected, found = [first["column"]], first["check"], first["failure_case"]
        if expected in (WHOLE, UNIQUE):  # pandera repeats these for every column of the row
            names = columns if expected == WHOLE else key
            found = ", ".join(map(str, predictions.loc[first["index"], names]))
            expected = WHOLE if expected == WHOLE else "every key once"
        raise TrainingError(
            f"artifacts/predictions.parquet{row}, column {', '.join(names)}: expected {expected}, "
            f"found {found}, in {rows:,} rows. See the estimator in src/problem/model.py"
        )
