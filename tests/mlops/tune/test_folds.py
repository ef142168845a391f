"""Folds of whole blocks: forward in time, or dealt out."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlops.contract import Features
from mlops.errors import TrainingError
from mlops.params import Params, load
from mlops.tune.folds import folds
from tests.conftest import ROOT

DAYS = pd.date_range("2013-01-01", periods=60).strftime("%Y-%m-%d").to_numpy()


def table(blocks: Any, labels: int = 2, rows: int = 600) -> pd.DataFrame:
    rng = np.random.default_rng(4)
    return pd.DataFrame({"day": rng.choice(blocks, rows), "y": rng.integers(labels, size=rows)})


def problem(task: Any = "binary") -> Features:
    return Features(
        KEY=["day"],
        BLOCK="day",
        TASK=task,
        TARGET="y",
        TABLES={},
        CARRIED_FORWARD=[],
        rows=lambda raw: raw["x"],
        tables=dict,
    )


def knobs(rule: str) -> Params:
    known = load(ROOT / "params.yaml")
    return known.model_copy(update={"split": known.split.model_copy(update={"rule": rule})})


def test_by_time_each_is_scored_on_what_comes_after_all_it_learned_from() -> None:
    rows = table(DAYS)
    made = folds(rows, problem(), knobs("time"), 5)
    days = [(rows["day"].iloc[fold.train], rows["day"].iloc[fold.test]) for fold in made]

    assert len(made) == 5
    assert all(train.max() < test.min() for train, test in days)
    last = [test.max() for _, test in days]
    assert last == sorted(last)
    assert last[-1] == rows["day"].max()
    assert [train.nunique() for train, _ in days] == [10, 20, 30, 40, 50]


def test_at_random_every_row_is_scored_once_and_no_block_is_on_both_sides() -> None:
    rows = table([f"patient-{n}" for n in range(40)])
    made = folds(rows, problem(), knobs("random"), 4)

    assert sorted(np.concatenate([fold.test for fold in made])) == list(range(len(rows)))
    for fold in made:
        assert len(fold.train) + len(fold.test) == len(rows)
        assert not set(rows["day"].iloc[fold.train]) & set(rows["day"].iloc[fold.test])
    again = folds(rows, problem(), knobs("random"), 4)
    assert all((one.test == other.test).all() for one, other in zip(made, again, strict=True))


def test_too_few_blocks_are_told() -> None:
    with pytest.raises(TrainingError, match=r"5 folds want at least 6 blocks \(day\).*, found 5"):
        folds(table(DAYS[:5]), problem(), knobs("time"), 5)


def test_a_fold_without_a_label_is_told() -> None:
    rows = table(DAYS).assign(y=lambda t: (t["day"] > DAYS[40]).astype(int))

    with pytest.raises(TrainingError, match=r"fold 1 of 5: expected at least 2 values of y"):
        folds(rows, problem(), knobs("time"), 5)
