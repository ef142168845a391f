"""The addresses, asked through the whole application."""

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from serving.manifest import Build, Manifest
from tests.serving.folders import client, export, late

ROW = {"carrier": "UA", "origin": "EWR", "distance": 1000.0, "temp": 50.0}
GIVEN = ROW | {"carrier_late_7d": 0.5}


@pytest.fixture
def folder(tmp_path: Path, flights_like: Manifest, build: Build) -> Path:
    return export(tmp_path / "export", flights_like, build)


def ask(folder: Path, method: str, path: str, settings: Any = None, **more: Any) -> httpx.Response:
    async def once() -> httpx.Response:
        with client(folder, **(settings or {})) as asking:
            return await asking.request(method, path, **more)

    return asyncio.run(once())


def predictions(answer: httpx.Response) -> list[dict[str, float]]:
    assert answer.status_code == 200, answer.text
    return answer.json()["predictions"]


def test_a_prediction_is_that_of_the_model(folder: Path) -> None:
    answer = ask(folder, "POST", "/invocations", json={"dataframe_records": [GIVEN]})

    (found,) = predictions(answer)
    assert found["probability"] == pytest.approx(late(1000, 0.5), abs=1e-6)
    assert found["late"] == 0


def test_the_label_changes_at_the_threshold(folder: Path) -> None:
    rows = [GIVEN | {"distance": float(d)} for d in range(1000, 1500, 10)]

    found = predictions(ask(folder, "POST", "/invocations", json={"dataframe_records": rows}))

    assert {row["late"] for row in found} == {0, 1}
    assert all((row["probability"] >= 0.3) == (row["late"] == 1) for row in found)


@pytest.mark.parametrize(
    ("key", "rate"),
    [
        ({"date": "2013-09-01"}, 0.25),
        ({"date": "2013-12-24"}, 0.75),  # later than the table: its newest row
        ({"date": "2013-08-01"}, 0.0),  # earlier: a gap, as in training
        ({}, 0.75),
        ({"date": "2013-09-01", "carrier": "AA"}, 0.0),
    ],
)
def test_what_a_request_leaves_out_is_looked_up(folder: Path, key: Any, rate: float) -> None:
    (found,) = predictions(
        ask(folder, "POST", "/invocations", json={"dataframe_records": [ROW | key]})
    )

    assert found["probability"] == pytest.approx(late(1000, rate), abs=1e-6)


def test_a_gap_that_is_sent_is_a_gap_and_not_looked_up(folder: Path) -> None:
    row = ROW | {"date": "2013-09-01", "carrier_late_7d": None}

    (found,) = predictions(ask(folder, "POST", "/invocations", json={"dataframe_records": [row]}))

    assert found["probability"] == pytest.approx(late(1000, 0), abs=1e-6)


def test_large_requests_answer_like_small_ones(folder: Path) -> None:
    rows: list[dict[str, Any]] = [GIVEN | {"distance": float(d)} for d in range(1, 2001)]
    whole = json.dumps({"dataframe_records": rows})
    assert len(whole) > 64 * 1024

    found = predictions(
        ask(
            folder,
            "POST",
            "/invocations",
            content=whole,
            headers={"content-type": "application/json"},
        )
    )

    expected = [late(row["distance"], 0.5) for row in rows]
    assert [row["probability"] for row in found] == pytest.approx(expected, abs=1e-6)


def test_the_open_inference_protocol_says_the_same(folder: Path) -> None:
    inputs = [
        {
            "name": n,
            "shape": [1],
            "datatype": "BYTES" if isinstance(v, str) else "FP32",
            "data": [v],
        }
        for n, v in GIVEN.items()
    ]

    answer = ask(
        folder, "POST", "/v2/models/late-arrival/infer", json={"id": "7", "inputs": inputs}
    )

    found = answer.json()
    assert (found["id"], found["model_version"]) == ("7", "1.2.0")
    tensors = {tensor["name"]: tensor["data"] for tensor in found["outputs"]}
    assert tensors["probability"] == pytest.approx([late(1000, 0.5)], abs=1e-6)
    assert tensors["late"] == [0]


def test_odd_values_are_flagged_where_one_looks_for_them(folder: Path) -> None:
    row = GIVEN | {"carrier": "ZZ", "colour": "red"}

    mlflow = ask(folder, "POST", "/invocations", json={"dataframe_records": [row]})

    said = "row 0, column 'carrier': 'ZZ' was not among the rows the model learned from"
    assert predictions(mlflow)
    assert mlflow.headers["x-flags"] == f"column 'colour' is none of the model's; {said}"


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("/ping", "\n"),
        ("/health", "\n"),
        ("/version", "1.2.0"),
        ("/v2/health/live", '{"live":true}'),
        ("/v2/health/ready", '{"ready":true}'),
        ("/v2/models/late-arrival/ready", '{"name":"late-arrival","ready":true}'),
        ("/v2/models/late-arrival/versions/1.2.0/ready", '{"name":"late-arrival","ready":true}'),
    ],
)
def test_who_asks_how_it_is_is_told(folder: Path, path: str, content: str) -> None:
    answer = ask(folder, "GET", path)

    assert (answer.status_code, answer.text) == (200, content)


@pytest.mark.parametrize(
    "path", ["/docs", "/openapi.json", "/metrics", "/v2", "/v2/models/late-arrival"]
)
def test_who_asks_what_it_is_is_told(folder: Path, path: str) -> None:
    assert ask(folder, "GET", path).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/ping/", 404),
        ("GET", "/v2/models/other", 404),
        ("POST", "/v2/models/late-arrival/versions/9/infer", 404),
        ("GET", "/invocations", 405),
        ("POST", "/ping", 405),
    ],
)
def test_what_is_not_served_is_told(folder: Path, method: str, path: str, status: int) -> None:
    answer = ask(folder, method, path)

    assert answer.status_code == status
    assert answer.text


def test_more_rows_than_the_limit_are_refused(folder: Path) -> None:
    answer = ask(
        folder, "POST", "/invocations", {"row_limit": 2}, json={"dataframe_records": [GIVEN] * 3}
    )

    assert answer.status_code == 413
    assert answer.json()["message"] == "3 rows; send at most 2 at once"


def test_requests_are_recorded_when_asked_for(folder: Path, tmp_path: Path) -> None:
    record = tmp_path / "requests.jsonl"

    async def twice() -> None:
        with client(folder, capture=record) as asking:
            for _ in range(2):
                await asking.post("/invocations", json={"dataframe_records": [ROW]})
            await asyncio.sleep(1.2)

    asyncio.run(twice())

    lines = [json.loads(line) for line in record.read_text().splitlines()]
    assert [line["columns"] for line in lines] == [ROW, ROW]
