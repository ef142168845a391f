"""A model server in this process, whose answers, delays and failures a test decides."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

Records = list[dict[str, Any]]


def probability(record: dict[str, Any]) -> float:
    """What the stub's model says of a row: it grows with `amount`, 0 to 100."""
    return round(0.05 + 0.009 * float(record["amount"]), 6)


def binary(records: Records) -> list[Any]:
    return [
        {"repaid": int(probability(record) >= 0.5), "probability": probability(record)}
        for record in records
    ]


@dataclass
class Stub:
    """How a server behaves; a test may change it while it runs."""

    predict: Callable[[Records], Any] = binary
    delay: float = 0.0
    """Seconds until a prediction."""
    status: int = 200
    broken_after: int | None = None
    """How many predictions are made before connections are cut without an answer."""
    failing: Callable[[Records], bool] = lambda _: False
    beside: dict[str, int] = field(default_factory=dict)
    """The status of other addresses, where it is not 200."""
    location: str = ""
    asked: list[Records] = field(default_factory=list)
    keys: set[str | None] = field(default_factory=set)
    url: str = ""


@contextmanager
def serving(stub: Stub) -> Iterator[Stub]:
    """The stub, at `stub.url`."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # or every answer waits for the client's acknowledgement

        def do_GET(self) -> None:
            self._answer(stub.beside.get(self.path, 200), b"v1.2.0")

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            split = body["dataframe_split"]
            records = [dict(zip(split["columns"], row, strict=True)) for row in split["data"]]
            stub.asked.append(records)
            stub.keys.add(self.headers.get("Authorization"))
            if stub.broken_after is not None and len(stub.asked) > stub.broken_after:
                self.close_connection = True
                return
            time.sleep(stub.delay)
            if stub.status != 200 or stub.failing(records):
                status = stub.status if stub.status != 200 else 500
                self._answer(status, b'{"message": "cannot: [click](http://evil.example)"}')
            else:
                self._answer(200, json.dumps({"predictions": stub.predict(records)}).encode())

        def _answer(self, status: int, content: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            if stub.location:
                self.send_header("Location", stub.location)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Says nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """A client that left is none."""

    server = Server(("127.0.0.1", 0), Handler)
    stub.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield stub
    finally:
        server.shutdown()
        server.server_close()
