"""A small repository with a judged candidate, its origin, GitHub, a registry and a docker."""

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from mlops.registry import state as registry
from mlops.registry.state import State
from tests.conftest import ROOT
from tests.mlops.github import server as github
from tests.mlops.github.server import REPOSITORY, TOKEN, GitHub
from tests.mlops.judge.repositories import IDENTITY
from tests.mlops.package import registry as images
from tests.mlops.package.registry import Registry

MODEL = "late-arrival"
DELIVERY = ("package", "verify", "release", "champion")
"""The steps that change something outside of this machine, and what lies between them."""
Half = Literal["before", "after"]
HOOK = """\
#!/bin/sh
[ -s {folder}/kill ] || exit 0
while ! [ -s {folder}/pid ]; do :; done
[ "{half}" = before ] && echo x >> {folder}/pushes
n=$(/usr/bin/env PATH=/bin:/usr/bin wc -l < {folder}/pushes)
act=$(/usr/bin/env PATH=/bin:/usr/bin cat {folder}/kill 2>/dev/null)
[ "$act" = "$n refused" ] && [ "{half}" = before ] && exit 1
[ "$act" = "$n {half}" ] || exit 0
kill -9 "$(/usr/bin/env PATH=/bin:/usr/bin cat {folder}/pid)"
exit 1
"""
"""A push counts, and kills who pushed: before origin takes it, or after."""


@dataclass
class World:
    """Everything that a promotion touches; `repository` is where it runs."""

    folder: Path
    origin: Path
    repository: Path
    github: GitHub
    images: Registry
    stepper: "Stepper"
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Of the image."""
        return f"{self.images.address}/{REPOSITORY}"

    @property
    def tags(self) -> dict[str, str]:
        """What the registry of images has under each tag."""
        return self.images.at(REPOSITORY).tags

    def state(self) -> State:
        """The registry as its origin has it."""
        here = Path.cwd()
        os.chdir(self.repository)
        try:
            return registry.read(remote=True)
        finally:
            os.chdir(here)

    def run(self, *steps: str | Sequence[str]) -> int:
        """Carry out steps in a process of their own; its exit code, negative for a signal."""
        orders = [[step] if isinstance(step, str) else list(step) for step in steps]
        self.stepper.start(self.repository, self.environment, orders, self.folder / "log")
        (self.folder / "pid").write_text(str(self.stepper.pid))
        code = self.stepper.wait()
        (self.folder / "pid").unlink()
        return code

    @property
    def log(self) -> str:
        """What all of these processes said."""
        return (self.folder / "log").read_text()

    def kill(self) -> None:
        """Kill the process that is running now."""
        self.stepper.started.wait()
        os.kill(self.stepper.pid, 9)

    def refuse_push(self, number: int) -> None:
        self.kill_at_push(number, "refused")

    def kill_at_push(self, number: int, half: str) -> None:
        (self.folder / "pushes").write_text("")
        (self.folder / "kill").write_text(f"{number} {half}")

    def keep(self) -> "Kept":
        """All there is now, to come back to."""
        number = len(list(self.folder.glob("kept*")))
        folder = self.folder / f"kept{number}"
        shutil.copytree(self.origin, folder / "origin", symlinks=True)
        shutil.copytree(self.repository, folder / "repository", symlinks=True)
        pages = (self.github.releases, self.github.assets, self.github._last)
        return Kept(folder, deepcopy(pages), deepcopy(self.images.repositories))

    def restore(self, kept: "Kept") -> None:
        """As it was then, with nobody listening to the calls."""
        for place in (self.origin, self.repository):
            shutil.rmtree(place)
        for note in ("kill", "mine", "theirs"):
            (self.folder / note).unlink(missing_ok=True)
        (self.folder / "pushes").write_text("")
        shutil.copytree(kept.folder / "origin", self.origin, symlinks=True)
        shutil.copytree(kept.folder / "repository", self.repository, symlinks=True)
        self.github.releases, self.github.assets, self.github._last = deepcopy(kept.github)
        self.images.repositories = deepcopy(kept.images)
        self.undisturbed()

    def undisturbed(self) -> None:
        """Nobody listens to the calls."""
        self.github.on_call = self.github.on_read = None
        self.images.on_call = images.nothing

    def elsewhere(self) -> None:
        """Go on as another runner would: a fresh clone, and what the job `judge` has left."""
        before, self.repository = self.repository, self.folder / f"{self.repository.name}+"
        clone(self.origin, self.repository)
        for part in (".mlops/promotion", "artifacts"):
            shutil.copytree(self.folder / "judged" / part, self.repository / part)
        shutil.rmtree(before)


@dataclass(frozen=True)
class Kept:
    """A world at a moment."""

    folder: Path
    github: Any
    images: Any


@dataclass
class Stepper:
    """stepper.py, waiting for orders."""

    process: "subprocess.Popen[str]"
    started: threading.Event = field(default_factory=threading.Event)
    pid: int = 0

    def start(
        self, folder: Path, environment: dict[str, str], steps: list[list[str]], log: Path
    ) -> None:
        order = {"folder": str(folder), "environment": environment, "steps": steps, "log": str(log)}
        self.started.clear()
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        self.pid = self._number()
        self.started.set()

    def wait(self) -> int:
        return self._number()

    def _number(self) -> int:
        assert self.process.stdout is not None
        return int(self.process.stdout.readline())


@contextmanager
def stepper() -> Iterator[Stepper]:
    """Steps to come, in forks of a process that has imported all it needs."""
    program = Path(__file__).with_name("stepper.py")
    with subprocess.Popen(
        [sys.executable, str(program)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"},
    ) as process:
        yield Stepper(process)
        assert process.stdin is not None
        process.stdin.close()


def git(folder: Path, *arguments: str) -> str:
    asked = ["git", *IDENTITY, *arguments]
    return subprocess.run(
        asked, cwd=folder, capture_output=True, text=True, check=True
    ).stdout.strip()


def clone(origin: Path, folder: Path) -> None:
    git(origin, "clone", "-q", str(origin), str(folder))


@contextmanager
def world(seed: Path, folder: Path, running: Stepper, docker: Path) -> Iterator[World]:
    """A copy of `seed` (origin.git and judged/), with servers of its own."""
    folder.mkdir(parents=True)
    for part in ("origin.git", "judged"):
        shutil.copytree(seed / part, folder / part, symlinks=True)
    origin, repository = folder / "origin.git", folder / "repository"
    for half, name in (("before", "pre-receive"), ("after", "post-receive")):
        (origin / "hooks" / name).write_text(HOOK.format(folder=folder, half=half))
        (origin / "hooks" / name).chmod(0o755)
    (folder / "pushes").write_text("")
    (folder / "empty").mkdir()
    hub = GitHub(git_dir=origin)
    with github.serving(hub), images.serving(Registry()) as store:
        made = World(folder, origin, repository, hub, store, running)
        made.environment = {
            "HOME": str(folder / "empty"),
            "PATH": str(docker),
            "GITHUB_ACTOR": "maintainer",
            "GITHUB_API_URL": hub.url,
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_TOKEN": TOKEN,
            "MLOPS_BUILDER": "docker",
            "MLOPS_IMAGE": made.name,
            "CI": "true",
        }
        repository.mkdir()
        made.elsewhere()
        yield made


def mutating(world: World, act: Callable[[str, Half], None]) -> None:
    """Have `act` told of every call that changes something, on GitHub or in the registry."""

    def of_the_registry(call: str, half: str) -> Any:
        if call.split(maxsplit=1)[0] in images.MUTATING:
            act(f"registry: {call}", "before" if half == "before" else "after")

    world.github.on_call = lambda call, half: act(f"GitHub: {call}", half)
    world.images.on_call = of_the_registry
