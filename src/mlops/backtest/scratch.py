"""A scratch repository: what is here, with one commit, an origin and a clock of its own."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from mlops import dvc
from mlops.errors import Failure
from mlops.threads import side_by_side

FOLDER = Path(".mlops/backtest")
WHO = {"user.name": "backtest", "user.email": "backtest@localhost", "commit.gpgsign": "false"}
OUTSIDE = ("GITHUB_", "GIT_", "MLOPS_", "MLFLOW_")  # what would lead out of the scratch repository


class StoppedError(Failure):
    """A command of the replay ended otherwise than it may."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.exit_code = code  # type: ignore[misc]


@dataclass(frozen=True)
class Running:
    """A command that was started."""

    command: tuple[str, ...]
    process: "subprocess.Popen[str]"
    log: Path
    started: float

    def wait(self, *allowed: int) -> tuple[int, float]:
        """Its exit code, and how many seconds it took; StoppedError when it is not `allowed`."""
        try:
            code = self.process.wait()
        finally:
            with suppress(ProcessLookupError):
                self.process.terminate()
        if code not in allowed:
            said = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
            errors = [line for line in said if line.startswith("error: ")]
            last = (errors or said or ["it said nothing"])[-1].removeprefix("error: ")
            raise StoppedError(
                f"`mlops {' '.join(self.command)}` ended with {code} in {self.log.parent}: {last}",
                code if code > 0 else 1,
            )
        return code, round(time.perf_counter() - self.started, 1)


@dataclass
class Clone:
    """A clone of the scratch origin, in which commands are run as on a runner."""

    folder: Path
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    """What commits and tags are dated with."""

    def start(self, *command: str) -> Running:
        """Start `mlops …` there; what it says goes to a log beside the clone."""
        log = self.folder.parent / f"{self.folder.name}-{command[0]}.log"
        with log.open("w", encoding="utf-8") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "mlops.cli", *command],
                cwd=self.folder,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                text=True,
            )
        return Running(command, process, log, time.perf_counter())

    def run(self, *command: str, allowed: tuple[int, ...] = (0,)) -> tuple[int, float]:
        """Run `mlops …` there to its end: its exit code, and its seconds."""
        return self.start(*command).wait(*allowed)

    def git(self, *arguments: str, given: str | None = None) -> str:
        """What git says there; StoppedError when it refuses."""
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.folder,
            env=self._environment(),
            input=given,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            said = done.stderr.strip().splitlines() or ["it said nothing"]
            raise StoppedError(f"`git {' '.join(arguments)}` in {self.folder}: {said[-1]}", 1)
        return done.stdout.strip("\n")

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Be there: in its folder, with its clock."""
        here, before = Path.cwd(), dict(os.environ)
        os.chdir(self.folder)
        os.environ.clear()
        os.environ.update(self._environment())
        try:
            yield
        finally:
            os.chdir(here)
            os.environ.clear()
            os.environ.update(before)

    def _environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(OUTSIDE)}
        when = f"{int(self.now.timestamp())} +0000"
        return (
            kept
            | side_by_side(2)
            | {
                "CI": "true",
                "GIT_AUTHOR_DATE": when,
                "GIT_COMMITTER_DATE": when,
                "PYTHONPATH": str(self.folder.absolute() / "src"),
            }
        )


@dataclass(frozen=True)
class Scratch:
    """Two clones of one origin, so that the monitor can look while a model is trained."""

    work: Clone
    watch: Clone

    def at(self, moment: datetime) -> None:
        """Let it be that time."""
        self.work.now = self.watch.now = moment


def make(folder: Path = FOLDER) -> Scratch:
    """A scratch repository of the files that are here, committed or not, without their history.

    It shares the DVC cache. One of an earlier replay is replaced.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    folder = folder.resolve()
    work, watch = Clone(folder / "repository"), Clone(folder / "monitor")
    _copy(work.folder)
    work.git("init", "--quiet", "--initial-branch=main")
    _settle(work)
    work.git("add", "--all")
    work.git("commit", "--quiet", "--message", "The repository as it is")
    work.git("clone", "--quiet", "--bare", str(work.folder), str(folder / "origin.git"))
    work.git("remote", "add", "origin", str(folder / "origin.git"))
    work.git("fetch", "--quiet", "origin")
    work.git("remote", "set-head", "origin", "main")
    watch.folder.mkdir()
    watch.git("clone", "--quiet", str(folder / "origin.git"), ".")
    _settle(watch)
    return Scratch(work, watch)


def _copy(target: Path) -> None:
    asked = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if Path(name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(name, target / name)


def _settle(clone: Clone) -> None:
    for name, value in WHO.items():
        clone.git("config", name, value)
    cache = dvc.CACHE.parents[1].absolute()
    cache.mkdir(parents=True, exist_ok=True)
    (clone.folder / ".dvc" / "cache").symlink_to(cache)
