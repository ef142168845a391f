"""Requests out, replies and their times in; a few connections, each with a client of its own."""

import ssl
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache

import httpx

from mlops.replay.result import Endpoint, Role
from mlops.replay.route import Turn
from mlops.replay.sides import READY, Side
from mlops.replay.traffic import Question
from mlops.report.untrusted import clean

PATIENCE = 10.0  # seconds for an answer to begin, and again between its parts
IDLE = 1.0  # seconds that a connection waits; servers close theirs after some more
WHOLE = 30.0  # seconds for all of an answer
LARGEST = 8 * 1024 * 1024  # bytes of an answer that are read
HOPELESS = 20  # requests in a row without an answer, from which on a server is not asked
WARM = 20  # requests to each side that are not counted, on every connection
ENDPOINTS = ("/ping", "/version", "/v2/health/live", READY, "/v2")


@dataclass(frozen=True)
class Reply:
    """What came back: the status of HTTP and the body, or no status and why."""

    question: int
    role: Role
    milliseconds: float
    status: int | None
    body: bytes = b""
    why: str = ""


def exchange(
    sides: Mapping[Role, Side],
    asked: Sequence[Question],
    turns: Sequence[Turn],
    connections: int,
    rate: float | None = None,
) -> list[Reply]:
    """All replies, in no particular order. A server that fails or hangs is a reply, not an error.

    `rate` is turns per second over all connections; None for as fast as answers come.
    """
    alive = {role: _Pulse() for role in sides}
    ahead, stopped = iter(enumerate(turns)), threading.Event()
    started = time.monotonic()

    def work() -> list[Reply]:
        replies: list[Reply] = []
        with ExitStack() as open_clients:
            clients = {
                role: open_clients.enter_context(client(side)) for role, side in sides.items()
            }
            for number, (question, order) in ahead:
                if rate is not None:
                    stopped.wait(started + number / rate - time.monotonic())
                if stopped.is_set():
                    break
                body = asked[question].body
                replies += [
                    _ask(clients[role], alive[role], question, role, body) for role in order
                ]
        return replies

    with ThreadPoolExecutor(connections) as pool:
        try:
            jobs = [pool.submit(work) for _ in range(connections)]
            return [reply for job in jobs for reply in job.result()]
        finally:
            stopped.set()


def warm(sides: Mapping[Role, Side], asked: Sequence[Question], connections: int) -> None:
    """Ask some requests that nobody counts."""
    turns: list[Turn] = [(at % len(asked), tuple(sides)) for at in range(WARM * connections)]
    exchange(sides, asked, turns, connections)


def endpoints(side: Side) -> tuple[list[Endpoint], str]:
    """What the addresses beside the predictions answer, and the version that is told."""
    found, version = [], ""
    with client(side) as opened:
        for path in ENDPOINTS:
            reply = _send(opened, opened.build_request("GET", path), 0, side.role)
            found.append(Endpoint(path=path, status=reply.status))
            if path == "/version" and reply.status == httpx.codes.OK:
                version = clean(reply.body[:400].decode(errors="replace"), 100)
    return found, version


def client(side: Side) -> httpx.Client:
    """A client of a side: no redirect, no proxy, no password file, no compression."""
    headers = {"Accept-Encoding": "identity"}
    if side.key:
        headers["Authorization"] = f"Bearer {side.key}"
    return httpx.Client(
        base_url=side.url,
        headers=headers,
        timeout=PATIENCE,
        limits=httpx.Limits(keepalive_expiry=IDLE),
        follow_redirects=False,
        trust_env=False,
        verify=_trust(),
    )


@cache
def _trust() -> ssl.SSLContext:
    """The certificates that this machine trusts, SSL_CERT_FILE among them."""
    return ssl.create_default_context()


class _Pulse:
    """Whether a server still answers."""

    def __init__(self) -> None:
        self.silent, self.waited = 0, 0.0

    def note(self, reply: Reply) -> None:
        if reply.status is None:
            self.silent, self.waited = self.silent + 1, self.waited + reply.milliseconds
        else:
            self.silent, self.waited = 0, 0.0

    @property
    def dead(self) -> bool:
        return self.silent >= HOPELESS or self.waited > 1000 * WHOLE


def _ask(opened: httpx.Client, pulse: _Pulse, question: int, role: Role, body: bytes) -> Reply:
    if pulse.dead:
        why = f"not asked, as {pulse.silent} requests in a row had no answer"
        return Reply(question, role, 0.0, None, why=why)
    request = opened.build_request(
        "POST", "/invocations", content=body, headers={"Content-Type": "application/json"}
    )
    reply = _send(opened, request, question, role)
    pulse.note(reply)
    return reply


def _send(opened: httpx.Client, request: httpx.Request, question: int, role: Role) -> Reply:
    started = time.perf_counter()

    def taken() -> float:
        return 1000 * (time.perf_counter() - started)

    try:
        answer = opened.send(request, stream=True)
        try:
            body = b"".join(_bounded(answer, started + WHOLE))
        finally:
            answer.close()
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError) as broken:
        why = clean(f"{type(broken).__name__}: {broken}", 200)
        return Reply(question, role, taken(), None, why=why)
    milliseconds = taken()
    return Reply(question, role, milliseconds, answer.status_code, _without_key(body, request))


def _without_key(body: bytes, request: httpx.Request) -> bytes:
    """An answer that repeats what it was asked must not carry the key into a report."""
    key = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return body.replace(key.encode(), b"[key]") if key else body


def _bounded(answer: httpx.Response, until: float) -> Iterator[bytes]:
    length = 0
    for chunk in answer.iter_raw():
        length += len(chunk)
        if length > LARGEST:
            raise httpx.ReadError(f"the answer is larger than {LARGEST >> 20} MB")
        if time.perf_counter() > until:
            raise httpx.ReadTimeout(f"the answer took more than {WHOLE:.0f} s")
        yield chunk
