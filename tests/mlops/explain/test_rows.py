"""Rows to explain, from a file; what a run must have left for it is in test_explain.py."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlops import params
from mlops.contract import Features, Schemas, Slices, load
from mlops.errors import DataError
from mlops.explain import rows
from mlops.explain.rows import Rows
from mlops.monitor.result import NoData
from mlops.monitor.rows import Problem
from tests.conftest import ROOT

KEY = ["time_hour", "carrier", "flight"]


@pytest.fixture
def problem(monkeypatch: pytest.MonkeyPatch) -> Problem:
    monkeypatch.chdir(ROOT)
    return Problem(load(Features), load(Schemas), load(Slices), params.load(), [])


@pytest.fixture
def flights(problem: Problem) -> pd.DataFrame:
    """Rows with every input and the key, and nothing else."""
    frame = pd.DataFrame({name: np.arange(3) + 1.5 for name in problem.inputs})
    texts = {"carrier": ["AA", "B6", "B6"], "origin": ["JFK"] * 3, "dest": ["BOS"] * 3}
    hours = [f"2013-08-0{day}T10:00:00Z" for day in (1, 2, 2)]
    return frame.assign(**texts, time_hour=hours, flight=[11, 22, 33])


@pytest.mark.parametrize("name", ["rows.csv", "rows.csv.gz", "rows.parquet"])
def test_files_are_read_as_the_schema_has_them(
    problem: Problem, flights: pd.DataFrame, tmp_path: Path, name: str
) -> None:
    flights.loc[1, "temp"] = np.nan
    mixed = flights[flights.columns[::-1]].assign(note="a word", late=[1, 0, np.nan])
    path = tmp_path / name
    mixed.to_parquet(path) if name.endswith("parquet") else mixed.to_csv(path, index=False)

    found = rows.of(problem, path)

    assert (found.source, found.total) == (name, 3)
    assert "note" not in found.frame
    for column in problem.inputs:
        assert found.frame[column].dtype == problem.schemas.FEATURES.columns[column].dtype.type
        assert list(found.frame[column].dropna()) == list(flights[column].dropna())
    assert list(found.frame["late"].dropna()) == [1, 0]
    assert list(found.frame["flight"]) == [11, 22, 33]


def test_neither_key_nor_block_is_needed(
    problem: Problem, flights: pd.DataFrame, tmp_path: Path
) -> None:
    flights[problem.inputs].to_csv(tmp_path / "what_if.csv", index=False)

    found = rows.of(problem, tmp_path / "what_if.csv")

    assert len(found.frame) == 3
    with pytest.raises(DataError, match="no column time_hour, flight, so no row has a name"):
        rows.by_key(found, KEY, ["2013-08-01T10:00:00Z/AA/11"])


def test_a_value_that_does_not_fit_is_told_with_its_line(
    problem: Problem, flights: pd.DataFrame, tmp_path: Path
) -> None:
    strange = flights.assign(distance=["719", "far", "719"], temp=["a", "b", "70"])
    strange.to_csv(tmp_path / "rows.csv", index=False)

    with pytest.raises(
        DataError,
        match=r"rows\.csv, line 3, column distance: expected a number, found 'far'; and 1 more",
    ):
        rows.of(problem, tmp_path / "rows.csv")


def test_a_file_of_something_else_is_told(problem: Problem, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("Carrier,distanse\nAA,1\n")

    with pytest.raises(DataError) as told:
        rows.of(problem, tmp_path / "rows.csv")

    assert "rows.csv: carrier: expected this column; Carrier is there instead" in str(told.value)
    assert str(told.value).endswith("and 25 more. A row needs every input that no table has")


def test_a_file_without_rows_is_no_data(problem: Problem, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text(",".join(problem.inputs) + "\n")

    with pytest.raises(NoData, match="no rows"):
        rows.of(problem, tmp_path / "rows.csv")


def test_a_file_that_is_not_there_is_told(problem: Problem, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"rows\.csv: there is no such file"):
        rows.of(problem, tmp_path / "rows.csv")


def test_rows_are_named_by_their_key(flights: pd.DataFrame) -> None:
    every = Rows("rows.csv", flights, 3)

    found = rows.by_key(every, KEY, ["2013-08-02T10:00:00Z/B6/33", "2013-08-01T10:00:00Z/AA/11"])

    assert list(found.frame["flight"]) == [11, 33]
    assert list(found.frame.index) == [0, 2]


def test_a_name_that_is_not_there_gets_the_closest_one(flights: pd.DataFrame) -> None:
    every = Rows("rows.csv", flights, 3)

    with pytest.raises(
        DataError,
        match=r"rows\.csv: no row '2013-08-02T10:00:00Z/B6/23'; a row is named by "
        r"time_hour/carrier/flight, such as 2013-08-02T10:00:00Z/B6/[23]",
    ):
        rows.by_key(every, KEY, ["2013-08-02T10:00:00Z/B6/23"])


def test_the_newest_are_the_last_and_a_file_begins_with_the_first(flights: pd.DataFrame) -> None:
    every = Rows("rows.csv", flights, 3)

    assert list(rows.newest(every, 2).frame["flight"]) == [22, 33]
    assert list(rows.first(every, 2).frame["flight"]) == [11, 22]
    assert len(rows.first(every, 9).frame) == 3


def test_without_held_out_rows_it_says_what_to_do(
    problem: Problem, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    with pytest.raises(DataError, match=r"test\.parquet is missing; run `mlops run` first"):
        rows.held_out(problem)
