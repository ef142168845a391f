"""The rules of flights and weather, each broken once by hand in the real data of two months."""

import math
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from mlops.contract import Schemas, load
from mlops.data import rules
from mlops.data.checks import check
from mlops.data.read import frames, read
from problem import schema, source

FIRST = 0  # a flight that departed and arrived


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("two_months")
    source.materialise(folder, "2013-02")
    return folder


@pytest.fixture(scope="module")
def months(folder: Path) -> dict[str, pd.DataFrame]:
    """The tables of January and February; read only."""
    tables, findings = read(folder, load(Schemas).RAW)
    assert findings == []
    return dict(frames(tables))


def broken(table: str, frame: pd.DataFrame) -> set[tuple[str, str]]:
    """(column, rule) that fail; the column is empty for a rule of rows."""
    cases = rules.failures(frame, load(Schemas).RAW[table])
    if cases.empty:
        return set()
    columns = cases["column"].mask(cases["schema_context"] == "DataFrameSchema", "")
    return set(zip(columns, cases["check"], strict=True))


def test_the_real_data_keeps_every_rule(folder: Path) -> None:
    schemas = load(Schemas)
    tables, findings = read(folder, schemas.RAW)

    assert findings + check(tables, schemas, list(source.PERIODS), "2013-02") == []


@pytest.mark.parametrize(
    ("table", "column", "value", "rule"),
    [
        ("flights", "month", 13, "between 1 and 12"),
        ("flights", "dep_delay", 3000.0, "between -120 and 2880"),
        ("flights", "dep_time", 1265.0, "minutes below 60"),
        ("flights", "arr_time", 2401.0, "between 1 and 2400"),
        ("flights", "carrier", "United", schema.CARRIER),
        ("flights", "carrier", "ua", schema.CARRIER),
        ("flights", "tailnum", "N 1234", "a tail number"),
        ("flights", "tailnum", "N14228\n", "a tail number"),
        ("flights", "origin", "BOS", "one of EWR, JFK, LGA"),
        ("flights", "dest", "", schema.AIRPORT),
        ("flights", "distance", 0, "between 1 and 6000"),
        ("flights", "time_hour", "2013-01-01 10:00:00", "an hour in UTC"),
        ("flights", "time_hour", "2013-01-01T10:30:00Z", "an hour in UTC"),
        ("weather", "temp", 200.0, "between -60 and 130"),
        ("weather", "wind_speed", -1.0, "at least 0"),
        ("planes", "seats", 0, "between 1 and 900"),
        ("airports", "lat", 91.0, "between -90 and 90"),
    ],
)
def test_a_value_out_of_its_range_is_told(
    months: dict[str, pd.DataFrame], table: str, column: str, value: Any, rule: str
) -> None:
    frame = months[table].copy()
    frame.loc[FIRST, column] = value

    assert any(name == column and text.startswith(rule) for name, text in broken(table, frame))


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"dest": "EWR"}, "origin differs from dest"),
        ({"minute": 16}, "sched_dep_time is hour and minute"),
        ({"dep_delay": math.nan}, "dep_time and dep_delay are missing together"),
        ({"air_time": math.nan}, "arr_delay and air_time are missing together"),
        ({"dep_time": math.nan, "dep_delay": math.nan}, "no arr_time without dep_time"),
        ({"arr_time": math.nan}, "no arr_delay without arr_time"),
        ({"tailnum": None}, "no dep_time without tailnum"),
    ],
)
def test_columns_of_a_flight_agree_with_each_other(
    months: dict[str, pd.DataFrame], changes: dict[str, Any], rule: str
) -> None:
    flights = months["flights"].copy()
    assert flights.loc[FIRST, "origin"] == "EWR"
    for column, value in changes.items():
        flights.loc[FIRST, column] = value

    assert broken("flights", flights) == {("", rule)}


def failing_rows(table: str, frame: pd.DataFrame, rule: str) -> list[int]:
    cases = rules.failures(frame, load(Schemas).RAW[table])
    return sorted(cases.loc[cases["check"] == rule, "index"].astype(int).unique())


def test_a_day_without_flights_is_told_at_the_day_after(months: dict[str, pd.DataFrame]) -> None:
    flights = months["flights"]
    gap = flights[(flights["month"] != 1) | (flights["day"] != 9)].reset_index(drop=True)

    (row,) = failing_rows("flights", gap, "rows of the day before, too")

    assert gap[["month", "day"]].iloc[row - 1].tolist() == [1, 8]
    assert gap[["month", "day"]].iloc[row].tolist() == [1, 10]


def test_a_month_that_breaks_off_is_told_at_its_last_row(months: dict[str, pd.DataFrame]) -> None:
    flights = months["flights"]
    cut = flights[(flights["month"] == 1) | (flights["day"] < 28)].reset_index(drop=True)

    assert broken("flights", cut) == {("", "rows up to the last day of the month")}
    assert failing_rows("flights", cut, "rows up to the last day of the month") == [len(cut) - 1]


def test_a_day_that_no_calendar_has_is_told(months: dict[str, pd.DataFrame]) -> None:
    flights = months["flights"].copy()
    last = len(flights) - 1
    flights.loc[last, "day"] = 30

    assert broken("flights", flights) == {("", "a day of the calendar")}
    assert failing_rows("flights", flights, "a day of the calendar") == [last]


def test_days_out_of_order_are_told_where_they_step_back(months: dict[str, pd.DataFrame]) -> None:
    flights = months["flights"]
    swapped = pd.concat([flights.iloc[:5], flights.iloc[-1:], flights.iloc[5:-1]]).reset_index()

    assert ("", "days in order") in broken("flights", swapped)
    assert failing_rows("flights", swapped, "days in order") == [6]


def test_gaps_are_allowed_up_to_a_share(months: dict[str, pd.DataFrame]) -> None:
    weather = months["weather"].copy()
    assert broken("weather", weather) == set()

    weather.loc[: len(weather) // 50, "temp"] = math.nan

    assert broken("weather", weather) == {("temp", "missing at most 1.0%")}


def test_a_failed_anemometer_is_forgiven_and_a_storm_of_them_is_not(
    months: dict[str, pd.DataFrame],
) -> None:
    weather = months["weather"].copy()
    weather.loc[FIRST, "wind_speed"] = 1048.4
    assert broken("weather", weather) == set()

    weather.loc[:30, "wind_speed"] = 1048.4

    assert broken("weather", weather) == {("wind_speed", "at most 150 in 99.90% of rows")}


def test_the_period_of_a_row_is_its_month(months: dict[str, pd.DataFrame]) -> None:
    rows = pd.DataFrame({"year": [2013, 2013, 2014], "month": [12, 1, 1]}, index=[7, 8, 9])

    found = schema.period(rows)

    assert found.astype("str").to_dict() == {7: "2013-12", 8: "2013-01", 9: "2014-01"}
    assert set(schema.period(months["flights"]).unique()) == {"2013-01", "2013-02"}
