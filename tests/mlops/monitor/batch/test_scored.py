"""What the exported model adds to the rows."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlops.errors import DataError
from mlops.monitor.batch.file import Captured, read
from mlops.monitor.batch.scored import needs_model, scored
from mlops.monitor.rows import Batch
from tests.mlops.monitor import flights
from tests.mlops.monitor.flights import days
from tests.serving.conftest import binary
from tests.serving.folders import export, late

PROBLEM = flights.problem()
ROWS = flights.rows(days("2013-09-01", 2))


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """late() of the distance and of the carrier's delays, which it looks up: UA on the first of
    September 0.25, from the second on 0.75.
    """
    return export(tmp_path / "model", binary())


def test_rows_get_the_predictions_of_the_model(model: Path) -> None:
    found = scored(PROBLEM, Batch("new.csv", ROWS), model)

    pairs = zip(ROWS["distance"], ROWS["carrier_late_7d"], strict=True)
    expected = [late(distance, rate) for distance, rate in pairs]
    np.testing.assert_allclose(found.rows["prediction"], expected, atol=1e-6)
    assert found.findings == ()
    assert "prediction" not in ROWS


def test_recorded_predictions_are_kept(model: Path) -> None:
    batch = Batch("new.csv", ROWS.assign(prediction=0.123))

    assert not needs_model(PROBLEM, batch)
    assert set(scored(PROBLEM, batch, model).rows["prediction"]) == {0.123}


def test_a_row_that_the_model_refuses_has_no_prediction_and_is_told(model: Path) -> None:
    rows = ROWS.copy()
    rows.loc[[3, *range(10, 20)], "distance"] = 9000
    rows.index += 100  # of the rows that were read, the first hundred were left out

    found = scored(PROBLEM, Batch("new.csv", rows), model)

    assert found.rows["prediction"].isna().sum() == 11
    assert found.findings[0] == (
        "new.csv, row 104: the model refuses it: column 'distance': expected 1 to 6000, found 9000"
    )
    assert len(found.findings) == 6
    assert found.findings[-1] == "new.csv: the model refuses 6 more"


def test_rows_that_are_all_refused_have_no_prediction(model: Path) -> None:
    found = scored(PROBLEM, Batch("new.csv", ROWS[:3].assign(distance=np.nan)), model)

    assert found.rows["prediction"].isna().all()
    assert len(found.findings) == 3


def test_a_column_that_is_not_there_is_looked_up(model: Path) -> None:
    rows = ROWS.drop(columns="carrier_late_7d").assign(carrier="UA")

    found = scored(PROBLEM, Batch("new.csv", rows), model)

    rates = rows["date"].map({"2013-09-01": 0.25, "2013-09-02": 0.75})
    expected = [late(d, r) for d, r in zip(rows["distance"], rates, strict=True)]
    np.testing.assert_allclose(found.rows["prediction"], expected, atol=1e-6)


def test_without_a_column_that_the_model_needs_there_is_no_prediction(model: Path) -> None:
    batch = Batch("new.csv", ROWS.drop(columns="distance"), findings=("new.csv: earlier",))

    found = scored(PROBLEM, batch, model)

    assert "prediction" not in found.rows
    assert found.findings[0] == "new.csv: earlier"
    assert found.findings[1].startswith("no prediction of new.csv: missing columns: distance")


def test_the_model_of_another_problem_is_refused(model: Path) -> None:
    problem = flights.problem(task="multiclass", target="gate", classes=["A", "B"])

    with pytest.raises(
        DataError, match="expected a model that predicts prediction_A, prediction_B"
    ):
        scored(problem, Batch("new.csv", ROWS), model)


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="mlops run"):
        scored(PROBLEM, Batch("new.csv", ROWS), tmp_path)


# Captured requests leave to the server what it can look up.


def captured(tmp_path: Path, *requests: dict[str, object]) -> Captured:
    lines = [json.dumps({"columns": columns, "prediction": 0.5}) for columns in requests]
    (tmp_path / "seen.jsonl").write_text("\n".join(lines) + "\n")
    batch = read(PROBLEM, tmp_path / "seen.jsonl", None)
    assert isinstance(batch, Captured)
    return batch


def request(date: str, **others: object) -> dict[str, object]:
    return {"carrier": "UA", "origin": "EWR", "distance": 500, "temp": None, "date": date} | others


def test_what_a_request_left_out_is_looked_up_and_what_it_sent_stays(
    tmp_path: Path, model: Path
) -> None:
    batch = captured(
        tmp_path,
        request("2013-09-01"),
        request("2013-09-02"),
        request("2013-09-02", carrier="AA"),
        request("2013-09-01", carrier_late_7d=0.5),
        request("2013-09-01", carrier_late_7d=None),
    )

    assert needs_model(PROBLEM, batch)
    found = scored(PROBLEM, batch, model)

    np.testing.assert_allclose(
        found.rows["carrier_late_7d"], [0.25, 0.75, np.nan, 0.5, np.nan], equal_nan=True
    )
    assert set(found.rows["prediction"]) == {0.5}
    assert found.findings == ()


def test_a_column_that_no_request_had_comes_from_the_table(tmp_path: Path, model: Path) -> None:
    found = scored(PROBLEM, captured(tmp_path, request("2013-09-01")), model)

    assert found.rows["carrier_late_7d"].tolist() == [0.25]


def test_what_cannot_be_looked_up_any_more_is_told(tmp_path: Path) -> None:
    about = binary()
    about.inputs[-1] = type(about.inputs[-1])("carrier_late_7d", "float32", table="carrier_delays")
    model = export(tmp_path / "model", about)
    batch = captured(tmp_path, request("2013-09-01", carrier="AA"))

    found = scored(PROBLEM, batch, model)

    assert found.rows["carrier_late_7d"].isna().all()
    assert "nothing is looked up for 1 row: row 0, column 'carrier_late_7d'" in found.findings[0]


def test_requests_that_left_nothing_out_need_no_model(tmp_path: Path) -> None:
    known = request("2013-09-01", carrier_late_7d=0.5)
    batch = captured(tmp_path, known, known | {"wave": 3})  # a key that not all have sent

    assert not needs_model(PROBLEM, batch)
    assert needs_model(PROBLEM, Batch("new.csv", pd.DataFrame({"date": ["2013-09-01"]})))
