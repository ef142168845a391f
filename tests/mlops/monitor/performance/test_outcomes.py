"""Which rows count, and in which window they are."""

import numpy as np
import pandas as pd
import pytest

from mlops.monitor.performance.outcomes import CHAMPION, forecasts, known, labels, matured, window
from tests.mlops.monitor import worlds


def test_windows_are_counted_back_from_the_newest_block() -> None:
    block = pd.Series(["d", "a", "b", "c", "e", "b", "e"])

    assert window(block, 2).tolist() == [1, -1, 0, 0, 1, 0, 1]
    assert window(block, 5).tolist() == [0] * 7
    assert window(block, 6).tolist() == [-1] * 7
    assert window(block.head(0), 3).tolist() == []


def test_a_block_counts_once_enough_of_its_outcomes_are_known() -> None:
    """Flights that are on time are known first: half a day would be too good a day."""
    batch = pd.DataFrame({"day": ["a"] * 10 + ["b"] * 10 + ["c"] * 10, "late": 1.0})
    batch.loc[9, "late"] = np.nan  # 90 % of a
    batch.loc[[10, 11], "late"] = np.nan  # 80 % of b
    batch.loc[20:, "late"] = np.nan  # nothing of c

    has = matured(worlds.problem(monitor={"mature": 0.9}), batch)

    assert (has.mature, has.waiting) == (1, 2)
    assert has.labelled == pytest.approx(17 / 30)
    assert has.rows["day"].tolist() == ["a"] * 9


def test_without_a_column_of_outcomes_nothing_is_known() -> None:
    has = matured(worlds.problem(), pd.DataFrame({"day": ["a", "b"]}))
    none = matured(worlds.problem(), pd.DataFrame({"day": [], "late": []}))

    assert (has.labelled, has.mature, has.waiting, len(has.rows)) == (0.0, 0, 2, 0)
    assert (none.labelled, none.mature, none.waiting, len(none.rows)) == (0.0, 0, 0, 0)


def test_rows_without_a_forecast_or_with_an_outcome_never_seen_are_left_out() -> None:
    batch = pd.DataFrame(
        {
            "day": ["a", "b", "c", "d"],
            "late": ["calm", "wild", "stormy", "fair"],
            "prediction_calm": [0.5, 0.2, 0.1, np.nan],
            "prediction_fair": [0.3, 0.2, 0.1, 0.1],
            "prediction_wild": [0.2, 0.6, 0.8, 0.1],
        }
    )

    rows = known(worlds.problem("multiclass"), batch, worlds.CLASSES)

    assert rows.block.tolist() == ["a", "b"]
    assert rows.truth.y.tolist() == [0.0, 2.0]
    assert rows.said[CHAMPION].tolist() == [[0.5, 0.3, 0.2], [0.2, 0.2, 0.6]]


def test_outcomes_with_gaps_are_the_same_as_without() -> None:
    """A column of integers becomes one of floats where a label is missing."""
    frame = pd.DataFrame({"day": "a", "late": [1, 0, None], "prediction": [0.9, 0.2, 0.4]})

    assert known(worlds.problem(), frame, [0, 1]).truth.y.tolist() == [1.0, 0.0]


def test_a_batch_that_was_never_predicted_has_no_forecasts() -> None:
    p, there = forecasts(worlds.problem("multiclass"), pd.DataFrame({"prediction_calm": [0.5]}))

    assert not there.any()
    assert np.isnan(p).all()


def test_labels_are_those_that_the_champion_knows() -> None:
    rng = np.random.default_rng(0)
    held_out = worlds.rows(rng, count=3)

    assert labels(worlds.problem(), worlds.reference(held_out)) == [0, 1]
    assert labels(worlds.problem(), worlds.reference(held_out.assign(late=1))) == [0, 1]
    assert labels(worlds.problem("multiclass"), worlds.reference(held_out)) == worlds.CLASSES
    assert labels(worlds.problem("regression"), worlds.reference(held_out)) == []
