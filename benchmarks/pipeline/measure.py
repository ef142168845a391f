"""Scratch copies of the repository, and what a command run in one costs."""

import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent


@dataclass(frozen=True)
class Cost:
    """What a process and those it waited for took: seconds, CPU seconds, and peak megabytes.

    The peak is that of the largest single process. A child inherits the peak of the process that
    starts it, so the benchmark itself stays small: whatever needs pandas runs as a child.
    """

    wall: float
    cpu: float
    peak_mb: float
    said: str


def python(folder: Path, *arguments: str) -> Cost:
    """Run this Python with `arguments` in a copy of the repository, with that copy's own code.

    OpenMP gets one thread: two spin for seconds as soon as anything else wants a core.
    Raises SystemExit, with what the process said, when it fails.
    """
    own = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(folder / "src"),
        "DVC_NO_ANALYTICS": "1",
        "DVC_SITE_CACHE_DIR": str(folder / ".dvc" / "site"),
        "CI": "true",
        "OMP_NUM_THREADS": "1",
    }
    command = [sys.executable, *arguments]
    with (folder / "said.txt").open("w+", encoding="utf-8") as said:
        started = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, env=os.environ | own, stdout=said, stderr=subprocess.STDOUT
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        text = said.read()
    if process.returncode:
        sys.exit(f"{' '.join(arguments)} ended with {process.returncode}:\n{text}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, text)


def copy_of_the_repository(folder: Path) -> Path:
    """Make `folder` a repository of its own: what git would give a stranger, and the data."""
    tracked = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listing = subprocess.run(tracked, cwd=ROOT, capture_output=True, check=True, text=True)
    for name in filter(None, listing.stdout.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    shutil.copytree(ROOT / "data", folder / "data")
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    return folder


def forget(folder: Path) -> None:
    """Take away everything that a run of the pipeline made."""
    for name in ("artifacts", "metrics", "reports", ".dvc/cache", ".dvc/tmp", ".dvc/site"):
        shutil.rmtree(folder / name, ignore_errors=True)
    (folder / "dvc.lock").unlink(missing_ok=True)
