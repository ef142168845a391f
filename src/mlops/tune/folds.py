"""Cross-validation within the training rows, by whole blocks."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.model_selection import KFold, TimeSeriesSplit

from mlops.contract import Features
from mlops.errors import TrainingError
from mlops.params import Params

Places = NDArray[np.int64]


@dataclass(frozen=True)
class Fold:
    """Places of rows, shape (n,), in the order of the table: what is learned from and scored on."""

    train: Places
    test: Places


def folds(rows: pd.DataFrame, features: Features, knobs: Params, number: int) -> list[Fold]:
    """`number` folds of the training rows, as `split.rule` of params.yaml holds the test rows out.

    Rule `time` goes forward: blocks in their order make number + 1 equal parts, and fold k learns
    from the first k and is scored on the next. Rule `random` deals the blocks out by the seed.

    Raises TrainingError when there are too few blocks, or a fold lacks a label (in a regression,
    variety).
    """
    codes, names = pd.factorize(rows[features.BLOCK].astype("str"), sort=True)
    forward = knobs.split.rule == "time"
    needed = number + 1 if forward else number
    if len(names) < needed:
        raise TrainingError(
            f"{number} folds want at least {needed} blocks ({features.BLOCK}) to train on, found "
            f"{len(names)}; --folds asks for fewer"
        )
    splitter = (
        TimeSeriesSplit(n_splits=number)
        if forward
        else KFold(n_splits=number, shuffle=True, random_state=knobs.seed)
    )
    found = [
        Fold(np.flatnonzero(np.isin(codes, train)), np.flatnonzero(np.isin(codes, test)))
        for train, test in splitter.split(names)
    ]
    target = rows[features.TARGET]
    labels = 2 if features.TASK == "regression" else target.nunique()
    for k, fold in enumerate(found, start=1):
        for part, places in (("learn from", fold.train), ("be scored on", fold.test)):
            there = target.iloc[places].nunique()
            if there < labels:
                raise TrainingError(
                    f"fold {k} of {number}: expected at least {labels} values of {features.TARGET} "
                    f"to {part}, found {there}; --folds asks for fewer"
                )
    return found
