"""What a fitted estimator says of rows, in one shape per task."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlops.contract import Estimator, Task
from mlops.errors import TrainingError

Array = NDArray[np.float64]
DECIMALS = 9  # of a prediction: the digits beyond follow the processor


def predict(estimator: Estimator, rows: pd.DataFrame, task: Task) -> Array:
    """Predictions: binary (n,) probabilities of the greater label, multi-class (n, classes)
    probabilities in the order of `classes_`, regression (n,) values.

    Raises TrainingError when a classifier gives no probabilities.
    """
    fitted: Any = estimator
    if task == "regression":
        found = np.asarray(fitted.predict(rows), dtype=np.float64)
    elif not hasattr(fitted, "predict_proba"):
        raise TrainingError(
            f"the estimator has no predict_proba, which a {task} problem needs. Choose another in "
            f"src/problem/model.py, or calibrate it with sklearn.calibration.CalibratedClassifierCV"
        )
    else:
        found = np.asarray(fitted.predict_proba(rows), dtype=np.float64)
        found = found[:, 1] if task == "binary" else found
    return np.round(found, DECIMALS)


def labels(estimator: Estimator) -> list[Any]:
    """The class labels of a fitted classifier, in the order of its probabilities."""
    fitted: Any = estimator
    return [label.item() if hasattr(label, "item") else label for label in fitted.classes_]


def columns(task: Task, classes: list[Any]) -> list[str]:
    """The columns of a prediction in a table: `prediction`, or one `prediction_CLASS` each."""
    return [f"prediction_{label}" for label in classes] if task == "multiclass" else ["prediction"]
