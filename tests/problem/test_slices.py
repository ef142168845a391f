"""The slices cover every flight that the schema lets through."""

import pandas as pd
import pytest

from mlops.contract import Slices, load
from mlops.evaluation.slices import labels
from problem import schema
from problem.slices import SLICES, slices
from tests.problem.test_model import inputs


def extremes() -> pd.DataFrame:
    """Rows with the earliest and latest departures and the shortest and longest ways allowed."""
    frame = inputs(4)
    frame["sched_dep_time"] = pd.Series([1, 2359, 2400, 1], dtype="float32")
    frame["distance"] = pd.Series([1, 6000, 1, 6000], dtype="float32")
    return schema.FEATURES.validate(frame)


def test_every_row_has_a_label_in_every_slice() -> None:
    frame = pd.concat([inputs(2000), extremes()], ignore_index=True)

    found = labels(load(Slices), frame)

    assert list(found) == list(SLICES)
    assert found.notna().all().all()
    assert found.index.equals(frame.index)


@pytest.mark.parametrize(
    ("time", "label"),
    [(1, "before 9"), (859, "before 9"), (900, "9 to 12"), (1200, "12 to 17"), (1700, "after 17")],
)
def test_the_time_of_day_is_that_of_the_scheduled_departure(time: int, label: str) -> None:
    frame = extremes().assign(sched_dep_time=float(time))

    assert set(slices(frame)["time_of_day"]) == {label}


@pytest.mark.parametrize(
    ("miles", "label"),
    [(500, "to 500 miles"), (501, "500 to 1500 miles"), (1501, "over 1500 miles")],
)
def test_the_distance_band_holds_the_distance(miles: int, label: str) -> None:
    frame = extremes().assign(distance=float(miles))

    assert set(slices(frame)["distance_band"]) == {label}


def test_a_slice_is_made_of_inputs_alone() -> None:
    """What a person asks about a slice must be known when the prediction is made."""
    frame = inputs(100)

    assert set(frame) == set(schema.FEATURES.columns)
    assert len(slices(frame)) == 100
