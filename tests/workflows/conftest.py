"""The workflows, run on this machine by act, with stand-ins for the actions that need GitHub."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.conftest import ROOT
from tests.mlops.github.server import REPOSITORY, TOKEN, GitHub, serving

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
ACTIONS = sorted((ROOT / ".github" / "actions").glob("*/action.yml"))
STAND_INS = Path(__file__).parent / "actions"
WATCH = Path(__file__).parent / "watch"
ENVIRONMENT = ROOT / ".venv"
PINNED = re.compile(r"uses:\s*([\w.-]+/([\w.-]+))(/[\w/.-]+)?@([0-9a-f]{40})")


def load(path: Path) -> dict[str, Any]:
    """A workflow or action; `on` is a key like any other in YAML 1.2."""
    return dict(YAML(typ="safe").load(path.read_text()))


def for_act(workflow: Path, folder: Path) -> Path:
    """A copy of a workflow without what act 0.2.89 does not know: how long a queue may be.

    act runs one workflow at a time and ignores `concurrency`, so nothing else is lost.
    """
    copy = folder / workflow.name
    copy.write_text(re.sub(r"^ +queue: max\n", "", workflow.read_text(), flags=re.MULTILINE))
    return copy


def git(folder: Path, *arguments: str) -> str:
    """What git says to an author who is nobody."""
    identity = ["-c", "user.name=Author", "-c", "user.email=author@example.invalid"]
    done = subprocess.run(
        ["git", *identity, *arguments], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def cloned(finished: Path, folder: Path) -> tuple[Path, Path]:
    """A repository after a run, committed, as a bare origin and a clone of its main, in `folder`.

    data/ and the cache move into the clone; results do not, and a job has to bring them back.
    """
    origin, clone = folder / "origin.git", folder / "clone"
    git(folder, "clone", "-q", "--bare", str(finished), str(origin))
    git(origin, "branch", "-q", "-M", "main")
    git(folder, "clone", "-q", str(origin), str(clone))
    with (clone / ".git" / "info" / "exclude").open("a") as excluded:
        excluded.write("/.venv\n/event.json\n")
    shutil.move(finished / "data", clone / "data")
    (clone / ".dvc" / "cache").symlink_to(finished / ".dvc" / "cache")
    return origin, clone


@dataclass
class Rehearsal:
    """How a workflow went: the result of every job that ran, and of every step in it."""

    jobs: dict[str, str] = field(default_factory=dict)
    steps: dict[tuple[str, str], str] = field(default_factory=dict)
    log: str = ""


@dataclass
class Stage:
    """Where a workflow is rehearsed: a repository, the API on loopback, and notes of stand-ins."""

    repository: Path
    scratch: Path
    github: GitHub
    programs: Path | None = None
    """A folder of programs that are found before those of this machine."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """The repository's."""

    @property
    def notes(self) -> list[str]:
        path = self.scratch / "notes"
        return path.read_text().splitlines() if path.exists() else []

    def notes_of(self, stand_in: str) -> list[str]:
        return [note for note in self.notes if note.startswith(f"{stand_in} ")]

    @property
    def unpickled(self) -> set[str]:
        """The jobs in which a pickle was loaded."""
        path = self.scratch / "unpickled"
        return {n.split(":")[0] for n in path.read_text().splitlines()} if path.exists() else set()

    def act(
        self, event: str, content: dict[str, Any], workflow: str, *, run: int, **environment: str
    ) -> Rehearsal:
        """Run a workflow on an event; `run` is the number under which its artifacts are kept."""
        event_file = self.scratch / "event.json"
        event_file.write_text(json.dumps(content))
        variables = {
            "GITHUB_API_URL": self.github.url,
            "GITHUB_REPOSITORY": REPOSITORY,
            "LOOPBACK": self.github.url,
            "LOOPBACK_ACTIONS": str(STAND_INS),
            "LOOPBACK_CML": "",
            "LOOPBACK_ENVIRONMENT": str(ENVIRONMENT),
            "LOOPBACK_NOTES": str(self.scratch / "notes"),
            "LOOPBACK_RUN": str(run),
            "LOOPBACK_UNPICKLED": str(self.scratch / "unpickled"),
            # of the copy, not what the environment was installed from
            "PYTHONPATH": f"src{os.pathsep}{WATCH}",
            "OMP_NUM_THREADS": "1",
            "PYTEST_ADDOPTS": "--cov-fail-under=0 tests/mlops/test_files.py",
            "SKIP": "format,lint,types",
        } | environment
        rehearsed = for_act(self.repository / ".github" / "workflows" / workflow, self.scratch)
        command = [
            *(str(ENVIRONMENT / "bin" / "act"), event, "--json", "--use-gitignore=false"),
            *("-W", str(rehearsed), "-P", "ubuntu-latest=-self-hosted"),
            *(
                "-s",
                f"GITHUB_TOKEN={TOKEN}",
                "--eventpath",
                str(event_file),
                "--actor",
                "maintainer",
            ),
            *(f"--local-repository={name}={folder}" for name, folder in stand_ins().items()),
            *(part for pair in variables.items() for part in ("--env", "=".join(pair))),
            *(part for pair in self.variables.items() for part in ("--var", "=".join(pair))),
        ]
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("GITHUB_", "COV_", "PYTEST_", "PYTHON", "MAKE", "MFLAGS"))
            and not name.lower().endswith("_proxy")
        }
        if self.programs:
            inherited["PATH"] = f"{self.programs}{os.pathsep}{inherited['PATH']}"
        ran = subprocess.run(
            command,
            cwd=self.repository,
            env=inherited | {"HOME": str(self.scratch / "home")},
            capture_output=True,
            text=True,
            check=False,
            timeout=900,
        )
        return heard(ran.stdout + ran.stderr)


def stand_ins() -> dict[str, Path]:
    """`owner/name@SHA` of every action that is used, and the folder that stands in for it."""
    texts = "\n".join(path.read_text() for path in [*WORKFLOWS, *ACTIONS])
    found = {f"{m[1]}@{m[4]}": STAND_INS / m[2] for m in PINNED.finditer(texts)}
    found = {name: folder for name, folder in found.items() if folder.name != "checkout"}  # act's
    absent = [folder.name for folder in found.values() if not folder.is_dir()]
    assert not absent, f"no stand-in for {absent}"
    return found


def heard(log: str) -> Rehearsal:
    rehearsal = Rehearsal(log=log)
    for line in log.splitlines():
        try:
            said = json.loads(line)
        except ValueError:
            continue
        job = said.get("jobID", "")
        if "jobResult" in said:
            rehearsal.jobs[job] = said["jobResult"]
        if "stepResult" in said and said.get("stage") == "Main":
            rehearsal.steps[job, said["step"]] = said["stepResult"]
    return rehearsal


@pytest.fixture
def stage(finished: Path, tmp_path: Path) -> Iterator[Stage]:
    """The sample repository after a run on main, and on top of it a branch `topic`."""
    assert (ENVIRONMENT / ".installed").exists(), "`make environment` makes what the jobs link to"
    scratch = tmp_path / "act"
    (scratch / "home").mkdir(parents=True)
    with (finished / ".git" / "info" / "exclude").open("a") as excluded:
        excluded.write("/.venv\n/event.json\n")
    for arguments in (
        ["update-ref", "refs/remotes/origin/main", "HEAD"],
        ["checkout", "-q", "-b", "topic"],
    ):
        subprocess.run(["git", *arguments], cwd=finished, check=True)
    with serving(GitHub()) as github:
        yield Stage(finished, scratch, github)
