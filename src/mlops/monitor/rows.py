"""What is compared: the rows that the champion knows, and those of the batch."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from mlops.contract import Features, Schemas, Slices, Task
from mlops.evaluation.predict import columns
from mlops.params import Params


@dataclass(frozen=True)
class Problem:
    """The problem as it is declared, and its knobs."""

    features: Features
    schemas: Schemas
    slices: Slices
    knobs: Params
    classes: list[Any]
    """The labels of a multi-class problem, in the order of the predictions; else empty."""

    @property
    def task(self) -> Task:
        return self.features.TASK

    @property
    def inputs(self) -> list[str]:
        """What the model is given, in order."""
        return list(self.schemas.FEATURES.columns)

    @property
    def predictions(self) -> list[str]:
        """The columns of a prediction: `prediction`, or one `prediction_CLASS` each."""
        return columns(self.task, self.classes)


@dataclass(frozen=True)
class Reference:
    """What the champion knows."""

    rows: pd.DataFrame
    """Every row that it was trained or tried on: KEY, BLOCK, TARGET, and the inputs."""
    predictions: pd.DataFrame
    """The rows that it was tried on: KEY, BLOCK, TARGET, and its predictions of them."""


@dataclass(frozen=True)
class Batch:
    """What is looked at."""

    source: str
    """The file or the period, as a person would call it."""
    rows: pd.DataFrame
    """KEY, BLOCK, the inputs, the predictions where they are known, and TARGET where labels are
    known: NaN or None in rows without. An input that the batch has not is not a column."""
    period: str = ""
    findings: tuple[str, ...] = ()
    """What was wrong with it when it was read, a sentence each: a missing column, a label twice."""
