"""The champion's commit, checked out beside the work tree, with its own code and packages."""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path

from mlops import dvc, remote
from mlops.data import pin
from mlops.errors import Failure
from mlops.judge.changes import LOCK
from mlops.registry import outputs
from mlops.registry.outputs import PREDICTIONS, TRAINED_ON
from mlops.threads import side_by_side

PACKAGES = Path("requirements/run.txt")
SCRATCH = Path(".mlops")
ENVIRONMENTS = SCRATCH / "environments"

Fetch = Callable[[str], bytes]
"""The archive of outputs.py from the release of a tag; a Failure when it cannot be had."""


class Unable(Failure):
    """The champion cannot answer; the comparison is inconclusive, and this is why."""


class Workplace:
    """The champion's commit, checked out, with its own packages and this repository's DVC cache.

    `tag` is its version's, and `fetch` gets what the release of that tag holds; without one of them
    no release is asked. `commands` run at a time, those elsewhere included.
    """

    def __init__(
        self,
        folder: Path,
        commit: str,
        tag: str = "",
        fetch: Fetch | None = None,
        *,
        commands: int = 1,
    ) -> None:
        self.folder, self.commit, self.tag, self.fetch = folder, commit, tag, fetch
        self.commands = commands
        cache = dvc.CACHE.parents[1].absolute()
        cache.mkdir(parents=True, exist_ok=True)
        (folder / ".dvc" / "cache").symlink_to(cache)
        settings = Path(".dvc/config.local")
        if settings.is_file():
            shutil.copy2(settings, folder / settings)

    @cached_property
    def python(self) -> str:
        """An interpreter with its packages; Unable when they cannot be installed."""
        mine, its = (
            hashlib.sha256((at / PACKAGES).read_bytes()).hexdigest() for at in (Path(), self.folder)
        )
        if mine == its:
            return sys.executable
        return str(_environment(its, self.folder / PACKAGES).absolute())

    def restore(self, paths: list[str]) -> str:
        """Bring these outputs back, and say how: from cache, remote or release, or run again.

        Raises Unable when it cannot be run, or gives something else than its dvc.lock says.
        """
        for how, command in (("cache", "checkout"), ("remote", "pull")):
            if command == "pull" and not dvc.remotes():
                continue
            if self._brought(command, paths):
                return f"its model came from the DVC {how}"
        lacking = self._from_release(paths)
        if lacking is None:
            return f"its model came from its release {self.tag}"
        before = (self.folder / LOCK).read_bytes()
        self.run("obtaining its data", "-m", "mlops.cli", "data")
        self.run("running its pipeline again", "-m", "dvc", "repro", _stage(paths[-1]))
        if (self.folder / LOCK).read_bytes() != before:
            raise Unable(
                f"run again, the pipeline of {self.commit[:7]} gives another dvc.lock than it has "
                f"committed, so what was judged then cannot be had back"
            )
        return f"its model was not in the DVC cache and was trained again from its commit{lacking}"

    def _from_release(self, paths: list[str]) -> str | None:
        """None when these outputs came, else how to go on from saying that they did not."""
        if not self.tag or self.fetch is None:
            return ""
        try:
            with tempfile.TemporaryDirectory(dir=SCRATCH) as scratch:
                archive = Path(scratch) / outputs.NAME
                archive.write_bytes(self.fetch(self.tag))
                outputs.restore(archive, (self.folder / LOCK).read_text(encoding="utf-8"))
        except Failure as reason:
            return f"; its release {self.tag} did not give it: {reason}"
        if not self._brought("checkout", paths):
            return f"; its release {self.tag} does not hold all of it"
        return None

    def _brought(self, command: str, paths: list[str]) -> bool:
        """What is named by hash takes none of its code, so DVC is the one that is here."""
        with dvc.knowing_the_remote() as (options, environment):
            own = options if command == "pull" else []
            asked = ("-m", "dvc", command, "--quiet", *own, *paths)
            return self._tried(sys.executable, *asked, environment=environment) is None

    def take_data(self) -> None:
        """Point it at the data of the challenger."""
        shutil.copy2(pin.PATH, self.folder / pin.PATH)
        shutil.rmtree(self.folder / pin.DATA, ignore_errors=True)
        shutil.copytree(pin.DATA, self.folder / pin.DATA, copy_function=os.link)

    def run(self, doing: str, *arguments: str) -> None:
        """Run Python there; Unable with its last words when it fails."""
        said = self._tried(self.python, *arguments)
        if said is not None:
            lines = [line for line in said.splitlines() if line.lower().startswith("error: ")]
            last = (lines or said.strip().splitlines() or ["no reason was given"])[0]
            raise Unable(
                f"{doing} failed: {last.removeprefix('error: ').removeprefix('ERROR: ')[:600]}"
            )

    def _tried(
        self, python: str, *arguments: str, environment: Mapping[str, str] = os.environ
    ) -> str | None:
        """None when it went well, else what was said."""
        programs = Path(python).parent
        own = {
            "PATH": f"{programs}{os.pathsep}{os.environ.get('PATH', '')}",
            "PYTHONPATH": str(self.folder / "src"),
            "DVC_NO_ANALYTICS": "1",
            "CI": "true",
        }
        done = subprocess.run(
            [python, *arguments],
            cwd=self.folder,
            env={k: v for k, v in environment.items() if k != "GITHUB_ACTIONS"}
            | side_by_side(self.commands)
            | remote.absolute()
            | own,
            capture_output=True,
            text=True,
            check=False,
        )
        return None if done.returncode == 0 else done.stderr + done.stdout


def _environment(name: str, packages: Path) -> Path:
    """An environment with the champion's packages; kept, since they seldom change."""
    home = ENVIRONMENTS / name[:16]
    if not (home / "made").exists():
        uv = shutil.which("uv") or str(Path(sys.executable).parent / "uv")
        for command in (
            ["venv", "--quiet", "--allow-existing", "--python", sys.executable, str(home)],
            ["pip", "sync", "--quiet", "--require-hashes", "--python", str(home), str(packages)],
        ):
            done = subprocess.run([uv, *command], capture_output=True, text=True, check=False)
            if done.returncode:
                raise Unable(f"its packages cannot be installed: {done.stderr.strip()[:600]}")
        (home / "made").touch()
    return home / "bin" / "python"


def _stage(path: str) -> str:
    return {PREDICTIONS: "evaluate", TRAINED_ON: "train"}[path]
