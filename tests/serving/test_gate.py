"""What every request passes on its way in, and every answer on its way out."""

import asyncio
import gzip
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from serving.errors import Rejected
from serving.gate import Gate
from serving.logs import Log
from serving.manifest import Build, Manifest
from serving.metrics import Metrics
from serving.settings import Settings
from tests.serving.folders import export
from tests.serving.test_app import GIVEN, ask

KEY = "a-key-of-twenty-chars"
BODY = {"dataframe_records": [GIVEN]}


@pytest.fixture
def folder(tmp_path: Path, flights_like: Manifest, build: Build) -> Path:
    return export(tmp_path / "export", flights_like, build)


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": f"Bearer {KEY}"},
        {"authorization": f"bearer  {KEY} "},
        {"x-api-key": KEY},
    ],
)
def test_a_valid_key_opens(folder: Path, headers: dict[str, str]) -> None:
    keys = {"keys": ("another-key-of-20-chars", KEY)}

    assert ask(folder, "POST", "/invocations", keys, json=BODY, headers=headers).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [{}, {"authorization": f"Basic {KEY}"}, {"x-api-key": KEY[:-1]}, {"x-api-key": "clé"}],
)
@pytest.mark.parametrize("path", ["/invocations", "/metrics", "/docs", "/v2/models/late-arrival"])
def test_without_one_nothing_is_said(folder: Path, path: str, headers: dict[str, str]) -> None:
    encoded = {name: value.encode() for name, value in headers.items()}

    answer = ask(folder, "GET", path, {"keys": (KEY,)}, headers=encoded)

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert "send a valid key" in answer.text


@pytest.mark.parametrize("path", ["/ping", "/v2/health/live", "/v2/health/ready"])
def test_whether_it_is_there_may_be_asked_without_a_key(folder: Path, path: str) -> None:
    assert ask(folder, "GET", path, {"keys": (KEY,)}).status_code == 200


def test_a_body_over_the_limit_is_not_read(folder: Path) -> None:
    small = {"body_limit": 1000}
    told = ask(folder, "POST", "/invocations", small, content=b" " * 1001)

    async def parts() -> AsyncIterator[bytes]:
        for _ in range(11):
            yield b" " * 100

    untold = ask(folder, "POST", "/invocations", small, content=parts())

    assert (told.status_code, untold.status_code) == (413, 413)
    assert "larger than 0.00095" in told.json()["message"]


def test_a_compressed_body_is_refused_before_it_is_inflated(folder: Path) -> None:
    bomb = gzip.compress(bytes(10_000_000))

    answer = ask(folder, "POST", "/invocations", content=bomb, headers={"content-encoding": "gzip"})

    assert answer.status_code == 415
    assert "'gzip' is not read here" in answer.json()["message"]


def test_a_body_that_does_not_arrive_is_given_up(folder: Path) -> None:
    async def slow() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.sleep(5)

    answer = ask(folder, "POST", "/invocations", {"read_limit": 0.05}, content=slow())

    assert answer.status_code == 408
    assert answer.headers["connection"] == "close"


@pytest.mark.parametrize(
    ("given", "kept"),
    [("order-17", True), ("x" * 129, False), ("tab\there", False), ("ümlaut", False)],
)
def test_a_request_has_an_id(folder: Path, given: str, kept: bool) -> None:
    answer = ask(folder, "GET", "/ping", headers={"x-request-id": given.encode()})

    assert (answer.headers["x-request-id"] == given) is kept
    assert answer.headers["x-request-id"]


class Asked:
    """A gate in front of an application that does what a test wants."""

    def __init__(self, manifest: Manifest, does: Any, *, closing: bool = False) -> None:
        self.lines = io.BytesIO()
        self.metrics = Metrics(manifest, Build())
        self.log = Log(self.lines)
        self.gate = Gate(
            does,
            addresses=frozenset({"/known"}),
            settings=Settings(model=Path()),
            metrics=self.metrics,
            log=self.log,
            closing=lambda: closing,
        )

    def get(self, path: str) -> httpx.Response:
        async def once() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.gate)
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as asking:
                return await asking.get(path)

        return asyncio.run(once())

    def said(self) -> list[dict[str, Any]]:
        self.log.flush()
        return [json.loads(line) for line in self.lines.getvalue().splitlines()]


@pytest.fixture
def described(flights_like: Manifest) -> Manifest:
    flights_like.files["model.onnx"] = "0123456789abcdef"
    return flights_like


def test_a_rejection_is_counted_logged_and_told_in_the_words_of_the_protocol(
    described: Manifest,
) -> None:
    async def rejects(*_: Any) -> None:
        raise Rejected("busy", "too much", 503)

    asked = Asked(described, rejects)
    mlflow, v2 = asked.get("/known"), asked.get("/v2/unknown")

    assert mlflow.json() == {"error_code": "TEMPORARILY_UNAVAILABLE", "message": "too much"}
    assert v2.json() == {"error": "too much"}
    assert mlflow.headers["retry-after"] == "1"
    assert 'serving_rejections_total{reason="busy"} 2.0' in asked.metrics.text().decode()
    lines = asked.said()
    assert [(line["address"], line["status"]) for line in lines] == [
        ("/known", 503),
        ("other", 503),
    ]
    assert lines[0]["why"] == "too much"
    assert lines[0]["id"] == mlflow.headers["x-request-id"]


def test_a_bug_is_answered_with_500_and_logged_with_its_place(described: Manifest) -> None:
    async def breaks(*_: Any) -> None:
        raise ZeroDivisionError("oh")

    asked = Asked(described, breaks)
    answer = asked.get("/known")

    assert answer.status_code == 500
    assert "oh" not in answer.text
    error, request = asked.said()
    assert "ZeroDivisionError: oh" in error["traceback"]
    assert request["status"] == 500


def test_a_server_about_to_stop_ends_its_connections(described: Manifest) -> None:
    async def answers(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    assert Asked(described, answers, closing=True).get("/known").headers["connection"] == "close"
    assert "connection" not in Asked(described, answers).get("/known").headers
