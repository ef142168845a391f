"""The held-out rows on which the models are compared, and what each model said of them."""

import hashlib
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from mlops.contract import Features, Task
from mlops.errors import TrainingError
from mlops.evaluation.bootstrap import Sample
from mlops.evaluation.metrics import Codes, Truth
from mlops.evaluation.predict import Array

Predictions = pd.DataFrame  # keys, block, target, prediction columns of the model and its baselines
ROLES = ("challenger", "champion", "linear", "dummy")


@dataclass(frozen=True)
class Rows:
    """n rows: their truth, block, slice labels, and predictions by role, (n,) or (n, classes)."""

    task: Task
    truth: Truth
    block: pd.Series
    """The name of each row's block."""
    groups: pd.DataFrame
    """A column of labels per declared slice."""
    said: dict[str, Array]

    def sample(self, role: str) -> Sample:
        """The rows as the bootstrap takes them; blocks are numbered in the order of their names."""
        codes, names = pd.factorize(self.block, sort=True)
        return Sample(self.truth, self.said[role], codes.astype(np.int64), len(names))

    def some(self, chosen: Codes) -> "Rows":
        """These rows alone."""
        truth = Truth(self.truth.y[chosen], self.truth.classes, self.truth.threshold)
        return replace(
            self,
            truth=truth,
            block=self.block.iloc[chosen].reset_index(drop=True),
            groups=self.groups.iloc[chosen].reset_index(drop=True),
            said={role: p[chosen] for role, p in self.said.items()},
        )

    @property
    def hash(self) -> str:
        """Names the hold-out by its blocks: dropping a row does not make it a new one."""
        return hashlib.sha256("\n".join(sorted(set(self.block.astype("str")))).encode()).hexdigest()


@dataclass(frozen=True)
class Match:
    """Two tables of predictions, laid on each other by their keys."""

    rows: Rows
    missing: int
    """Rows that the champion was judged on and the challenger did not answer."""
    relabelled: int
    """Rows whose target differs."""
    first_missing: str


def own(
    predictions: Predictions, groups: pd.DataFrame, features: Features, threshold: float
) -> Rows:
    """The challenger's own test rows, with its baselines."""
    names = prediction_columns(predictions)
    roles = {"challenger": "", "linear": "linear_", "dummy": "dummy_"}
    said = {role: _said(predictions, names, prefix) for role, prefix in roles.items()}
    truth = truth_of(predictions[features.TARGET], names, features.TASK, threshold)
    block = predictions[features.BLOCK].reset_index(drop=True)
    return Rows(features.TASK, truth, block, groups.reset_index(drop=True), said)


def match(rows: Rows, mine: Predictions, champion: Predictions, features: Features) -> Match:
    """The rows that both have answered, in the challenger's order.

    Raises TrainingError when the two cannot be laid on each other.
    """
    key, names = features.KEY, prediction_columns(mine)
    needed = [*key, features.TARGET, *names]
    lacking = [name for name in needed if name not in champion]
    if lacking or prediction_columns(champion) != names:
        columns = prediction_columns(champion)
        told = f"lack {', '.join(lacking)}" if lacking else f"are {', '.join(columns)}"
        raise TrainingError(f"its predictions {told}; the challenger's are {', '.join(names)}")
    place = mine[key].assign(_row=np.arange(len(mine)))
    try:
        theirs = champion[needed].merge(place, on=key, how="left", validate="1:1")
    except ValueError as reason:  # keys that repeat, or are of another type
        why = str(reason).splitlines()[0]
        raise TrainingError(
            f"its predictions cannot be laid on the challenger's by {', '.join(key)}: {why}"
        ) from None
    absent = theirs["_row"].isna()
    both = theirs[~absent].sort_values("_row")
    chosen = both["_row"].to_numpy(dtype=np.int64)
    differs = both[features.TARGET].to_numpy() != mine[features.TARGET].to_numpy()[chosen]
    joint = rows.some(chosen)
    joint = replace(joint, said=joint.said | {"champion": _said(both, names, "")})
    first = theirs.loc[absent, key].head(1).to_numpy().ravel()
    return Match(joint, int(absent.sum()), int(differs.sum()), ", ".join(map(str, first)))


def prediction_columns(predictions: Predictions) -> list[str]:
    """The columns that hold what the model said."""
    return [str(c) for c in predictions if str(c).startswith("prediction")]


def truth_of(target: pd.Series, names: list[str], task: Task, threshold: float) -> Truth:
    """Class codes in the order of the prediction columns, or a regression's values."""
    if task == "regression":
        return Truth(target.to_numpy(dtype=np.float64), 0, threshold)
    if task == "binary":
        return Truth((target == target.max()).to_numpy(dtype=np.float64), 2, threshold)
    labels = [name.removeprefix("prediction_") for name in names]
    codes = pd.Categorical(target.astype("str"), labels).codes
    return Truth(codes.astype(np.float64), len(labels), threshold)


def _said(table: Predictions, names: list[str], prefix: str) -> Array:
    p = table[[prefix + name for name in names]].to_numpy(dtype=np.float64)
    return p[:, 0] if names == ["prediction"] else p
