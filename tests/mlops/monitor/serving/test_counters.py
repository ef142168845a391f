"""Where the counts come from."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from mlops.monitor.result import MonitorFailed
from mlops.monitor.serving import counters
from mlops.monitor.serving.counters import collect


def text(requests: int, rows: int = 0) -> str:
    return (
        "# TYPE serving_rows_total counter\n"
        f"serving_rows_total {rows}\n"
        "# TYPE serving_requests_total counter\n"
        f'serving_requests_total{{address="/invocations",status="200"}} {requests}\n'
        "# TYPE serving_ready gauge\n"
        "serving_ready 1\n"
    )


def counts(*sources: str) -> list[float]:
    """Of requests and rows."""
    found, _ = collect(sources)
    return [
        sum(times for _, times in found.of(name))
        for name in ("serving_requests_total", "serving_rows_total")
    ]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SERVING_API_KEY", raising=False)


def test_two_scrapes_tell_what_happened_between_them() -> None:
    Path("monday.txt").write_text(text(100, 200))
    Path("sunday.txt").write_text(text(150, 260))

    assert counts("monday.txt..sunday.txt") == [50, 60]
    assert collect(["monday.txt..sunday.txt"])[1] == "monday.txt..sunday.txt"


def test_a_series_that_is_new_counts_whole() -> None:
    refusals = text(100).replace('status="200"', 'status="400"')
    answers = text(7).splitlines(keepends=True)[3]
    Path("a").write_text(refusals)
    Path("b").write_text(refusals.replace("# TYPE serving_ready", f"{answers}# TYPE serving_ready"))

    assert counts("a..b")[0] == 7


def test_after_a_restart_all_of_the_later_scrape_counts() -> None:
    # The requests have overtaken those of before, and the rows tell that it was another process.
    Path("a").write_text(text(100, 200))
    Path("b").write_text(text(120, 130))

    assert counts("a..b") == [120, 130]


def test_paths_may_have_dots_of_their_own() -> None:
    Path("below").mkdir()
    for name, times in {"a": 1, "b": 4}.items():
        Path(f"below/..{name}").write_text(text(times))

    assert counts("below/..b")[0] == 4
    assert counts("below/../below/..a..below/../below/..b")[0] == 3


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"<html>", "not Prometheus' text format|no serving_rows_total"),
        (b"", "there is no serving_rows_total in it"),
        (b"\xff\xfe", "cannot be read"),
        (b'serving_rows_total{a="1} x\n', "not Prometheus' text format"),
        (b'serving_request_seconds_bucket{le="soon"} 3\n', "not Prometheus' text format"),
    ],
)
def test_what_is_none_of_a_servers_metrics_is_named(content: bytes, told: str) -> None:
    Path("odd.txt").write_bytes(content)

    with pytest.raises(MonitorFailed, match=told) as failed:
        collect(["odd.txt"])

    assert str(failed.value).startswith("odd.txt: ")


@pytest.mark.parametrize("source", ["absent.txt", "a..b", ".."])
def test_a_file_that_is_not_there_is_named(source: str) -> None:
    with pytest.raises(MonitorFailed, match=r"EARLIER\.\.LATER") as failed:
        collect([source])

    assert str(failed.value).startswith(f"{source}: there is no such file")


# A server itself.


class Server(BaseHTTPRequestHandler):
    """Answers `text(5)` at /metrics to those who have the key, and sends others elsewhere."""

    def do_GET(self) -> None:
        known = self.headers.get("Authorization") == "Bearer open"
        moved = self.path == "/moved"
        self.send_response(302 if moved else 200 if known else 401)
        if moved:
            self.send_header("Location", "/metrics")
        self.end_headers()
        if known and not moved:
            self.wfile.write(b"\xff" if self.path == "/odd" else text(5).encode())

    def log_message(self, *_: object) -> None:
        """Quietly."""


@pytest.fixture
def address() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_server_is_asked_with_its_key(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVING_API_KEY", "open")

    assert counts(f"http://{address}/metrics")[0] == 5


def test_what_is_secret_in_an_address_is_not_told(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SERVING_API_KEY", "open")

    _, named = collect([f"http://{address}/metrics?token=secret"])
    with pytest.raises(MonitorFailed) as failed:
        collect([f"http://me:secret@{address}/metrics"])

    assert named == f"http://{address}/metrics"
    assert "secret" not in str(failed.value)


@pytest.mark.parametrize(
    ("path", "key", "told"),
    [
        ("/metrics", "", "answered 401; is SERVING_API_KEY its key?"),
        ("/moved", "open", "answered 302"),
        ("/odd", "open", "cannot be asked"),
    ],
)
def test_a_server_that_does_not_tell_is_named(
    address: str, path: str, key: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SERVING_API_KEY", key)

    with pytest.raises(MonitorFailed) as failed:
        collect([f"http://{address}{path}"])

    assert str(failed.value).startswith(f"http://{address}{path}: {told}")


def test_a_server_that_is_not_there_is_named() -> None:
    with pytest.raises(MonitorFailed, match=r"^http://127\.0\.0\.1:1/metrics: cannot be asked"):
        collect(["http://127.0.0.1:1/metrics"])


def test_an_address_that_is_none_is_named() -> None:
    with pytest.raises(MonitorFailed, match="cannot be asked") as failed:
        collect(["http://me:secret@[::1/metrics?token=secret"])

    assert "secret" not in str(failed.value)


def test_an_answer_without_an_end_is_not_read(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SERVING_API_KEY", "open")
    monkeypatch.setattr(counters, "LARGEST", 10)

    with pytest.raises(MonitorFailed, match="larger than"):
        collect([f"http://{address}/metrics"])
