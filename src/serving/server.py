"""The process: from options to an open port, and from a signal to a clean end."""

import asyncio
import gc
import signal
import sys
from collections.abc import Sequence
from types import FrameType

import uvicorn

from serving import manifest
from serving.app import Service, addresses, router
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
    return Service(
        manifest=described,
        build=build,
        inputs=Inputs(described, Lookup.read(settings.model, described)),
        model=model,
        batcher=Batcher(model.predict, settings.waiting),
        metrics=Metrics(described, build),
        settings=settings,
        capture=capture,
    )


class Server(uvicorn.Server):
    """uvicorn, which on a signal says that it is no longer ready, drains, and then stops."""

    def __init__(self, service: Service, log: Log | None = None) -> None:
        self._service, self._log = service, log or Log()
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
            self._log.flush()
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
        await super().shutdown(sockets)  # type: ignore[arg-type]
        self._flusher.cancel()
        self._log.write("stopped")

    def handle_exit(self, sig: int, _frame: FrameType | None) -> None:
        """Called by uvicorn on a signal; a second one does not wait for the drain."""
        again = not self._service.ready
        self._service.ready = False
        self._service.metrics.ready.set(0)
        if again or not self._service.settings.drain:
            self.should_exit = True
            self.force_exit = again and sig == signal.SIGINT
            return
        self._log.write("draining", seconds=self._service.settings.drain)
        loop = asyncio.get_event_loop()
        loop.call_soon_threadsafe(loop.call_later, self._service.settings.drain, self._exit)

    def _exit(self) -> None:
        self.should_exit = True
