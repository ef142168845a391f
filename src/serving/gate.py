"""What every request passes on its way in, and every answer on its way out."""

import asyncio
import hmac
import itertools
import secrets
import time
import traceback
from collections.abc import Awaitable, Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.errors import Rejected
from serving.logs import Log
from serving.metrics import Metrics
from serving.protocols import mlflow, v2
from serving.settings import Settings

OPEN = frozenset({"/ping", "/health", "/v2/health/live", "/v2/health/ready"})
"""What may be asked without a key: it says no more than that the server is there."""
OTHER = "other"  # the address of whatever is not served, in logs and metrics
ID = 128  # characters of a request id that is taken over
BODIES = 8  # bodies of the largest size that may be in memory at once


class Gate:
    """The outermost ASGI application: keys, sizes, ids, errors, counts and logs."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        addresses: frozenset[str],
        settings: Settings,
        metrics: Metrics,
        log: Log,
        closing: Callable[[], bool],
    ) -> None:
        """closing: whether the server is about to stop, so that connections are to end."""
        self._app, self._addresses, self._settings = app, addresses, settings
        self._metrics, self._log, self._closing = metrics, log, closing
        self._keys = [key.encode() for key in settings.keys]
        self._prefix, self._count = secrets.token_hex(6), itertools.count(1)
        self._held = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        headers: dict[bytes, bytes] = dict(scope["headers"])
        name = self._id(headers)
        status, begun = 500, False
        told: Rejected | None = None

        async def answer(message: Message) -> None:
            nonlocal status, begun
            if message["type"] == "http.response.start":
                status, begun = message["status"], True
                message["headers"] = [*message["headers"], (b"x-request-id", name)]
                if self._closing():
                    message["headers"].append((b"connection", b"close"))
            await send(message)

        try:
            self._admit(scope, headers)
            scope["headers_by_name"], scope["read"] = headers, self._reader(receive)
            await self._app(scope, receive, answer)
        except Rejected as rejected:
            told = rejected
            self._metrics.rejected(rejected.reason)
            if not begun:
                await _refuse(scope, rejected, answer)
        except Exception:  # noqa: BLE001 - a bug is answered and told, and the server goes on
            self._log.write("error", id=name.decode(), traceback=traceback.format_exc())
            if not begun:
                await _refuse(scope, Rejected("error", "an error of the server", 500), answer)
        finally:
            self._ended(scope, name, status, time.perf_counter() - started, told)

    def _id(self, headers: dict[bytes, bytes]) -> bytes:
        given = headers.get(b"x-request-id")
        if given and len(given) <= ID and given.isascii() and given.decode().isprintable():
            return given
        return f"{self._prefix}-{next(self._count):x}".encode()

    def _admit(self, scope: Scope, headers: dict[bytes, bytes]) -> None:
        if self._keys and scope["path"] not in OPEN:
            given = headers.get(b"x-api-key", b"")
            kind, _, token = headers.get(b"authorization", b"").partition(b" ")
            shown = token.strip() if kind.lower() == b"bearer" else given
            if not any(hmac.compare_digest(shown, key) for key in self._keys):
                text = "send a valid key, as `Authorization: Bearer KEY` or `X-API-Key: KEY`"
                raise Rejected("key", text, 401)
        if (encoding := headers.get(b"content-encoding", b"identity").lower()) != b"identity":
            text = f"Content-Encoding {encoding.decode('latin-1')[:40]!r} is not read here"
            raise Rejected("media", f"{text}; send the body as it is", 415)
        length = headers.get(b"content-length", b"0")
        if length.isdigit() and (len(length) > 15 or int(length) > self._settings.body_limit):
            raise self._too_large()

    def _reader(self, receive: Receive) -> Callable[[], Awaitable[bytes]]:
        async def read() -> bytes:
            try:
                async with asyncio.timeout(self._settings.read_limit):
                    message = await receive()
                    if not message.get("more_body"):
                        return bytes(message.get("body", b""))
                    return await self._gather(message, receive)
            except TimeoutError:
                limit = self._settings.read_limit
                raise Rejected("time", f"the body did not arrive within {limit:g} s", 408) from None

        return read

    async def _gather(self, message: Message, receive: Receive) -> bytes:
        """A body in parts, as long as it, and all that are gathered now, are not too much."""
        body, limit = bytearray(), self._settings.body_limit
        try:
            while True:
                part = message.get("body", b"")
                body += part
                self._held += len(part)
                if len(body) > limit:
                    raise self._too_large()
                if self._held > BODIES * limit:
                    raise Rejected("busy", "too many large requests at once; try again", 503)
                if not message.get("more_body"):
                    return bytes(body)
                message = await receive()
        finally:
            self._held -= len(body)

    def _too_large(self) -> Rejected:
        limit = self._settings.body_limit / 1024 / 1024
        return Rejected("size", f"the body is larger than {limit:g} MiB; send fewer rows", 413)

    def _ended(
        self, scope: Scope, name: bytes, status: int, seconds: float, told: Rejected | None
    ) -> None:
        path = scope["path"]
        address = path if path in self._addresses else OTHER
        self._metrics.answered(address, status, seconds)
        if self._settings.log_requests:
            fields = {"reason": told.reason, "why": told.message} if told else {}
            self._log.write(
                "request",
                id=name.decode(),
                method=scope["method"],
                address=address,
                status=status,
                ms=round(1000 * seconds, 3),
                **fields,
            )


async def _refuse(scope: Scope, rejected: Rejected, send: Send) -> None:
    """Say no in the words of the protocol that was spoken."""
    protocol = v2 if scope["path"].startswith("/v2") else mlflow
    content = protocol.failure(rejected)
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(content)).encode()),
    ]
    if rejected.status in (429, 503):
        headers.append((b"retry-after", b"1"))
    if rejected.status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    if rejected.status in (408, 413):  # the rest of the body is not waited for
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": rejected.status, "headers": headers})
    await send({"type": "http.response.body", "body": content})
