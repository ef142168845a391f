"""The servers that are compared: how each is started, asked and stopped."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import processes
from environments import interpreter
from questions import Questions

ROOT = Path(__file__).parents[2]
PEERS = Path(__file__).parent / "peers"
HOST = "127.0.0.1"
PATH = "/invocations"
START, STOP = 120.0, 15.0  # seconds that a server may take
POLL = 0.005  # seconds between two tries
REST, QUIET, IDLE = 5.0, 0.2, 0.2  # seconds to come to rest; how long it lasts; share of a core
OURS, EMPTY = "this repository", "an empty endpoint"
DEFAULT, BEST = "mlflow", "mlflow, 2 workers, uvloop"


@dataclass(frozen=True)
class Server:
    """How a server is started; `packages` make an environment of its own, none means this one."""

    name: str
    command: Callable[[str, int], list[str]]
    """Given the interpreter and the port."""
    packages: tuple[str, ...] = ()
    quick: bool = False
    predicts: bool = True


def uvicorn(app: str) -> Callable[[str, int], list[str]]:
    """An app of peers/ under uvicorn, as fast as it gets without changing the app."""
    fast = ["--loop", "uvloop", "--http", "httptools", "--ws", "none", "--lifespan", "off"]
    fast += ["--no-access-log", "--no-proxy-headers", "--no-server-header"]
    return lambda python, port: [
        *[python, "-m", "uvicorn", app, "--app-dir", str(PEERS)],
        *["--host", HOST, "--port", str(port), *fast],
    ]


def mlflow(model: Path, *options: str) -> Callable[[str, int], list[str]]:
    local = ["--env-manager", "local", "--host", HOST]
    return lambda python, port: [
        *[python, "-m", "mlflow", "models", "serve", "-m", str(model), *local],
        *["--port", str(port), *options],
    ]


def litserve(batch: int) -> Callable[[str, int], list[str]]:
    app = str(PEERS / "litserve_app.py")
    return lambda python, port: [python, app, str(port), str(batch)]


def bentoml(python: str, port: int) -> list[str]:
    service = ["bentoml_service:Late", "--working-dir", str(PEERS)]
    return [python, "-m", "bentoml", "serve", *service, "--host", HOST, "--port", str(port)]


def ours(folder: Path) -> Callable[[str, int], list[str]]:
    return lambda python, port: [
        *[python, "-m", "serving", "--model", str(folder), "--host", HOST, "--port", str(port)]
    ]


def all_of_them(export: Path, mlflow_model: Path) -> list[Server]:
    """Every server, the empty endpoint included."""
    plain, fast = ("mlflow",), ("mlflow", "uvloop", "httptools")
    lit = ("litserve==0.2.19",)
    return [
        Server(OURS, ours(export), quick=True),
        Server(EMPTY, uvicorn("empty:app"), quick=True, predicts=False),
        Server("FastAPI, DataFrame per request", uvicorn("fastapi_app:app"), quick=True),
        Server("LitServe", litserve(1), lit),
        Server("LitServe, batches of up to 16", litserve(16), lit),
        Server("BentoML", bentoml, ("bentoml==1.4.39",)),
        Server(DEFAULT, mlflow(mlflow_model), plain),
        Server(BEST, mlflow(mlflow_model, "--workers", "2"), fast),
    ]


class Running:
    """A server that has been started."""

    def __init__(self, server: Server, environments: Path, model: Path, scratch: Path) -> None:
        """environments: the folder of the peers' environments, which are made when they are not
        there; model: the trained pipeline; scratch: where it runs and its log goes.

        Raises SystemExit when its environment cannot be made.
        """
        self.server, self.port = server, _free_port()
        python = Path(sys.executable)
        if server.packages:
            name = "-".join(p.partition("=")[0] for p in server.packages)
            python = interpreter(environments, name, server.packages)
        own = {
            "PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT / "src"),
            "MODEL": str(model),
            "OMP_NUM_THREADS": "1",  # a second thread doubles the work and halves nothing
            "MLFLOW_DISABLE_TELEMETRY": "true",
            "BENTOML_DO_NOT_TRACK": "true",
            "BENTOML_HOME": str(scratch / "bentoml"),
        }
        self._log = scratch / f"{self.port}.txt"
        inherited = {
            name: value
            for name, value in os.environ.items()
            if name != "PYTHONDONTWRITEBYTECODE" and not name.startswith("SERVING_")
        }
        self._began = time.perf_counter()
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                server.command(str(python), self.port),
                cwd=scratch,
                env=inherited | own,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for the benchmark, which then stops them all
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.port}{PATH}"

    def first_answer(self, questions: Questions) -> float:
        """Seconds from its start to its first right answer. Raises SystemExit without one."""
        wrong: str | None = "not started"
        while time.perf_counter() - self._began < START:
            try:
                with closing(self._connected()) as connection:
                    wrong = self._wrong(connection, questions, 0)
            except (OSError, http.client.HTTPException) as reason:
                wrong = f"no answer: {reason}"
            if wrong is None:
                return time.perf_counter() - self._began
            if self._process.poll() is not None:
                break
            time.sleep(POLL)
        return self._fail(str(wrong))

    def check(self, questions: Questions) -> None:
        """Ask every question once; raises SystemExit at a wrong answer."""
        with closing(self._connected()) as connection:
            for at in range(len(questions.bodies)):
                if wrong := self._wrong(connection, questions, at):
                    self._fail(f"question {at}: {wrong}")

    def rest(self) -> None:
        """Wait for it to be done with what a load left behind, which would burden the next one."""
        end = time.perf_counter() + REST
        while time.perf_counter() < end:
            before = self.cpu()
            time.sleep(QUIET)
            if self.cpu() - before < IDLE * QUIET:
                return

    def cpu(self) -> float:
        return processes.cpu(self.pid)

    def memory(self) -> processes.Memory:
        return processes.memory(self.pid)

    def stop(self) -> None:
        """End it and all that it started, whether or not they listen."""
        if self._process.poll() is not None:
            return
        everything = processes.named(self.pid)
        self._process.terminate()
        try:
            self._process.wait(STOP)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        processes.kill(everything)

    def _connected(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(HOST, self.port, timeout=START)

    def _wrong(
        self, connection: http.client.HTTPConnection, questions: Questions, at: int
    ) -> str | None:
        """What is wrong with its answer to a question, if anything is."""
        body, headers = questions.bodies[at], {"Content-Type": "application/json"}
        connection.request("POST", PATH, body, headers)
        answer = connection.getresponse()
        said = answer.read()
        if self.server.predicts:
            return questions.wrong(at, answer.status, said)
        return None if answer.status == 200 else f"status {answer.status}"

    def _fail(self, what: str) -> NoReturn:
        said = self._log.read_text("utf-8", "replace")[-3000:]
        sys.exit(f"{self.server.name}: {what}. It said:\n{said}")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind((HOST, 0))
        return int(free.getsockname()[1])
