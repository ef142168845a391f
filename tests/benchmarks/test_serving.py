"""The comparison of servers: one short round of it, so that it cannot rot, and what must end it."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import ROOT

OURS, EMPTY, FASTAPI = "this repository", "an empty endpoint", "FastAPI, DataFrame per request"
MANY, ONE, LARGE = "one row, 16 connections", "one row, 1 connection", "1,000 rows, 4 connections"


@pytest.fixture(autouse=True)
def _path(monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in ("benchmarks", "benchmarks/serving"):
        monkeypatch.syspath_prepend(str(ROOT / folder))


@pytest.mark.slow
def test_servers_are_compared_on_right_answers(ran: Path, tmp_path: Path) -> None:
    found = tmp_path / "serving.json"
    done = subprocess.run(
        [sys.executable, "benchmarks/serving", "--quick", str(found)],
        cwd=ran,
        env=os.environ | {"PYTHONPATH": f"{ran / 'benchmarks'}:{ran / 'src'}"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode in (0, 1), done.stdout + done.stderr  # 1: a short round misses a goal
    result = json.loads(found.read_text(encoding="utf-8"))
    servers = result["servers"]
    assert set(servers) == {OURS, EMPTY, FASTAPI}
    for name, of in servers.items():
        assert name in done.stdout
        assert set(of["loads"]) >= {MANY, ONE, LARGE}
        assert of["cold_seconds"] > 0
        assert of["rss_mb"] >= of["pss_mb"] > 10
        for load in of["loads"].values():
            assert load["rate"] > 0
            assert 0 < load["p50_ms"] <= load["p99_ms"]
    rate = {name: of["loads"][MANY]["rate"] for name, of in servers.items()}
    assert rate[EMPTY] > rate[OURS] > 5 * rate[FASTAPI]
    assert "keys given, 16 connections" in servers[OURS]["loads"]
    assert set(result["floors"]) == {"row", "rows", "keys"}
    best = result["goals"]["one row, times the best peer's rate"]
    assert best["measured"] == pytest.approx(rate[OURS] / rate[FASTAPI], abs=1e-3)
    for goal in result["goals"].values():
        above, below = goal["measured"] >= goal["goal"], goal["measured"] <= goal["goal"]
        assert goal["holds"] == (above if goal["bound"] == "at least" else below)


def test_a_wrong_answer_is_told_from_a_right_one() -> None:
    from questions import Questions

    two = Questions([b"{}"], [np.array([0.25, 0.75])])

    records = [{"late": 0, "probability": 0.25}, {"late": 1, "probability": 0.7500001}]
    assert two.wrong(0, 200, json.dumps({"predictions": records}).encode()) is None
    assert two.wrong(0, 200, b'{"predictions": [[0.75, 0.25], [0.25, 0.75]]}') is None
    assert two.wrong(0, 200, b'{"predictions": [[0.75, 0.25], [0.25, 0.7501]]}')
    assert two.wrong(0, 200, b'{"predictions": [[0.75, 0.25], [0.25, NaN]]}')
    assert two.wrong(0, 200, b'{"predictions": [[0.75, 0.25]]}')
    assert two.wrong(0, 500, b'{"predictions": [[0.75, 0.25], [0.25, 0.75]]}')


class Refusing(BaseHTTPRequestHandler):
    """Answers every other request with 503."""

    protocol_version = "HTTP/1.1"
    asked = 0

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        Refusing.asked += 1
        self.send_response(503 if Refusing.asked % 2 else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def refusing() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Refusing) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/invocations"
        server.shutdown()


@pytest.mark.slow
def test_a_failed_request_under_load_ends_the_benchmark(refusing: str, tmp_path: Path) -> None:
    import load

    (tmp_path / "bodies.txt").write_text("{}\n{}\n")

    with pytest.raises(SystemExit, match=r"failed requests at 1 connections: \{'status': "):
        load.run(refusing, tmp_path / "bodies.txt", 1, 1)


def test_without_wrk_the_benchmark_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import load

    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(SystemExit, match="apt-get install wrk"):
        load.must_be_there()


def test_a_server_is_stopped_with_all_that_it_started(tmp_path: Path) -> None:
    import processes
    import servers

    stubborn = "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(60)"
    parent = f"import subprocess as s, sys; s.run([sys.executable, '-c', {stubborn!r}])"
    server = servers.Server("a parent", lambda python, _port: [python, "-c", parent])
    running = servers.Running(server, tmp_path, tmp_path / "model.joblib", tmp_path)
    while len(started := processes.named(running.pid)) < 2:
        time.sleep(0.01)

    running.stop()

    deadline = time.monotonic() + 5  # a killed process takes a moment to be gone
    while processes.named(max(started)) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert len(started) == 2
    assert not any(processes.named(process) for process in started)
