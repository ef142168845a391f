"""The addresses, and what is answered there."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from numpy.typing import NDArray
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route, Router
from starlette.types import Receive, Scope, Send

from serving import metrics
from serving.batching import Batcher, Columns
from serving.capture import Capture
from serving.errors import Rejected
from serving.inputs import Batch, Inputs
from serving.manifest import Build, Manifest
from serving.model import Model
from serving.protocols import metadata, mlflow, openapi, v2
from serving.settings import Settings

JSON = "application/json"
SMALL = 64 * 1024  # bytes of a body that is read in the event loop; more would keep others waiting
FLAGS = 2048  # characters of flags in a header

T = TypeVar("T")


@dataclass
class Service:
    """A model and what surrounds it."""

    manifest: Manifest
    build: Build
    inputs: Inputs
    model: Model
    batcher: Batcher
    metrics: metrics.Metrics
    settings: Settings
    capture: Capture | None = None
    ready: bool = True

    async def predict(
        self, body: bytes, read: Callable[[], tuple[T, Columns, int]]
    ) -> tuple[T, Batch, NDArray[Any]]:
        """What `read` made of the body, the rows it holds, and their predictions."""
        self.batcher.admit()
        if len(body) > SMALL:
            work = partial(self._whole, read)
            limit = self.settings.answer_limit
            request, columns, batch, predictions = await self.batcher.beside(work, limit)
        else:
            request, columns, rows = read()
            self._check(rows)
            batch, predictions = await self.batcher.answer(columns, rows)
        self.metrics.predicted(batch, predictions)
        if self.capture:
            self.capture.record(columns, batch.rows, predictions)
        return request, batch, predictions

    def _whole(
        self, read: Callable[[], tuple[T, Columns, int]]
    ) -> tuple[T, Columns, Batch, NDArray[Any]]:
        request, columns, rows = read()
        self._check(rows)
        return request, columns, *ask(self.inputs, self.model, columns, rows)

    def _check(self, rows: int) -> None:
        if rows > self.settings.row_limit:
            text = f"{rows:,} rows; send at most {self.settings.row_limit:,} at once"
            raise Rejected("rows", text, 413)


def ask(inputs: Inputs, model: Model, columns: Columns, rows: int) -> tuple[Batch, NDArray[Any]]:
    """Rows, prepared, and their predictions. Raises Rejected."""
    batch = inputs.prepare(columns, rows)
    return batch, model.predict(batch.feeds)


class Invocations:
    """POST /invocations, the address that is asked most: an ASGI application without a detour."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def __call__(self, scope: Scope, _: Receive, send: Send) -> None:
        service, body = self._service, await scope["read"]()
        kind = scope["headers_by_name"].get(b"content-type", b"").decode("latin-1")

        def read() -> tuple[None, Columns, int]:
            return None, *mlflow.read(kind, body, service.manifest, service.settings.row_limit)

        _request, batch, predictions = await service.predict(body, read)
        content = mlflow.write(predictions, service.manifest)
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(content)).encode()),
        ]
        if batch.flags:
            told = "; ".join(batch.flags)[:FLAGS].encode("ascii", "backslashreplace")
            headers.append((b"x-flags", told))
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": content})


class Answers:
    """The other addresses."""

    def __init__(self, service: Service) -> None:
        self._service, self._manifest, self._build = service, service.manifest, service.build
        self._description = openapi.describe(service.manifest, service.build)
        self._page = openapi.page(self._description)

    async def ping(self, _: Request) -> Response:
        return self._readiness(b"\n")

    async def version(self, _: Request) -> Response:
        return Response(mlflow.version(self._build), media_type="text/plain")

    async def server(self, _: Request) -> Response:
        return Response(metadata.server(self._build), media_type=JSON)

    async def live(self, _: Request) -> Response:
        return Response(metadata.live(), media_type=JSON)

    async def ready(self, _: Request) -> Response:
        return self._readiness(metadata.ready(self._service.ready))

    async def model(self, request: Request) -> Response:
        self._known(request)
        return Response(metadata.model(self._manifest, self._build), media_type=JSON)

    async def model_ready(self, request: Request) -> Response:
        self._known(request)
        return self._readiness(metadata.model_ready(self._manifest, self._service.ready))

    async def infer(self, request: Request) -> Response:
        self._known(request)
        service, body = self._service, await request.scope["read"]()

        def read() -> tuple[v2.Request, Columns, int]:
            asked = v2.read(request.headers, body, self._manifest, service.settings.row_limit)
            return asked, asked.columns, asked.rows

        asked, batch, predictions = await service.predict(body, read)
        content, headers = v2.write(asked, predictions, batch.flags, self._manifest, self._build)
        return Response(content, headers=headers)

    async def metrics(self, _: Request) -> Response:
        return Response(self._service.metrics.text(), media_type=metrics.CONTENT_TYPE)

    async def description(self, _: Request) -> Response:
        return JSONResponse(self._description)

    async def docs(self, _: Request) -> Response:
        return HTMLResponse(self._page)

    def _known(self, request: Request) -> None:
        asked = request.path_params
        metadata.known(asked["name"], asked.get("version"), self._manifest, self._build)

    def _readiness(self, content: bytes) -> Response:
        return Response(content, 200 if self._service.ready else 503, media_type=JSON)


async def nowhere(_scope: Scope, _receive: Receive, _send: Send) -> None:
    """Any other address."""
    raise Rejected("address", "nothing is served here; /docs lists what is", 404)


def router(service: Service) -> Router:
    """All addresses of a service."""
    answers = Answers(service)
    model = "/v2/models/{name}"
    version = f"{model}/versions/{{version}}"
    routes = [
        Route("/invocations", Invocations(service), methods=["POST"]),
        Route("/ping", answers.ping),
        Route("/health", answers.ping),
        Route("/version", answers.version),
        Route("/v2", answers.server),
        Route("/v2/health/live", answers.live),
        Route("/v2/health/ready", answers.ready),
        Route("/metrics", answers.metrics),
        Route("/openapi.json", answers.description),
        Route("/docs", answers.docs),
    ]
    for place in (model, version):
        routes += [
            Route(place, answers.model),
            Route(f"{place}/ready", answers.model_ready),
            Route(f"{place}/infer", answers.infer, methods=["POST"]),
        ]
    return Router(routes, redirect_slashes=False, default=nowhere)


def addresses(manifest: Manifest, build: Build) -> frozenset[str]:
    """The paths that are counted by name."""
    place = f"/v2/models/{manifest.name}"
    return frozenset(
        ["/invocations", "/ping", "/health", "/version", "/metrics", "/openapi.json", "/docs"]
        + ["/v2", "/v2/health/live", "/v2/health/ready"]
        + [
            f"{at}{end}"
            for at in (place, f"{place}/versions/{build.version}")
            for end in ("", "/ready", "/infer")
        ]
    )
