"""The process: how it starts, how it ends, and what it does when there is too much to do."""

import asyncio
import socket
import statistics
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest

from serving.manifest import Build, Manifest
from tests.serving.folders import export
from tests.serving.processes import Running, serving
from tests.serving.test_app import GIVEN

QUIET = ("--log", "events")


@pytest.fixture
def folder(tmp_path: Path, flights_like: Manifest, build: Build) -> Path:
    return export(tmp_path / "export", flights_like, build)


def refused(*options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "serving", *options], capture_output=True, text=True, check=False
    )


def test_it_answers_and_ends_with_0(folder: Path) -> None:
    with serving(folder, "--drain", "0") as server:
        answer = httpx.post(
            f"{server.address}/invocations",
            json={"dataframe_records": [GIVEN]},
            headers={"x-request-id": "order-17"},
        )
        code, said = server.stop()

    assert answer.status_code == 200
    assert code == 0
    (request,) = [line for line in said if line["event"] == "request"]
    assert (request["id"], request["address"], request["status"]) == (
        "order-17",
        "/invocations",
        200,
    )
    assert said[-1]["event"] == "stopped"


def test_a_corrupt_model_keeps_it_from_starting(folder: Path) -> None:
    (folder / "model.onnx").write_bytes((folder / "model.onnx").read_bytes()[:-1])

    ended = refused("--model", str(folder))

    assert ended.returncode == 3
    assert ended.stderr.startswith(f"error: {folder}/model.onnx was altered: its sha256 is")
    assert ended.stderr.count("\n") == 1


def test_a_port_that_is_taken_keeps_it_from_starting(folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])

        ended = refused("--model", str(folder), "--port", port)

    assert ended.returncode == 3
    assert f"port {port} cannot be listened on" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_it_says_that_it_is_no_longer_ready_before_it_stops(folder: Path) -> None:
    with serving(folder, "--drain", "1.5") as server, httpx.Client() as client:
        assert client.get(f"{server.address}/v2/health/ready").status_code == 200
        server.process.terminate()
        time.sleep(0.3)

        ready = client.get(f"{server.address}/v2/health/ready")
        live = client.get(f"{server.address}/v2/health/live")
        answer = client.post(f"{server.address}/invocations", json={"dataframe_records": [GIVEN]})
        code, _ = server.stop()

    assert (ready.status_code, live.status_code, answer.status_code) == (503, 200, 200)
    assert ready.headers["connection"] == "close"
    assert code == 0


class Load:
    """Requests at a fixed rate, whatever becomes of those before; each on its own connection or
    one that is free.
    """

    def __init__(self, server: Running, body: bytes) -> None:
        self._port, self._free = server.port, list[Any]()
        self._request = (
            b"POST /invocations HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
        )
        self.outcomes: Counter[str] = Counter()
        self.latencies: list[float] = []
        """Of answered requests, seconds."""

    async def run(self, rate: float, seconds: float) -> None:
        began, sent, waiting = time.perf_counter(), 0, set[asyncio.Task[None]]()
        while (now := time.perf_counter() - began) < seconds:
            while sent < now * rate:
                task = asyncio.ensure_future(self.ask())
                waiting.add(task)
                task.add_done_callback(waiting.discard)
                sent += 1
            await asyncio.sleep(0.002)
        await asyncio.gather(*waiting)

    async def ask(self) -> None:
        began, fresh = time.perf_counter(), False
        reader: Any = None
        writer: Any = None
        try:
            while self._free and reader is None:
                reader, writer = self._free.pop()
                if reader.at_eof():
                    reader = None
            if reader is None:
                fresh = True
                reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
            writer.write(self._request)
            head = await reader.readuntil(b"\r\n\r\n")
            fields = head.lower().split(b"\r\n")
            (length,) = [int(f.split(b":")[1]) for f in fields if f.startswith(b"content-length")]
            await reader.readexactly(length)
        except (OSError, asyncio.IncompleteReadError) as reason:
            # A new connection may be reset by the kernel before the server has taken it.
            self.outcomes["not taken" if fresh else f"lost: {reason!r}"] += 1
            return
        status = head.split(b" ", 2)[1].decode()
        self.outcomes[status] += 1
        if status == "200":
            self.latencies.append(time.perf_counter() - began)
        if b"connection: close" in fields:
            writer.close()
        else:
            self._free.append((reader, writer))


BODY = httpx.Request("POST", "http://x", json={"dataframe_records": [GIVEN]}).content


@pytest.mark.slow
def test_twice_what_it_can_do_is_shed_and_it_recovers(
    tmp_path: Path, flights_like: Manifest
) -> None:
    slow = export(tmp_path / "slow", flights_like, work=500_000)  # milliseconds a row
    with serving(slow, *QUIET, "--waiting", "16") as server:
        capacity = _capacity(server)
        calm, storm, after = (Load(server, BODY) for _ in range(3))
        asyncio.run(calm.run(capacity / 4, 3))
        before = server.resident()
        asyncio.run(storm.run(2 * capacity, 60))
        grown = server.resident() - before
        asyncio.run(after.run(capacity / 4, 3))

    assert set(calm.outcomes) == {"200"}
    assert set(storm.outcomes) == {"200", "503"}
    assert storm.outcomes["200"] > 0.5 * capacity * 60
    assert storm.outcomes["503"] > 0.2 * capacity * 60
    assert statistics.quantiles(storm.latencies, n=100)[98] < 1
    assert grown < 120_000_000, "some 60 kB for each open connection"
    assert set(after.outcomes) == {"200"}
    assert statistics.median(after.latencies) < 3 * statistics.median(calm.latencies) + 0.01


def _capacity(server: Running) -> float:
    """Requests per second, as eight who each wait for their answer get."""
    load = Load(server, BODY)

    async def one(until: float) -> None:
        while time.perf_counter() < until:
            await load.ask()

    async def all_of_them() -> None:
        until = time.perf_counter() + 2
        await asyncio.gather(*(one(until) for _ in range(8)))

    asyncio.run(all_of_them())
    assert set(load.outcomes) == {"200"}
    return load.outcomes["200"] / 2


@pytest.mark.slow
def test_sigterm_under_load_loses_no_accepted_request(folder: Path) -> None:
    with serving(folder) as server:
        load = Load(server, BODY)

        async def interrupted() -> None:
            asking = asyncio.ensure_future(load.run(300, 5))
            await asyncio.sleep(1.5)
            server.process.terminate()
            await asking

        asyncio.run(interrupted())
        code, said = server.stop()

    answered = [line["status"] for line in said if line["event"] == "request"]
    assert code == 0
    assert load.outcomes["200"] > 300
    assert load.outcomes["not taken"] > 300
    assert set(load.outcomes) == {"200", "not taken"}
    assert answered == [200] * load.outcomes["200"], "what the server took, the client got"
