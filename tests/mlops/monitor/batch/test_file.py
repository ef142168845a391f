"""Files of rows, read as the monitor looks at them."""

import gzip
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pandera.pandas import Column

from mlops.errors import DataError
from mlops.monitor.batch.file import Captured, read
from mlops.monitor.result import NoData
from tests.mlops.monitor import flights
from tests.mlops.monitor.flights import days, edited

PROBLEM = flights.problem()
WEEK = days("2013-09-01", 3)


@pytest.mark.parametrize("ending", [".csv", ".csv.gz", ".parquet"])
def test_a_file_gives_its_rows_in_the_declared_types(tmp_path: Path, ending: str) -> None:
    rows = flights.rows(WEEK).assign(prediction=0.25)
    path = tmp_path / f"new{ending}"
    rows.to_parquet(path) if ending == ".parquet" else rows.to_csv(path, index=False)

    batch = read(PROBLEM, path, None)

    assert (batch.source, batch.findings) == (f"new{ending}", ())
    pd.testing.assert_frame_equal(
        batch.rows[list(rows)], rows.astype({"late": "float64"}), check_dtype=True
    )


def test_an_input_that_is_not_there_is_a_finding_and_no_column(tmp_path: Path) -> None:
    rows = flights.rows(WEEK).rename(columns={"distance": "distanz"}).drop(columns="origin")
    rows.to_csv(tmp_path / "new.csv", index=False)

    batch = read(PROBLEM, tmp_path / "new.csv", None)

    assert batch.findings == (
        "new.csv: origin: expected this column; it is missing",
        "new.csv: distance: expected this column; distanz is there instead",
    )
    assert {"origin", "distance", "distanz"}.isdisjoint(batch.rows)


def test_an_input_that_is_part_of_the_key_is_missed_too(tmp_path: Path) -> None:
    columns = flights.INPUTS | {"wave": flights.number(0, 9)}  # a look-up, and an input
    flights.rows(WEEK).to_csv(tmp_path / "new.csv", index=False)

    batch = read(flights.problem(columns), tmp_path / "new.csv", None)

    assert batch.findings == ("new.csv: wave: expected this column; it is missing",)


def test_a_value_of_another_type_is_a_gap_and_a_finding_with_its_line(tmp_path: Path) -> None:
    rows = flights.rows(WEEK).astype({"temp": object, "late": object})
    rows.loc[[3, 7], "temp"] = "warm"
    rows.loc[5, "late"] = 2
    rows.to_csv(tmp_path / "new.csv", index=False)

    batch = read(PROBLEM, tmp_path / "new.csv", None)

    assert batch.findings == (
        "new.csv, line 5, column temp: expected a number, found 'warm'; 2 rows are so",
        "new.csv, line 7, column late: expected 0 or 1, found '2'",
    )
    assert batch.rows["temp"].isna()[[3, 7]].all()
    assert batch.rows["temp"].dtype == "float32"
    assert batch.rows["temp"].notna().sum() > 50
    assert np.isnan(batch.rows["late"][5])


def test_what_is_sensitive_is_not_told(tmp_path: Path) -> None:
    columns = flights.INPUTS | {"age": Column("int64", metadata={"sensitive": True})}
    flights.rows(WEEK).assign(age="old").to_csv(tmp_path / "new.csv", index=False)

    batch = read(flights.problem(columns), tmp_path / "new.csv", None)

    assert batch.findings == (
        "new.csv, line 2, column age: expected a whole number; 60 rows are so",
    )


def test_whole_numbers_and_booleans_may_have_gaps(tmp_path: Path) -> None:
    columns = flights.INPUTS | {
        "seats": Column("int64"),
        "rows": Column("int64"),
        "jet": Column("bool"),
        "new": Column("bool"),
        "any": Column(None),
    }
    rows = flights.rows(WEEK[:1], a_day=4).assign(
        seats=[1, np.nan, 2.5, 3],
        rows=[1, 2, 3, 4],
        jet=["true", "False", "1", "maybe"],
        new=["true", "false", "TRUE", "0"],
        any=["007", "8", "", "9"],
    )
    rows.to_csv(tmp_path / "new.csv", index=False)

    batch = read(flights.problem(columns), tmp_path / "new.csv", None)

    np.testing.assert_array_equal(batch.rows["seats"], [1, np.nan, np.nan, 3])
    np.testing.assert_array_equal(batch.rows["jet"], [1, 0, 1, np.nan])
    assert batch.rows["new"].tolist() == [True, False, True, False]
    assert batch.rows.dtypes[["rows", "new"]].astype("str").tolist() == ["int64", "bool"]
    assert batch.rows["any"].dropna().tolist() == ["007", "8", "9"]
    assert [finding.partition(": ")[2] for finding in batch.findings] == [
        "expected a whole number, found 2.5",
        "expected true or false, found 'maybe'",
    ]


def test_parquet_keeps_texts_that_should_be_numbers_and_numbers_that_should_be_texts(
    tmp_path: Path,
) -> None:
    rows = flights.rows(WEEK[:1], a_day=3).assign(origin=[1.0, 2.0, 3.0])
    rows["distance"] = pd.Series(["12", "x", np.nan], dtype="str")
    rows["temp"] = pd.Series([None] * 3, dtype=object)
    rows["date"] = pd.to_datetime(rows["date"])
    rows["flight"] = pd.to_datetime(["2013-09-01T05:00:00Z"] * 3)
    rows.to_parquet(tmp_path / "new.parquet")

    batch = read(PROBLEM, tmp_path / "new.parquet", None)

    np.testing.assert_array_equal(batch.rows["distance"], [12, np.nan, np.nan])
    assert batch.rows["temp"].isna().all()
    assert batch.rows["origin"].tolist() == ["1", "2", "3"]
    assert set(batch.rows["date"]) == {"2013-09-01"}
    assert set(batch.rows["flight"]) == {"2013-09-01T05:00:00Z"}
    assert batch.findings == ("new.parquet, row 2, column distance: expected a number, found 'x'",)


def test_parquet_of_something_else_is_refused(tmp_path: Path) -> None:
    rows = flights.rows(WEEK[:1], a_day=2)
    rows["temp"] = pd.Series([[1.0], [2.0]])
    rows.to_parquet(tmp_path / "new.parquet")

    with pytest.raises(DataError, match="column 'temp': expected numbers, texts or times"):
        read(PROBLEM, tmp_path / "new.parquet", None)


@pytest.mark.parametrize("name", ["flight", "date"])
def test_a_file_without_its_key_or_block_tells_nothing(tmp_path: Path, name: str) -> None:
    flights.rows(WEEK).drop(columns=name).to_csv(tmp_path / "new.csv", index=False)

    with pytest.raises(DataError, match=rf"missing columns: {name}\. Expected the key"):
        read(PROBLEM, tmp_path / "new.csv", None)


def test_a_row_without_a_block_is_left_out_and_others_keep_their_numbers(tmp_path: Path) -> None:
    rows = flights.rows(WEEK)
    rows.loc[4, "date"] = None
    rows.to_csv(tmp_path / "new.csv", index=False)

    batch = read(PROBLEM, tmp_path / "new.csv", None)

    assert batch.rows.index.tolist() == [n for n in range(60) if n != 4]
    (told,) = batch.findings
    assert told.startswith("new.csv, row 5, column date: expected a value;")


def test_rows_of_no_block_at_all_are_refused(tmp_path: Path) -> None:
    flights.rows(WEEK).assign(date=None).to_csv(tmp_path / "new.csv", index=False)

    with pytest.raises(DataError, match="column date is empty"):
        read(PROBLEM, tmp_path / "new.csv", None)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("new.csv", b""),
        ("new.csv", b"\n\n"),
        ("new.csv", b"carrier,flight,date,distance\n"),
        ("new.csv.gz", gzip.compress(b"", mtime=0)),
        ("new.parquet", b""),
        ("new.jsonl", b""),
    ],
)
def test_a_file_without_rows_is_no_data(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)

    with pytest.raises(NoData, match=name):
        read(PROBLEM, tmp_path / name, None)


def test_a_parquet_file_without_rows_is_no_data(tmp_path: Path) -> None:
    flights.rows(WEEK)[:0].to_parquet(tmp_path / "new.parquet")

    with pytest.raises(NoData, match="no rows"):
        read(PROBLEM, tmp_path / "new.parquet", None)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("new.csv.gz", b"not compressed", "not a CSV file"),
        ("new.csv", b"carrier,flight,date\nUA,1\n", "line 2: expected 3 cells"),
        ("new.xlsx", b"PK", "expected a name that ends in"),
        ("new.jsonl", b'{"columns": {"date": "2013-09-01"}}\n{}\n', "line 2: expected"),
        ("new.csv", b"carrier,flight,date\nUA,1,2013-09-01\n", "found neither"),
        ("new.csv", b"weather\nfine\n", "missing columns: carrier, date, flight"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(
    tmp_path: Path, name: str, content: bytes, told: str
) -> None:
    (tmp_path / name).write_bytes(content)

    with pytest.raises(DataError, match=told) as refused:
        read(PROBLEM, tmp_path / name, None)

    assert name in str(refused.value)


@pytest.mark.parametrize("name", ["new.csv", "new.jsonl"])
def test_a_file_that_is_not_there_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError, match="there is no such file"):
        read(PROBLEM, tmp_path / name, None)


# What `mlops predict` writes has its decision where a label would stand.


def test_what_mlops_predict_wrote_are_predictions_without_labels(tmp_path: Path) -> None:
    rows = flights.rows(WEEK)[["carrier", "flight", "date"]].assign(late=1, probability=0.75)
    rows.to_csv(tmp_path / "scored.csv", index=False)

    batch = read(PROBLEM, tmp_path / "scored.csv", None)

    assert batch.findings == ()
    assert list(batch.rows) == ["flight", "date", "carrier", "prediction"]
    assert set(batch.rows["prediction"]) == {0.75}


def test_the_same_of_several_classes(tmp_path: Path) -> None:
    problem = flights.problem(task="multiclass", target="gate", classes=["A", "B"])
    rows = flights.rows(WEEK).assign(gate="A", probability_A=0.75, probability_B=0.25)
    rows.to_parquet(tmp_path / "scored.parquet")

    batch = read(problem, tmp_path / "scored.parquet", None)

    assert set(batch.rows["prediction_A"]) == {0.75}
    assert set(batch.rows["prediction_B"]) == {0.25}
    assert "gate" not in batch.rows


def test_a_value_is_a_prediction_where_no_inputs_stand_beside_it(tmp_path: Path) -> None:
    problem = flights.problem(task="regression", target="delay")
    rows = flights.rows(WEEK).assign(delay=12.5)
    named = ["flight", "date", "delay"]
    rows[["carrier", *named]].to_csv(tmp_path / "scored.csv", index=False)
    rows.to_csv(tmp_path / "labelled.csv", index=False)

    scored = read(problem, tmp_path / "scored.csv", None)
    labelled = read(problem, tmp_path / "labelled.csv", None)

    assert set(scored.rows["prediction"]) == {12.5}
    assert "delay" not in scored.rows
    assert set(labelled.rows["delay"]) == {12.5}
    assert "prediction" not in labelled.rows


# Captured traffic.


def line(prediction: object, **columns: object) -> str:
    return json.dumps({"columns": columns, "prediction": prediction})


def test_captured_requests_are_read_oldest_first_and_what_they_left_out_is_known(
    tmp_path: Path,
) -> None:
    path = tmp_path / "seen.jsonl"
    whole = line(0.1, carrier="UA", date="2013-09-01", distance=100, temp=None, carrier_late_7d=0.5)
    (tmp_path / "seen.jsonl.1").write_text(f"{whole}\n")
    path.write_text(line(0.9, carrier="AA", date="2013-09-02", distance=200.5) + "\n" + '{"colu')

    batch = read(PROBLEM, path, None)

    assert isinstance(batch, Captured)
    assert batch.findings == ()
    assert batch.rows["carrier"].tolist() == ["UA", "AA"]
    assert batch.rows["distance"].tolist() == [100, 200.5]
    assert batch.rows["prediction"].tolist() == [0.1, 0.9]
    assert {"origin", "flight"}.isdisjoint(batch.rows)
    np.testing.assert_array_equal(batch.rows["carrier_late_7d"], [0.5, np.nan])
    assert batch.left_out["temp"].tolist() == [False, True]  # a gap that was sent is none left out
    assert batch.left_out["carrier_late_7d"].tolist() == [False, True]
    assert "distance" not in batch.left_out


def test_captured_requests_without_a_block_cannot_be_grouped(tmp_path: Path) -> None:
    (tmp_path / "seen.jsonl").write_text(line(0.1, carrier="UA", distance=100) + "\n")

    with pytest.raises(DataError, match="no request names its date, by which rows are grouped"):
        read(PROBLEM, tmp_path / "seen.jsonl", None)


def test_one_captured_request_without_a_block_is_left_out(tmp_path: Path) -> None:
    lines = [line(0.1, carrier="UA"), line(0.2, carrier="AA", date="2013-09-01")]
    (tmp_path / "seen.jsonl").write_text("\n".join(lines) + "\n")

    batch = read(PROBLEM, tmp_path / "seen.jsonl", None)

    assert batch.rows["carrier"].tolist() == ["AA"]
    assert isinstance(batch, Captured)
    assert batch.left_out.index.tolist() == batch.rows.index.tolist() == [1]
    assert len(batch.findings) == 1


def test_captured_answers_of_another_model_are_refused(tmp_path: Path) -> None:
    (tmp_path / "seen.jsonl").write_text(line([0.1, 0.9], date="2013-09-01") + "\n")

    with pytest.raises(DataError, match="expected 1 number as a prediction, found 2"):
        read(PROBLEM, tmp_path / "seen.jsonl", None)


def test_a_captured_answer_may_be_missing(tmp_path: Path) -> None:
    lines = [line(None, date="2013-09-01"), line([0.4, 0.6], date="2013-09-01")]
    (tmp_path / "seen.jsonl").write_text("\n".join(lines) + "\n")
    problem = flights.problem(task="multiclass", classes=["A", "B"])

    batch = read(problem, tmp_path / "seen.jsonl", None)

    np.testing.assert_array_equal(batch.rows["prediction_B"], [np.nan, 0.6])


def test_a_column_twice_is_refused(tmp_path: Path) -> None:
    flights.rows(WEEK).to_csv(tmp_path / "new.csv", index=False)
    path = edited(tmp_path / "new.csv", lambda lines: [f"{line},{line[:2]}" for line in lines])
    edited(path, lambda lines: [lines[0].removesuffix(",ca") + ",temp", *lines[1:]])

    with pytest.raises(DataError, match="column 'temp' is there twice"):
        read(PROBLEM, path, None)
