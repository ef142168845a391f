"""Compare the server with its peers: the same model, the same requests, the same machine.

Run from the repository after `mlops run`: `make bench-serving`. Prints tables, writes
benchmarks/results/serving.json and docs/pictures/serving.png, and ends with 1 when a goal is
missed. `--quick PATH` asks this server, the floors and FastAPI for one short round, and writes to
PATH alone.

Every server first answers every question, and a single wrong answer ends the benchmark; so does a
single failed request under load. Then all stay up and are loaded in turns, round by round, so that
what else the machine does falls on all of them. What a load found is the median of its rounds.
"""

import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import claims
import goals
import load
import picture
from questions import ask
from rich.console import Console
from rounds import MANY, Plan, measured
from servers import PEERS, ROOT, Running, Server, all_of_them
from tables import show

from mlops.errors import Failure
from mlops.files import write_json
from serving import manifest
from serving.errors import Unservable

HERE = Path(__file__).parent
ARTIFACTS = ROOT / "artifacts"
MODEL = ARTIFACTS / "model.joblib"
ENVIRONMENTS = ROOT / ".mlops" / "benchmarks"
RESULTS = ROOT / "benchmarks" / "results" / "serving.json"
PICTURE = ROOT / "docs" / "pictures" / "serving.png"
MEMORY = Path("/dev/shm")  # where the servers' logs do not wait for a disk
HERE_TOO = ("fastapi", "mlflow", "onnxruntime", "scikit-learn", "starlette", "uvicorn", "uvloop")
console = Console(highlight=False, soft_wrap=True)
began = time.perf_counter()


def say(what: str) -> None:
    console.print(f"[dim]{time.perf_counter() - began:5.0f} s  {what}[/dim]")


def python(script: Path, *arguments: str, **environment: str) -> str:
    """What a script says, in a process of its own. Raises SystemExit when it fails."""
    own = os.environ | {"OMP_NUM_THREADS": "1"} | environment
    command = [sys.executable, str(script), *arguments]
    done = subprocess.run(command, env=own, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr}")
    return done.stdout


def versions(servers: list[Server]) -> dict[str, str]:
    """Of the packages that the rates depend on."""
    pinned = [p.partition("==") for server in servers for p in server.packages]
    here = {name: version(name) for name in HERE_TOO}
    return here | {name: pin for name, _, pin in pinned if pin}


def compare(quick: bool) -> dict[str, Any]:
    """All that is measured, as JSON."""
    plan = Plan(starts=1, rounds=1, seconds=1) if quick else Plan(starts=3, rounds=3, seconds=5)
    about, _ = manifest.read(ARTIFACTS / "export")
    questions = ask(ARTIFACTS, about)
    place = MEMORY if MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="bench-", dir=place) as folder:
        scratch = Path(folder)
        logged = scratch / "mlflow"
        if not quick:
            say("the model as MLflow has it")
            python(PEERS / "mlflow_model.py", str(logged), MODEL=str(MODEL))
        everything = all_of_them(ARTIFACTS / "export", logged)
        chosen = [server for server in everything if server.quick or not quick]
        result: dict[str, Any] = {
            "machine": {
                "cores": os.cpu_count(),
                "threads": 1,  # of OpenMP
                "architecture": platform.machine(),
                "python": platform.python_version(),
            },
            "versions": versions(chosen),
            "inputs": len(about.inputs),
            "plan": asdict(plan),
        }
        say("the floors: calls within a process")
        result["floors"] = json.loads(python(HERE / "floors.py", "0.2" if quick else "1"))
        start = partial(Running, environments=ENVIRONMENTS, model=MODEL, scratch=scratch)
        result["servers"] = measured(chosen, questions, plan, start=start, scratch=scratch, say=say)
    result["ratios"] = goals.ratios(result["servers"])
    result["goals"] = goals.judged(result["servers"], result["ratios"])
    result["aim"] = goals.aim(result["ratios"])
    result["seconds"] = round(time.perf_counter() - began)
    return result


def main() -> None:
    quick = sys.argv[1:2] == ["--quick"]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what it started is stopped, too
    load.must_be_there()
    try:
        result = compare(quick)
    except (Failure, Unservable) as failure:
        sys.exit(f"error: {failure}")
    except KeyboardInterrupt:
        sys.exit(130)
    show(result, console)
    write_json(Path(sys.argv[2]) if quick else RESULTS, result)
    if not quick:
        picture.draw(result["servers"], MANY, PICTURE)
    sys.exit(claims.ending(result["goals"]))


if __name__ == "__main__":
    main()
