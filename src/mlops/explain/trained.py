"""The model of the last run, and the rows it was trained on."""

import pickle
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import joblib
import numpy as np
import pandas as pd
from scipy.sparse import issparse
from sklearn.pipeline import Pipeline

from mlops.contract import Features, Schemas, Task, load
from mlops.errors import DataError, TrainingError
from mlops.evaluation.predict import Array, predict
from mlops.stages import ARTIFACTS


@dataclass(frozen=True)
class Trained:
    """A fitted estimator, what it is given, and what it learned from."""

    estimator: Any
    task: Task
    rows: pd.DataFrame
    """The inputs of the training rows, in order."""
    seed: int

    @property
    def inputs(self) -> list[str]:
        return [str(name) for name in self.rows.columns]

    def answers(self, rows: pd.DataFrame) -> Array:
        """What the model says, shape (rows, outputs): an output for each class where there are
        several, else one.
        """
        return predict(self.estimator, rows, self.task).reshape(len(rows), -1)

    def sample(self, size: int) -> pd.DataFrame:
        """At most `size` training rows, drawn without replacement, in their order."""
        return sample(self.rows, size, self.seed)

    @property
    def last(self) -> Any:
        """The estimator at the end of the pipeline, or the whole of what is none."""
        return self._steps[-1]

    def encoded(self, rows: pd.DataFrame) -> Any:
        """The matrix that the last estimator is given, shape (rows, columns), maybe a sparse one;
        the rows themselves where nothing comes before it.
        """
        found: Any = rows
        for step in self._steps[:-1]:
            found = found if step in (None, "passthrough") else step.transform(found)
        return found

    @cached_property
    def _steps(self) -> list[Any]:
        steps = [self.estimator]
        while isinstance(steps[-1], Pipeline):
            steps[-1:] = [step for _, step in steps[-1].steps]
        return steps


def sample(rows: pd.DataFrame, size: int, seed: int) -> pd.DataFrame:
    """At most `size` of the rows, drawn without replacement, in their order."""
    chosen = np.random.default_rng(seed).choice(len(rows), min(size, len(rows)), replace=False)
    return rows.iloc[np.sort(chosen)]


def dense(matrix: Any) -> Array:
    """An encoded matrix as numbers. Raises TypeError or ValueError when it holds anything else."""
    return np.asarray(matrix.toarray() if issparse(matrix) else matrix, dtype=np.float64)


def read(seed: int) -> Trained:
    """What the last run left in artifacts/.

    Raises DataError without a run, and TrainingError when it was one of other code.
    """
    model, train = ARTIFACTS / "model.joblib", ARTIFACTS / "train.parquet"
    for path in (model, train):
        if not path.is_file():
            raise DataError(f"{path} is missing; run `mlops run` first")
    try:
        estimator = joblib.load(model)
    except (ArithmeticError, AttributeError, EOFError, ImportError, LookupError, OSError,
            TypeError, ValueError, pickle.UnpicklingError) as why:  # fmt: skip
        raise TrainingError(
            f"{model} cannot be loaded ({type(why).__name__}: {why}). It was trained by other code "
            f"or packages, or is cut off; run `mlops run`"
        ) from None
    inputs = list(load(Schemas).FEATURES.columns)
    rows = pd.read_parquet(train)
    known = [str(name) for name in getattr(estimator, "feature_names_in_", rows.columns)]
    if other := sorted(set(inputs) - {*known}.intersection(rows.columns)):
        raise TrainingError(
            f"{model} was trained without {', '.join(other)}, which FEATURES of "
            f"src/problem/schema.py has; run `mlops run`"
        )
    return Trained(estimator, load(Features).TASK, rows[inputs], seed)
