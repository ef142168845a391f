"""What any sane model of the table does: tried on both estimators, kept where both do it.

Each is fitted twice, on other rows, and asked about the rows that it was not fitted on.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.model_selection import GroupShuffleSplit

from mlops.evaluation.predict import Array, labels, predict
from mlops.init.table.trial import SEED
from mlops.init.table.workbench import Bench

MOST = 3  # directions that are declared
STEP = 1.0  # standard deviations by which an input is moved
NUDGE = 0.001
HOLDS = 0.75  # share of rows in which a direction must be seen to be declared
SLACK = 0.1  # how much less of them is asked for
MOVES = 0.1  # of the predictions' spread: what a step must change on average
STAYS = 0.05  # of that: what a nudge may change
ROWS = 5000


@dataclass(frozen=True)
class Direction:
    """An input moved by `step` makes the prediction rise or fall in a `share` of the rows."""

    name: str
    step: float
    kind: str
    share: float
    label: Any = None
    tolerance: float = 0.0
    strength: float = 0.0


Fit = tuple[Any, pd.DataFrame]


def directions(bench: Bench, train: pd.DataFrame, settings: dict[str, Any]) -> list[Direction]:
    """The strongest that hold, and that a nudge of an input changes next to nothing."""
    fits = list(_fits(bench, train.iloc[:ROWS], settings))
    numbers = [name for name in bench.inputs if train[name].dtype.kind == "f"]
    found = [d for name in numbers for d in _of(bench, fits, name, train[name])]
    strongest = sorted(found, key=lambda d: -d.strength)
    once = {direction.name: direction for direction in reversed(strongest)}
    first = [d for d in strongest if once[d.name] is d][:MOST]
    nudges = [d for name in numbers if (d := _nudge(bench, fits, name, train[name]))]
    return [*first, *nudges[:1]]


def _fits(bench: Bench, train: pd.DataFrame, settings: dict[str, Any]) -> Iterator[Fit]:
    target, block = train[bench.features.TARGET], train[bench.features.BLOCK].astype("str")
    halves = GroupShuffleSplit(2, test_size=0.3, random_state=SEED)
    for known, asked in halves.split(train, target, block):
        for name, build in bench.model.ESTIMATORS.items():
            model: Any = build(SEED, **settings[name])
            fitted = model.fit(train.iloc[known][bench.inputs], target.iloc[known].to_numpy())
            yield fitted, train.iloc[asked][bench.inputs]


def _moved(bench: Bench, fit: Fit, name: str, step: float) -> tuple[Array, Array]:
    """Predictions before, and how far they move; a column for each class, or one."""
    model, rows = fit
    before = predict(model, rows, bench.features.TASK)
    after = predict(model, rows.assign(**{name: rows[name] + step}), bench.features.TASK)
    shape = (len(rows), -1)
    return before.reshape(shape), (after - before).reshape(shape)


def _of(bench: Bench, fits: list[Fit], name: str, values: pd.Series) -> Iterator[Direction]:
    step = _round(STEP * float(values.std()))
    tries = [_moved(bench, fit, name, step) for fit in fits]
    classes = labels(fits[0][0]) if bench.features.TASK == "multiclass" else [None]
    for at, label in enumerate(classes):
        strength = min(
            float(np.abs(moved[:, at]).mean() / (before[:, at].std() or 1.0))
            for before, moved in tries
        )
        for kind, sign in (("rises", 1), ("falls", -1)):
            share = min(float((sign * moved[:, at] >= -1e-9).mean()) for _, moved in tries)
            if share >= HOLDS and strength >= MOVES:
                yield Direction(name, step, kind, _asked(share), label, strength=strength)


def _nudge(bench: Bench, fits: list[Fit], name: str, values: pd.Series) -> Direction | None:
    step = _round(NUDGE * float(values.std()))
    classes = labels(fits[0][0]) if bench.features.TASK == "multiclass" else [None]
    tries = [_moved(bench, fit, name, step) for fit in fits]
    tolerance = _round(STAYS * min(float(before[:, 0].std()) for before, _ in tries))
    share = min(float((np.abs(moved[:, 0]) <= tolerance).mean()) for _, moved in tries)
    if share < HOLDS or not tolerance:
        return None
    return Direction(name, step, "invariant", _asked(share), classes[0], tolerance)


def _asked(share: float) -> float:
    return round(np.floor(20 * (share - SLACK) + 1e-9) / 20, 2)


def _round(value: float) -> float:
    return float(f"{value:.1g}")
