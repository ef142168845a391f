"""What a promotion touches, on this machine: origin, GitHub, registries, a container engine."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.conftest import copy_of_the_repository
from tests.image.conftest import Engine, _base, _configuration, _install
from tests.mlops.github import server as hub
from tests.mlops.github.server import REPOSITORY, TOKEN, GitHub
from tests.mlops.package import registry as images
from tests.mlops.package.registry import Registry

IDENTITY = ["-c", "user.name=Bench", "-c", "user.email=bench@example.invalid"]
CERTIFICATES = "/etc/ssl/certs"
Environment = dict[str, str]


@dataclass(frozen=True)
class Done:
    """What a command took, in seconds, and what it said."""

    seconds: float
    said: str


@dataclass
class World:
    """Machines are folders: each `clone` is a new one, on which nothing was run before."""

    folder: Path
    engine: Engine
    delivering: Environment = field(default_factory=dict)
    """What a workflow tells the steps of a promotion."""

    @property
    def origin(self) -> Path:
        return self.folder / "origin.git"

    @property
    def author(self) -> Path:
        """Where commits are made, as a person or a pull request makes them."""
        return self.folder / "author"

    def clone(self, name: str) -> Path:
        """A machine with main checked out, and neither a DVC cache nor images of its own."""
        subprocess.run(["git", "clone", "-q", self.origin, self.folder / name], check=True)
        self.engine.podman("rmi", "--all", "--force")
        self.engine.podman("load", "--quiet", "--input", str(self.folder / "base.tar"))
        return self.folder / name

    def commit(self, message: str) -> None:
        """Commit all that the author has, and push it to main."""
        for arguments in (["add", "-A"], ["commit", "-q", "-m", message], ["push", "-q"]):
            subprocess.run(["git", *IDENTITY, *arguments], cwd=self.author, check=True)

    def run(self, folder: Path, *command: str, **environment: str) -> Done:
        """Run a command of this repository's environment there, with that folder's own code.

        Raises SystemExit, with what it said, when it fails.
        """
        own = {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(folder / "src"),
            "DVC_NO_ANALYTICS": "1",
            "DVC_SITE_CACHE_DIR": str(self.folder / "site" / folder.name),
            "CI": "true",
            "OMP_NUM_THREADS": "1",
        }
        started = time.perf_counter()
        done = subprocess.run(
            command,
            cwd=folder,
            env=os.environ | own | self.engine.environment | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        seconds = time.perf_counter() - started
        if done.returncode:
            sys.exit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}")
        return Done(seconds, done.stdout)


@contextmanager
def world(folder: Path) -> Iterator[World]:
    """All of it, with this repository as it is now on main; its pipeline has not run there yet."""
    made = World(folder, engine(folder))
    copy_of_the_repository(made.author)
    subprocess.run(["git", "init", "-q", "-b", "main"], cwd=made.author, check=True)
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", made.origin], check=True)
    for key, value in (("remote.origin.url", str(made.origin)), ("push.default", "current")):
        subprocess.run(["git", "config", key, value], cwd=made.author, check=True)
    github = GitHub(git_dir=made.origin)
    try:
        with hub.serving(github), images.serving(Registry()) as store:
            made.delivering = {
                "GITHUB_ACTOR": "maintainer",
                "GITHUB_API_URL": github.url,
                "GITHUB_REPOSITORY": REPOSITORY,
                "GITHUB_TOKEN": TOKEN,
                "MLFLOW_TRACKING_URI": f"sqlite:///{folder}/mlflow.db",
                "MLOPS_BUILDER": "podman",
                "MLOPS_IMAGE": f"{store.address}/{REPOSITORY}",
            }
            yield made
    finally:
        made.engine.run("system", "reset", "--force")


def engine(folder: Path) -> Engine:
    """podman with a storage of its own, and the base image in it and in base.tar."""
    _install()
    settings = _configuration(folder)
    if "CONTAINERS_CONF" in settings:
        file = Path(settings["CONTAINERS_CONF"])
        certificates = f'volumes = ["{CERTIFICATES}:{CERTIFICATES}:ro"]'  # of a proxy, if there is
        text = file.read_text("utf-8").replace("[containers]", f"[containers]\n{certificates}")
        file.write_text(text, "utf-8")
    made = Engine(settings)
    _base(made, folder)
    (image,) = made.podman("images", "--format={{.Repository}}:{{.Tag}}").split()
    made.podman("save", "--quiet", "--output", str(folder / "base.tar"), image)
    return made
