"""Rows that the model should not be asked about."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from pandera.pandas import Check, Column, DataFrameSchema

from mlops.monitor.quality import known_share, quality
from mlops.monitor.rows import Batch
from tests.mlops.monitor import flights
from tests.mlops.monitor.flights import days

PROBLEM = flights.problem()
KEY = ["carrier", "flight", "date"]
BEFORE = flights.reference(flights.rows(days("2013-01-01", 120)).drop_duplicates(KEY))
ROWS = flights.rows(days("2013-06-01", 14), seed=2).drop_duplicates(KEY, ignore_index=True)


def found(rows: pd.DataFrame, *findings: str) -> Batch:
    return Batch("new.csv", rows, findings=findings)


def test_rows_like_those_before_are_steady() -> None:
    told = quality(PROBLEM, BEFORE, found(ROWS.assign(prediction=0.5)))

    assert (told.state, told.findings, told.failed) == ("steady", [], 0)
    assert (told.repeated, told.known) == (0, 0)


def test_what_reading_found_is_told_first() -> None:
    told = quality(PROBLEM, BEFORE, found(ROWS.assign(distance=0.5), "new.csv: no column x"))

    assert told.state == "alarm"
    beyond = "new.csv, row 1, column distance: expected between 1 and 6000, found 0.5"
    assert told.findings == ["new.csv: no column x", f"{beyond}; {len(ROWS):,} rows are so"]


def test_one_value_beyond_its_range_is_found_in_its_row() -> None:
    rows = ROWS.copy()
    rows.loc[7, "temp"] = 451
    rows.loc[9, "carrier"] = "ZZ"

    told = quality(PROBLEM, BEFORE, found(rows))

    assert told.findings == [
        "new.csv, row 10, column carrier: expected a carrier, found 'ZZ'",
        "new.csv, row 8, column temp: expected between -60 and 130, found 451.0",
    ]


def test_a_gap_where_none_may_be() -> None:
    rows = ROWS.copy()
    rows.loc[[2, 3], "distance"] = np.nan

    told = quality(PROBLEM, BEFORE, found(rows))

    assert told.findings == ["new.csv, row 3, column distance: expected a value; 2 rows are so"]


def test_a_whole_number_that_is_a_gap_is_told_as_a_gap() -> None:
    problem = flights.problem(flights.INPUTS | {"seats": Column("int64")})
    reference = flights.reference(BEFORE.rows.assign(seats=100))
    seats = pd.Series(100.0, ROWS.index)
    seats[0] = np.nan

    told = quality(problem, reference, found(ROWS.assign(seats=seats)))

    assert told.findings == ["new.csv, row 1, column seats: expected a value"]


def test_a_column_that_is_not_there_is_told_by_reading_alone() -> None:
    told = quality(PROBLEM, BEFORE, found(ROWS.drop(columns=["temp", "origin"])))

    assert told.findings == []


def test_rows_of_predictions_alone_break_no_rule_of_inputs() -> None:
    problem = flights.problem({"distance": flights.number(1, 6000)})

    told = quality(problem, BEFORE, found(ROWS[[*KEY]].assign(prediction=0.5)))

    assert told.state == "steady"


# A rule of a whole column is made for all rows; a few blocks may break it by chance.


def gusts(broken: int) -> pd.DataFrame:
    """120 days before; on the last `broken` of them half of the temperatures are missing."""
    rows = BEFORE.rows.copy()
    late = rows["date"].isin(sorted(rows["date"].unique())[-broken:] if broken else [])
    rows.loc[late & (rows["flight"] % 2 == 0), "temp"] = np.nan
    return rows


@pytest.mark.parametrize(("broken", "state"), [(0, "alarm"), (3, "alarm"), (40, "steady")])
def test_gaps_of_a_day_are_a_finding_when_such_days_are_rare(broken: int, state: str) -> None:
    day = ROWS[ROWS["date"] == "2013-06-03"].copy()
    day.loc[day["flight"] % 2 == 0, "temp"] = np.nan

    told = quality(PROBLEM, flights.reference(gusts(broken)), found(day))

    assert told.state == state
    if state == "alarm":
        (only,) = told.findings
        assert only.startswith("new.csv: temp: expected missing at most 30%; found ")


def test_where_the_reference_is_shorter_than_the_batch_the_rule_holds_as_it_is() -> None:
    short = BEFORE.rows[BEFORE.rows["date"] < "2013-01-05"]
    rows = ROWS.assign(temp=np.float32("nan"))

    told = quality(PROBLEM, flights.reference(short), found(rows))

    assert told.findings == ["new.csv: temp: expected missing at most 30%; found 100.0% missing"]


def test_a_rule_of_the_whole_table_is_asked_too() -> None:
    full = Check(lambda rows: len(rows) > 1000, name="more than a thousand rows")
    schema = DataFrameSchema(flights.INPUTS, checks=[full])
    schemas = PROBLEM.schemas.model_copy(update={"FEATURES": schema})
    short = flights.reference(BEFORE.rows[BEFORE.rows["date"] < "2013-01-05"])

    told = quality(replace(PROBLEM, schemas=schemas), short, found(ROWS))

    assert told.findings == ["new.csv: expected more than a thousand rows"]


# Predictions.


@pytest.mark.parametrize("value", [np.nan, np.inf, 1.5])
def test_a_probability_that_is_none(value: float) -> None:
    said = np.full(len(ROWS), 0.5)
    said[4] = value

    told = quality(PROBLEM, BEFORE, found(ROWS.assign(prediction=said)))

    assert told.findings == [
        f"new.csv, row 5, column prediction: expected a probability, 0 to 1, found {value}"
    ]


def test_a_value_that_is_none() -> None:
    problem = flights.problem(task="regression", target="delay")
    said = np.full(len(ROWS), 200.0)
    said[[4, 6]] = -np.inf

    told = quality(problem, BEFORE, found(ROWS.assign(prediction=said)))

    assert told.findings == [
        "new.csv, row 5, column prediction: expected a finite number, found -inf; 2 rows are so"
    ]


def test_an_infinite_input_that_no_rule_forbids() -> None:
    problem = flights.problem(flights.INPUTS | {"speed": Column("float64")})
    reference = flights.reference(BEFORE.rows.assign(speed=1.0))

    told = quality(problem, reference, found(ROWS.assign(speed=np.inf)))

    (only,) = told.findings
    assert only.startswith("new.csv, row 1, column speed: expected a finite number;")


# Rows that came before.


def test_a_row_twice_is_counted_once() -> None:
    told = quality(PROBLEM, BEFORE, found(pd.concat([ROWS, ROWS[:3], ROWS[:1]])))

    assert (told.state, told.repeated, told.failed) == ("alarm", 4, 0)


def test_rows_that_the_champion_knows_are_counted() -> None:
    rows = pd.concat([ROWS, BEFORE.rows[:5]], ignore_index=True)

    told = quality(PROBLEM, BEFORE, found(rows))

    assert (told.state, told.known) == ("alarm", 5)
    assert known_share(PROBLEM, BEFORE, found(rows)) == pytest.approx(5 / len(rows))


def test_a_batch_that_is_delivered_again_is_known_whatever_the_types_of_its_keys() -> None:
    again = BEFORE.rows.astype({"flight": "str", "carrier": object})

    assert known_share(PROBLEM, BEFORE, found(again)) == 1
    assert known_share(PROBLEM, BEFORE, found(ROWS)) == 0
    assert known_share(PROBLEM, BEFORE, found(ROWS[:0])) == 0


def test_captured_rows_without_their_key_cannot_be_known() -> None:
    batch = found(BEFORE.rows.drop(columns="flight"))

    told = quality(PROBLEM, BEFORE, batch)

    assert (told.known, told.repeated) == (0, 0)
    assert known_share(PROBLEM, BEFORE, batch) == 0


def test_what_is_sensitive_is_not_told() -> None:
    secret = flights.number(0, 120, metadata={"sensitive": True})
    problem = flights.problem(flights.INPUTS | {"age": secret})
    reference = flights.reference(BEFORE.rows.assign(age=np.float32(50)))

    told = quality(problem, reference, found(ROWS.assign(age=np.float32(130))))

    assert "130" not in told.findings[0]


def test_no_more_is_told_than_can_be_read() -> None:
    told = quality(PROBLEM, BEFORE, found(ROWS, *[f"finding {n} {'x' * 3000}" for n in range(80)]))

    assert told.failed == 80
    assert len(told.findings) == 50
    assert max(map(len, told.findings)) == 2000
