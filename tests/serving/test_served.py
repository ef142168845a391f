"""What is served is what the pipeline predicted, for every test row, in every form."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pandas as pd
import pytest
from mlflow.pyfunc.scoring_server.client import ScoringServerClient

from tests.serving.processes import Running, serving

pytestmark = pytest.mark.slow

CHUNK = 2000
JSON = {"content-type": "application/json"}


@pytest.fixture
def server(finished: Path) -> Iterator[Running]:
    with serving(finished / "artifacts/export", "--log", "events") as running:
        yield running


@pytest.fixture
def manifest(finished: Path) -> dict[str, Any]:
    return json.loads((finished / "artifacts/export/manifest.json").read_text())


@pytest.fixture
def rows(finished: Path) -> pd.DataFrame:
    return pd.read_parquet(finished / "artifacts/test.parquet")


@pytest.fixture
def expected(finished: Path) -> Any:
    return pd.read_parquet(finished / "artifacts/predictions.parquet")["prediction"].to_numpy()


def columns(rows: pd.DataFrame) -> dict[str, list[Any]]:
    """Values as JSON has them."""
    return {
        str(name): [None if pd.isna(value) else value for value in rows[name].tolist()]
        for name in rows
    }


def records(rows: pd.DataFrame) -> list[dict[str, Any]]:
    values = columns(rows)
    return [dict(zip(values, row, strict=True)) for row in zip(*values.values(), strict=True)]


def split(rows: pd.DataFrame) -> dict[str, Any]:
    values = columns(rows)
    return {"columns": list(values), "data": [list(r) for r in zip(*values.values(), strict=True)]}


def invocation(form: str, content: Callable[[pd.DataFrame], Any]) -> Any:
    def ask(server: Running, rows: pd.DataFrame) -> list[float]:
        body = json.dumps({form: content(rows)}).encode()
        answer = httpx.post(f"{server.address}/invocations", content=body, headers=JSON)
        assert answer.status_code == 200, answer.text
        return [row["probability"] for row in answer.json()["predictions"]]

    return ask


def csv(server: Running, rows: pd.DataFrame) -> list[float]:
    body, kind = rows.to_csv(index=False).encode(), {"content-type": "text/csv"}
    answer = httpx.post(f"{server.address}/invocations", content=body, headers=kind)
    assert answer.status_code == 200, answer.text
    return [row["probability"] for row in answer.json()["predictions"]]


def mlflow_client(server: Running, rows: pd.DataFrame) -> list[float]:
    client: Any = ScoringServerClient
    answer = client("127.0.0.1", server.port).invoke(rows)
    found: Any = answer.get_predictions()
    return found["probability"].tolist()


def tensors(server: Running, rows: pd.DataFrame) -> list[float]:
    inputs = [
        {
            "name": name,
            "shape": [len(rows)],
            "datatype": "BYTES" if isinstance(values[0], str) else "FP32",
            "data": values,
        }
        for name, values in columns(rows).items()
    ]
    answer = httpx.post(f"{server.address}/v2/models/late-arrival/infer", json={"inputs": inputs})
    assert answer.status_code == 200, answer.text
    (found,) = [t["data"] for t in answer.json()["outputs"] if t["name"] == "probability"]
    return found


FORMS: dict[str, Callable[[Running, pd.DataFrame], list[float]]] = {
    "dataframe_split": invocation("dataframe_split", split),
    "dataframe_records": invocation("dataframe_records", records),
    "instances": invocation("instances", records),
    "inputs": invocation("inputs", columns),
    "csv": csv,
    "mlflow's client": mlflow_client,
    "open inference protocol": tensors,
}


def chunks(rows: pd.DataFrame) -> Iterator[pd.DataFrame]:
    for start in range(0, len(rows), CHUNK):
        yield rows.iloc[start : start + CHUNK]


def test_every_test_row_gets_the_prediction_of_the_pipeline(
    server: Running, rows: pd.DataFrame, expected: Any, manifest: dict[str, Any]
) -> None:
    inputs = [declared["name"] for declared in manifest["inputs"]]
    for form, ask in FORMS.items():
        found = np.concatenate([ask(server, chunk) for chunk in chunks(rows[inputs])])
        assert np.abs(found - expected).max() < 1e-6, form


def test_so_does_every_row_that_leaves_the_table_features_out(
    server: Running, rows: pd.DataFrame, expected: Any, manifest: dict[str, Any]
) -> None:
    own = [declared["name"] for declared in manifest["inputs"] if "table" not in declared]
    bare = rows[[*own, *(key["name"] for key in manifest["keys"])]]
    assert len(own) == 6
    for form, ask in FORMS.items():
        found = np.concatenate([ask(server, chunk) for chunk in chunks(bare)])
        assert np.abs(found - expected).max() < 1e-6, form


def test_small_requests_say_the_same_as_large_ones(
    server: Running, rows: pd.DataFrame, expected: Any, manifest: dict[str, Any]
) -> None:
    inputs = [declared["name"] for declared in manifest["inputs"]]
    with httpx.Client(base_url=server.address) as client:
        for at in range(0, len(rows), 20):
            body = json.dumps({"dataframe_split": split(rows[inputs].iloc[[at]])}).encode()
            (found,) = client.post("/invocations", content=body, headers=JSON).json()["predictions"]
            assert found["probability"] == pytest.approx(expected[at], abs=1e-6)
