"""Outcomes that arrive after the rows."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlops.errors import DataError
from mlops.monitor.batch.file import read
from mlops.monitor.rows import Batch
from tests.mlops.monitor import flights
from tests.mlops.monitor.flights import days

PROBLEM = flights.problem()
KEY = ["carrier", "flight", "date"]
ROWS = flights.rows(days("2013-09-01", 3)).drop_duplicates(KEY, ignore_index=True)


def looked(tmp_path: Path, rows: pd.DataFrame, late: pd.DataFrame) -> Batch:
    rows.to_csv(tmp_path / "new.csv", index=False)
    late.to_csv(tmp_path / "late.csv", index=False)
    return read(PROBLEM, tmp_path / "new.csv", tmp_path / "late.csv")


def test_late_labels_find_their_rows_whatever_their_order(tmp_path: Path) -> None:
    shuffled = ROWS[[*KEY, "late"]].sample(frac=1, random_state=1)

    batch = looked(tmp_path, ROWS.drop(columns="late"), shuffled)

    assert batch.findings == ()
    assert batch.rows["late"].tolist() == ROWS["late"].tolist()


def test_rows_wait_for_labels_that_are_not_there_yet(tmp_path: Path) -> None:
    first = ROWS[ROWS["date"] == "2013-09-01"][[*KEY, "late"]]

    batch = looked(tmp_path, ROWS.drop(columns="late"), first)

    assert batch.findings == ()
    assert batch.rows["late"].notna().tolist() == (ROWS["date"] == "2013-09-01").tolist()


def test_a_later_label_counts_more_than_that_of_the_rows(tmp_path: Path) -> None:
    corrected = ROWS[[*KEY, "late"]][:10].assign(late=1 - ROWS["late"])

    batch = looked(tmp_path, ROWS, corrected)

    expected = np.where(np.arange(len(ROWS)) < 10, 1 - ROWS["late"], ROWS["late"])
    assert batch.rows["late"].tolist() == expected.tolist()


def test_two_outcomes_of_a_key_are_told_and_the_last_one_counts(tmp_path: Path) -> None:
    labels = ROWS[[*KEY, "late"]]
    twice = pd.concat([labels, labels[:1].assign(late=1 - labels["late"][0]), labels[5:6]])

    batch = looked(tmp_path, ROWS.drop(columns="late"), twice)

    assert batch.findings == (
        "late.csv: expected one outcome for each key; 1 key has several, of which the last counts",
    )
    assert batch.rows["late"][0] == 1 - labels["late"][0]


def test_labels_of_other_rows_are_no_mistake_unless_few_rows_have_one(tmp_path: Path) -> None:
    years = flights.rows(days("2013-01-01", 250), seed=2).drop_duplicates(KEY)[[*KEY, "late"]]
    others = years[years["date"] < "2013-09-01"]

    history = looked(tmp_path, ROWS, pd.concat([others, ROWS[[*KEY, "late"]]]))
    strange = looked(tmp_path, ROWS, others)

    assert history.findings == ()
    (told,) = strange.findings
    assert told.startswith("late.csv: expected labels of the rows of new.csv; ")


def test_keys_meet_whether_they_are_read_as_numbers_or_texts(tmp_path: Path) -> None:
    labels = ROWS[[*KEY, "late"]].astype({"flight": "str"})
    ROWS.drop(columns="late").to_parquet(tmp_path / "new.parquet")
    labels.to_parquet(tmp_path / "late.parquet")

    batch = read(PROBLEM, tmp_path / "new.parquet", tmp_path / "late.parquet")

    assert batch.rows["late"].tolist() == ROWS["late"].tolist()


@pytest.mark.parametrize("content", ["", "carrier,flight,date,late\n"])
def test_a_file_without_labels_has_none_yet(tmp_path: Path, content: str) -> None:
    ROWS.drop(columns="late").to_csv(tmp_path / "new.csv", index=False)
    (tmp_path / "late.csv").write_text(content)

    batch = read(PROBLEM, tmp_path / "new.csv", tmp_path / "late.csv")

    assert "late" not in batch.rows


def test_a_file_without_the_key_or_the_outcome_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"late\.csv: missing columns: flight, late"):
        looked(tmp_path, ROWS, ROWS[["carrier", "date"]])


def test_rows_without_their_key_cannot_be_labelled(tmp_path: Path) -> None:
    (tmp_path / "seen.jsonl").write_text('{"columns": {"date": "2013-09-01"}, "prediction": 1}\n')
    ROWS.to_csv(tmp_path / "late.csv", index=False)

    with pytest.raises(DataError, match="no row names its carrier, flight, so labels cannot be"):
        read(PROBLEM, tmp_path / "seen.jsonl", tmp_path / "late.csv")


def test_outcomes_of_several_classes_are_those_of_the_predictions(tmp_path: Path) -> None:
    problem = flights.problem(task="multiclass", target="gate", classes=["1", "2"])
    labels = ROWS[KEY].assign(gate=1)
    labels.loc[[0, 1], "gate"] = [2, 3]
    ROWS.to_csv(tmp_path / "new.csv", index=False)
    labels.to_csv(tmp_path / "late.csv", index=False)

    batch = read(problem, tmp_path / "new.csv", tmp_path / "late.csv")

    assert batch.findings == ("late.csv, line 3, column gate: expected one of 1, 2, found '3'",)
    assert batch.rows["gate"].isna().tolist() == [False, True] + [False] * (len(ROWS) - 2)
    assert batch.rows["gate"].dropna().tolist() == [2] + [1] * (len(ROWS) - 2)


def test_values_are_outcomes_of_a_regression(tmp_path: Path) -> None:
    problem = flights.problem(task="regression", target="delay")
    ROWS.to_csv(tmp_path / "new.csv", index=False)
    ROWS[KEY].assign(delay=7.5).to_csv(tmp_path / "late.csv", index=False)

    batch = read(problem, tmp_path / "new.csv", tmp_path / "late.csv")

    assert set(batch.rows["delay"]) == {7.5}
