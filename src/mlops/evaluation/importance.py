"""What the model's score rests on: permutation importance (Breiman, 2001)."""

import numpy as np
import pandas as pd
from sklearn.inspection import permutation_importance

from mlops.contract import Estimator, Task
from mlops.evaluation.metrics import VALUES, Truth
from mlops.evaluation.names import BETTER, headline
from mlops.evaluation.predict import predict

REPEATS = 3


def importances(
    estimator: Estimator, rows: pd.DataFrame, truth: Truth, task: Task, *, sample: int, seed: int
) -> pd.DataFrame:
    """How much worse the task's first metric gets when an input is shuffled, worst first.

    Columns: feature, loss (in units of the metric, greater is more important). At most `sample`
    rows are used.
    """
    metric = headline(task)
    sign = 1 if BETTER[task][metric] == "higher" else -1
    size = min(sample, len(rows))
    chosen = np.sort(np.random.default_rng(seed).choice(len(rows), size, replace=False))
    part = Truth(truth.y[chosen], truth.classes, truth.threshold)

    def score(model: Estimator, X: pd.DataFrame, _: object) -> float:
        return sign * VALUES[task][metric](part, predict(model, X, task))

    result = permutation_importance(
        estimator, rows.iloc[chosen], part.y, scoring=score, n_repeats=REPEATS, random_state=seed
    )
    table = pd.DataFrame({"feature": rows.columns, "loss": result.importances_mean.round(6)})
    return table.sort_values(["loss", "feature"], ascending=[False, True], ignore_index=True)
