"""Load by wrk, and what it found."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

CYCLE = Path(__file__).parent / "cycle.lua"
TIMEOUT = "60s"


@dataclass(frozen=True)
class Load:
    """So many connections, each of which sends its next request when it has its answer."""

    requests: str
    """The kind of questions."""
    connections: int


@dataclass(frozen=True)
class Found:
    """Requests per second, milliseconds that half and 99 of 100 requests stayed under, and the
    share of a core that wrk itself took.
    """

    requests: int
    rate: float
    p50: float
    p99: float
    wrk: float


def must_be_there() -> None:
    """Raises SystemExit when wrk cannot be run."""
    if not shutil.which("wrk"):
        sys.exit("wrk makes the load and is not here: `apt-get install wrk`, `brew install wrk`")


def run(address: str, bodies: Path, connections: int, seconds: int) -> Found:
    """Cycle over the lines of `bodies` for some seconds.

    Raises SystemExit when a single request fails: then nothing that was measured counts.
    """
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", f"--timeout={TIMEOUT}"]
    command += ["-s", str(CYCLE), address, "--", str(bodies)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}:\n{said}")
    found = json.loads(said.splitlines()[-1])
    if failed := {kind: number for kind, number in found["errors"].items() if number}:
        sys.exit(f"{address}: failed requests at {connections} connections: {failed}")
    if not found["requests"]:
        sys.exit(f"{address}: not one answer at {connections} connections")
    taken = found["seconds"]
    return Found(
        requests=found["requests"],
        rate=found["requests"] / taken,
        p50=found["p50_ms"],
        p99=found["p99_ms"],
        wrk=(usage.ru_utime + usage.ru_stime) / taken,
    )
