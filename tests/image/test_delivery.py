"""The whole life of a champion, through the commands of the workflows, with real images.

origin is a bare repository, GitHub is on loopback, images are built and run by podman and kept in a
registry of this machine.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.conftest import execute
from tests.image.conftest import CERTIFICATES, Engine
from tests.mlops.github.server import REPOSITORY, TOKEN, GitHub, serving
from tests.mlops.judge.repositories import IDENTITY

pytestmark = pytest.mark.slow
PODMAN = f"""\
#!/bin/sh
[ "$1" = build ] || exec /usr/bin/podman "$@"
shift
exec /usr/bin/podman build --volume={CERTIFICATES}:{CERTIFICATES}:ro "$@"
"""
"""With this machine's certificates in a build, should packages come through a proxy."""
STEPS = ("plan", "judge", "package", "verify", "smoke", "release", "champion")


@dataclass
class Copy:
    """A clone, its origin, GitHub, and what its commands are told of them."""

    folder: Path
    github: GitHub
    environment: dict[str, str] = field(default_factory=dict)

    def mlops(self, *arguments: str, code: int = 0) -> str:
        """What a command printed, when it ended with `code`."""
        done = execute(self.folder, "mlops", *arguments, **self.environment)
        said = done.stdout + done.stderr
        assert done.returncode == code, said
        return " ".join(said.split())

    def git(self, *arguments: str) -> str:
        asked = ["git", *IDENTITY, *arguments]
        done = subprocess.run(asked, cwd=self.folder, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def merge(self, **values: str) -> str:
        """Changes of params.yaml with the results of its run, as a merge brings them to main."""
        path = self.folder / "params.yaml"
        for key, value in values.items():
            text, times = re.subn(rf"({key}: )\S+", rf"\g<1>{value}", path.read_text(), count=1)
            assert times == 1
            path.write_text(text)
        self.mlops("run")
        self.git("commit", "-q", "-a", "-m", f"{values}")
        self.git("push", "-q", "origin", "HEAD:main")
        return self.git("rev-parse", "HEAD")

    def champion(self) -> str:
        """Its version, as a person is told."""
        found = json.loads(self.mlops("lineage", "champion", "--json"))
        return str(found["version"])


@pytest.fixture
def copy(ran: Path, tmp_path: Path, engine: Engine, registry: str) -> Iterator[Copy]:
    folder, origin, programs = tmp_path / "copy", tmp_path / "origin.git", tmp_path / "bin"
    shutil.copytree(ran, folder)
    programs.mkdir()
    (programs / "podman").write_text(PODMAN)
    (programs / "podman").chmod(0o755)
    with serving(GitHub(git_dir=origin)) as github:
        made = Copy(folder, github)
        made.git("branch", "-M", "main")
        made.git("clone", "-q", "--bare", ".", str(origin))
        made.git("remote", "add", "origin", str(origin))
        made.environment = engine.environment | {
            "GITHUB_API_URL": github.url,
            "GITHUB_ACTOR": "maintainer",
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_TOKEN": TOKEN,
            "MLOPS_BUILDER": "podman",
            "MLOPS_IMAGE": f"{registry}/{REPOSITORY}",
            "PATH": f"{programs}:{Path(sys.executable).parent}:{os.environ['PATH']}",
        }
        yield made


def test_a_champion_is_promoted_replaced_defended_rolled_back_and_held(copy: Copy) -> None:
    copy.merge(max_iter="60", requests="300")
    for step in STEPS:
        copy.mlops("promote", step)
    assert copy.champion() == "1.0.0"

    better = copy.merge(max_iter="150")
    assert "promoted as late-arrival 1.1.0" in copy.mlops("promote")
    assert copy.champion() == "1.1.0"

    copy.merge(max_iter="1")
    refused = copy.mlops("promote", code=8)
    assert "refused by" in refused
    assert copy.champion() == "1.1.0"
    assert len(copy.github.releases) == 2

    said = copy.mlops("rollback", "--reason", "delays are not forecast in the evening")
    assert "1.0.0 is the champion again, and on hold" in said
    copy.git("revert", "--no-edit", "HEAD")
    copy.git("push", "-q", "origin", "HEAD:main")
    held = copy.mlops("promote", "plan", code=8)
    assert "held at late-arrival 1.0.0" in held
    assert "delays are not forecast in the evening" in held
    assert copy.champion() == "1.0.0"

    copy.mlops("promote", "--release-hold", "--reason", "the evening was our clock")
    assert "promoted as late-arrival 1.1.1" in copy.mlops("promote")
    shown = copy.mlops("registry")
    for word in ("1.0.0", "1.1.0", "1.1.1", "maintainer"):
        assert word in shown
    tags = copy.git("tag", "--list", "late-arrival#*").split()
    assert tags == [f"late-arrival#champion#{number}" for number in range(1, 6)]
    assert copy.git("rev-parse", "late-arrival#champion#2^{commit}") == better
