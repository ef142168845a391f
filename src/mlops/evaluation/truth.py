"""What happened, in the numbers that metrics are computed from."""

from typing import Any

import numpy as np
import pandas as pd

from mlops.errors import TrainingError
from mlops.evaluation.metrics import Truth


def encode(target: pd.Series, classes: list[Any], threshold: float) -> Truth:
    """The truth of rows of artifacts/test.parquet; `classes` are the labels seen in training, in
    the order of probabilities, and empty in a regression.

    Raises TrainingError when the target has a label that training never saw.
    """
    if not classes:
        return Truth(target.to_numpy(dtype=np.float64), 0, threshold)
    unknown = sorted(set(target.unique()) - set(classes), key=str)
    if unknown:
        raise TrainingError(
            f"artifacts/test.parquet, column {target.name}: expected the labels seen in training "
            f"({', '.join(map(str, classes))}), found also {', '.join(map(str, unknown))}. Change "
            f"`split` in params.yaml so that training sees them"
        )
    codes = target.map({label: code for code, label in enumerate(classes)})
    return Truth(codes.to_numpy(dtype=np.float64), len(classes), threshold)
