"""Recorded requests and held-out rows, as they are sent."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlops.errors import DataError
from mlops.replay import traffic
from mlops.replay.traffic import Row
from serving.capture import Capture
from serving.manifest import Input, Key, Manifest, Output, Policy, Table


def manifest(**changes: Any) -> Manifest:
    content: dict[str, Any] = {
        "format": 1,
        "name": "loans",
        "inputs": [
            Input("branch", "text"),
            Input("amount", "float32", nullable=True),
            Input("rate", "float32", nullable=True, table="rates"),
            Input("score", "float32", nullable=True, table="scores"),
        ],
        "output": Output("binary", "repaid", "probabilities", [0, 1], 0.5),
        "policy": Policy("flag", "reject"),
        "files": {},
        "identifiers": ["number"],
        "keys": [Key("day", "text"), Key("person", "text")],
        "tables": [
            Table("rates", "tables/rates.json", ["day"], ["rate"], 1),
            Table("scores", "tables/scores.json", ["person"], ["score"], 1),
        ],
    }
    return Manifest(**content | changes)


@pytest.fixture
def artifacts(tmp_path: Path) -> Path:
    """What the pipeline leaves: twenty held-out rows and their predictions, without `person`."""
    test = pd.DataFrame(
        {
            "number": range(20),
            "day": "2013-01-01",
            "repaid": 1,
            "branch": "north",
            "amount": np.array([*range(19), np.nan], dtype="float32"),
            "rate": np.float32(0.1),
            "score": np.float32(3),
        }
    )
    test.to_parquet(tmp_path / "test.parquet")
    predicted = test[["number", "day", "repaid"]].assign(prediction=np.arange(20) / 20)
    predicted.to_parquet(tmp_path / "predictions.parquet")
    return tmp_path


def test_what_a_server_records_is_what_is_asked_again(tmp_path: Path) -> None:
    path = tmp_path / "seen.jsonl"
    capture = Capture(path, 4, manifest())
    for n in range(3):  # more than half of the limit: two files
        columns: dict[str, Any] = {"branch": [f"b{n}"], "amount": [None], "day": ["2013-01-01"]}
        capture.record(columns, 1, np.array([0.25]))
    capture.close()

    rows = traffic.recorded(path, ["branch"])

    assert [row.name for row in rows] == ["branch b0", "branch b1", "branch b2"]
    assert rows[0].columns == {"branch": "b0", "amount": None, "day": "2013-01-01"}
    assert rows[0].score == 0.25


def test_a_last_line_that_is_still_being_written_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "seen.jsonl"
    path.write_text('{"columns":{"a":1},"prediction":0.5}\n{"columns":{"a":2},"pred')

    assert [row.columns for row in traffic.recorded(path, [])] == [{"a": 1}]


@pytest.mark.parametrize(
    "line",
    [
        "no JSON",
        "[]",
        '{"columns": {}}',
        '{"columns": {"a": [1]}}',
        '{"columns": {"a": 1e999}}',
        '{"columns": {"a": 1}, "prediction": "x"}',
        '{"columns": {"a": 1}, "prediction": NaN}',
        "[" * 100_000,
    ],
    ids=["text", "list", "empty", "nested", "infinite", "text score", "nan score", "deep"],
)
def test_a_line_that_is_no_record_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "seen.jsonl"
    path.write_text(f'{{"columns":{{"a":1}}}}\n{line}\n')

    with pytest.raises(DataError, match=r"seen\.jsonl, line 2: expected"):
        traffic.recorded(path, [])


@pytest.mark.parametrize(("content", "said"), [(None, "is missing"), ("", "no recorded request")])
def test_no_traffic_is_told(tmp_path: Path, content: str | None, said: str) -> None:
    path = tmp_path / "seen.jsonl"
    if content is not None:
        path.write_text(content)

    with pytest.raises(DataError, match=said):
        traffic.recorded(path, [])


def test_held_out_rows_come_whole_and_by_their_keys(artifacts: Path) -> None:
    rows = traffic.held_out(manifest(), 100, seed=1, folder=artifacts)

    assert rows[0] == Row(
        {"branch": "north", "amount": 0.0, "rate": 0.1, "score": 3.0}
        | {"rate": pytest.approx(0.1)},  # of single precision
        "number 0",
        0.0,
    )
    # `person` is not among the columns, so `score` cannot be left to the server
    assert rows[1].columns == {"branch": "north", "amount": 1.0, "score": 3.0, "day": "2013-01-01"}
    assert rows[1].score == 0.05
    assert rows[19].columns["amount"] is None


def test_a_sensitive_identifier_names_no_row(artifacts: Path) -> None:
    inputs = [Input("number", "float32", sensitive=True), Input("branch", "text")]

    rows = traffic.held_out(manifest(inputs=inputs, tables=[]), 100, seed=1, folder=artifacts)

    assert rows[0].name == "row 1"


def test_classes_have_a_score_each(artifacts: Path) -> None:
    path = artifacts / "predictions.parquet"
    predicted = pd.read_parquet(path).assign(prediction_a=0.25, prediction_b=0.75)
    predicted.to_parquet(path)
    output = Output("multiclass", "repaid", "probabilities", ["a", "b"])

    rows = traffic.held_out(manifest(output=output), 100, seed=1, folder=artifacts)

    assert rows[0].score == [0.25, 0.75]


def test_files_that_do_not_belong_together_are_told(artifacts: Path) -> None:
    with pytest.raises(DataError, match="lacks other, which the model needs"):
        traffic.held_out(manifest(inputs=[Input("other", "text")]), 9, 1, artifacts)
    path = artifacts / "predictions.parquet"
    pd.read_parquet(path).iloc[::-1].to_parquet(path)
    with pytest.raises(DataError, match=r"is not about the rows of test\.parquet"):
        traffic.held_out(manifest(), 9, 1, artifacts)
    path.unlink()
    assert {row.score for row in traffic.held_out(manifest(), 9, 1, artifacts)} == {None}
    (artifacts / "test.parquet").write_text("no parquet")
    with pytest.raises(DataError, match="cannot be read"):
        traffic.held_out(manifest(), 9, 1, artifacts)
    (artifacts / "test.parquet").unlink()
    with pytest.raises(DataError, match="is missing"):
        traffic.held_out(manifest(), 9, 1, artifacts)


def test_most_requests_ask_about_one_row_some_about_many() -> None:
    rows = [Row({"a": n}, f"row {n}") for n in range(150)]
    rows += [Row({"b": n, "c": 0}, f"other {n}") for n in range(30)]

    asked = traffic.questions(rows, 200, 0.1, seed=1)

    sizes = [len(question.rows) for question in asked]
    assert sizes.count(1) == 180
    assert set(sizes) <= {1, 30, 100}
    for question in asked:
        split = json.loads(question.body)["dataframe_split"]
        columns = [dict(zip(split["columns"], row, strict=True)) for row in split["data"]]
        assert columns == [row.columns for row in question.rows]
    assert traffic.digest(asked) == traffic.digest(traffic.questions(rows, 200, 0.1, seed=1))
    assert traffic.digest(asked) != traffic.digest(traffic.questions(rows, 200, 0.1, seed=2))
