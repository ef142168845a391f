"""The models that would have served a period, and what each says of its rows."""

from dataclasses import dataclass
from pathlib import Path

import joblib
import pandas as pd

from mlops.contract import Estimator, Features, Model, Schemas, build, load
from mlops.evaluation.metrics import Truth
from mlops.evaluation.predict import Array, predict
from mlops.evaluation.truth import encode
from mlops.params import Params
from mlops.training.fit import fitted

FEATURES, TRAIN = "artifacts/features.parquet", "artifacts/train.parquet"
MODEL = "artifacts/model.joblib"


@dataclass(frozen=True)
class Fielded:
    """A model, under the name that it serves by."""

    name: str
    estimator: Estimator
    trained_through: str
    """The newest block that it was trained on."""


@dataclass(frozen=True)
class Arrived:
    """The rows of a period, with their features and outcomes, n in all."""

    rows: pd.DataFrame
    truth: Truth

    @property
    def block(self) -> pd.Series:
        """The name of each row's block."""
        return self.rows[load(Features).BLOCK].astype("str")

    @property
    def blocks(self) -> list[str]:
        """The names of its blocks, in order."""
        return sorted(self.block.unique())

    def says(self, model: Fielded) -> Array:
        """Its predictions, shape (n,) or (n, classes)."""
        inputs = list(load(Schemas).FEATURES.columns)
        return predict(model.estimator, self.rows[inputs], load(Features).TASK)


def challenger(name: str, repository: Path) -> Fielded:
    """The model that the pipeline has left there."""
    return Fielded(name, joblib.load(repository / MODEL), newest(repository / TRAIN))


def fit(name: str, estimator: str, table: Path, knobs: Params) -> Fielded:
    """An estimator of the problem, fitted on all rows of a table."""
    rows = pd.read_parquet(table)
    inputs, target = list(load(Schemas).FEATURES.columns), load(Features).TARGET
    model = fitted(estimator, build(load(Model), knobs, estimator), rows, inputs, target)
    return Fielded(name, model, newest(table))


def newest(table: Path) -> str:
    """The last block of a table of rows."""
    block = load(Features).BLOCK
    return str(pd.read_parquet(table, columns=[block])[block].astype("str").max())


def known(repository: Path) -> pd.MultiIndex:
    """The keys of all rows that the data has there."""
    key = load(Features).KEY
    return pd.MultiIndex.from_frame(pd.read_parquet(repository / FEATURES, columns=key))


def arrived(repository: Path, before: pd.MultiIndex, classes: list[object], at: float) -> Arrived:
    """The rows there whose key is not among `before`.

    `classes` are the labels in the order of the predictions, `at` is the threshold of a decision.
    """
    features = load(Features)
    rows = pd.read_parquet(repository / FEATURES)
    new = ~pd.MultiIndex.from_frame(rows[features.KEY]).isin(before)
    rows = rows[new].reset_index(drop=True)
    return Arrived(rows, encode(rows[features.TARGET], classes, at))
