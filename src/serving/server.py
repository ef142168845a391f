"""The process: from options to an open port, and from a signal to a clean end."""

import asyncio
import gc
import signal
import sys
import time
from collections.abc import Sequence
from functools import partial
from types import FrameType

import uvicorn

from serving import manifest
from serving.app import Service, addresses, ask, router
from serving.batching import Batcher
from serving.capture import Capture
from serving.errors import Unservable
from serving.gate import Gate
from serving.inputs import Inputs
from serving.logs import Log
from serving.lookup import Lookup
from serving.metrics import Metrics
from serving.model import Model
from serving.settings import Settings, parse

REFUSED = 3  # exit code of a server that does not start
GRACE = 30  # seconds that open requests have to end
KEEP = 75  # seconds that an idle connection is kept: longer than balancers keep theirs
LINGER = 0.2  # seconds in which open connections may still bring a request
FLUSH = 0.2  # seconds between two writes of the log


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT; 0 then, 3 when the model or an option is refused."""
    try:
        settings = parse(sys.argv[1:] if arguments is None else arguments)
        service = load(settings)
    except Unservable as reason:
        sys.stderr.write(f"error: {reason}\n")
        return REFUSED
    return Server(service).run_until_stopped()


def load(settings: Settings) -> Service:
    """Everything that answers need. Raises Unservable."""
    described, build = manifest.read(settings.model)
    model = Model(settings.model, described)
    try:
        capture = (
            Capture(settings.capture, settings.capture_rows, described)
            if settings.capture
            else None
        )
    except ValueError as wrong:
        raise Unservable(f"--capture-rows: {wrong}") from None
    inputs = Inputs(described, Lookup.read(settings.model, described))
    return Service(
        manifest=described,
        build=build,
        inputs=inputs,
        model=model,
        batcher=Batcher(partial(ask, inputs, model), settings.waiting),
        metrics=Metrics(described, build),
        settings=settings,
        capture=capture,
    )


class Server(uvicorn.Server):
    """uvicorn, which on a signal says that it is no longer ready, drains, and then stops."""

    def __init__(self, service: Service, log: Log | None = None) -> None:
        self._service, self._log = service, log or Log()
        self._stop_at: float | None = None
        settings = service.settings
        gate = Gate(
            router(service),
            addresses=addresses(service.manifest, service.build),
            settings=settings,
            metrics=service.metrics,
            log=self._log,
            closing=lambda: not service.ready,
        )
        super().__init__(
            uvicorn.Config(
                gate,
                host=settings.host,
                port=settings.port,
                loop="uvloop",
                http="httptools",
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                proxy_headers=False,
                server_header=False,
                timeout_keep_alive=KEEP,
                timeout_graceful_shutdown=GRACE,
            )
        )

    def run_until_stopped(self) -> int:
        """Returns the exit code."""
        try:
            self.run()
        except SystemExit:  # uvicorn's way to say that the port is taken
            settings = self._service.settings
            sys.stderr.write(
                f"error: {settings.host} port {settings.port} cannot be listened on: it is taken, "
                f"or not this machine's; choose another with --port\n"
            )
            return REFUSED
        finally:
            if self._service.capture:
                self._service.capture.close()
            self._log.close()
        return 0

    async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
        """Called by uvicorn."""
        gc.freeze()  # what is loaded now stays: the collector need not look at it again
        await super().startup(sockets)  # type: ignore[arg-type]
        self._service.metrics.ready.set(1)
        port = self.servers[0].sockets[0].getsockname()[1] if self.servers else 0
        about, build = self._service.manifest, self._service.build
        where = f"http://{self._service.settings.host}:{port}"
        self._log.write("started", model=about.name, version=build.version, address=where)
        self._log.flush()
        self._flusher = asyncio.get_running_loop().create_task(self._flush())

    async def _flush(self) -> None:
        while True:
            await asyncio.sleep(FLUSH)
            self._log.flush()

    async def shutdown(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
        """Called by uvicorn."""
        await asyncio.sleep(0)  # whoever has connected by now is taken
        for listener in self.servers:
            listener.close()
        await asyncio.sleep(LINGER)
        await super().shutdown(sockets)  # type: ignore[arg-type]
        self._flusher.cancel()
        self._log.write("stopped")

    def handle_exit(self, sig: int, _frame: FrameType | None) -> None:
        """Called by uvicorn on a signal: from now on, every answer ends its connection.

        A second signal does not wait for the drain.
        """
        service = self._service
        self._stop_at = time.monotonic() + (service.settings.drain if service.ready else 0)
        self.force_exit = not service.ready and sig == signal.SIGINT
        service.ready = False

    async def on_tick(self, counter: int) -> bool:
        """Called by uvicorn ten times a second."""
        if self._stop_at is not None:
            self._service.metrics.ready.set(0)
            self.should_exit = time.monotonic() >= self._stop_at
        return await super().on_tick(counter)
