"""Merges from their push to the champion, and back again, through the real workflows and commands.

act runs promote.yml and rollback.yml on this machine; GitHub and the registry of images are on
loopback, origin is a bare repository, and docker's stand-in builds, pushes, pulls and runs.
"""

import io
import json
import os
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mlops.github.artifact import unpack
from mlops.judge.verdict import read
from mlops.promotion.candidate import image_tag
from tests.conftest import execute
from tests.mlops.github import server
from tests.mlops.github.server import REPOSITORY, TOKEN, GitHub
from tests.mlops.package import registry
from tests.mlops.package.conftest import BASE, Machine, image
from tests.mlops.package.registry import Registry
from tests.workflows.conftest import ENVIRONMENT, Rehearsal, Stage, cloned, git

pytestmark = pytest.mark.slow

ORDER = ("judge", "package", "smoke", "release", "outcome")
PROGRAMS = ENVIRONMENT / "bin"
MODEL = "late-arrival"
PATIENT = {"row_ms": 5000, "thousand_rows_ms": 5000, "latency_ratio": 100}
"""Limits on time that hold while other tests run."""
GH = """#!/bin/sh
# gh attestation verify oci://IMAGE …: whether the stand-in for actions/attest has noted it
case "$*" in *slsa.dev*) kind=provenance ;; *) kind=.mlops/promotion/assets/sbom.cdx.json ;; esac
grep -q "attest $kind ${3#oci://}" "$LOOPBACK_NOTES" || { echo "no attestation" >&2; exit 1; }
"""


@dataclass
class Delivery:
    """A repository whose main is promoted, and all that this changes."""

    stage: Stage
    machine: Machine
    images: Registry
    origin: Path
    run: int = 0

    def merge(self, path: str, text: str) -> str:
        """A pull request that changes a file, merged."""
        repository = self.stage.repository
        (repository / path).write_text(text)
        git(repository, "commit", "-q", "-a", "-m", f"change {path}")
        git(repository, "push", "-q", "origin", "HEAD:main")
        return git(repository, "rev-parse", "HEAD")

    def act(self, event: str, workflow: str, **inputs: str) -> Rehearsal:
        self.run += 1
        about = {"default_branch": "main", "full_name": REPOSITORY}
        content = {"ref": "refs/heads/main", "repository": about, "inputs": inputs}
        return self.stage.act(
            event,
            content,
            workflow,
            run=self.run,
            GITHUB_RUN_ID=str(self.run),
        )

    def promote(self) -> Rehearsal:
        return self.act("push", "promote.yml")

    def again(self, *steps: str) -> None:
        """Steps of the run before as commands, on what its jobs had left: `Re-run failed jobs`."""
        repository = self.stage.repository
        for name, folder in (("candidate", "."), ("packaged", ".mlops/promotion")):
            (left,) = [
                artifact
                for artifact in self.stage.github.artifacts
                if (artifact.run, artifact.name) == (self.run, name)
            ]
            zipfile.ZipFile(io.BytesIO(left.content)).extractall(repository / folder)
        for step in steps:
            done = execute(
                repository,
                *("mlops", "promote", step),
                PATH=os.pathsep.join(map(str, (self.stage.programs, PROGRAMS, os.environ["PATH"]))),
                GITHUB_ACTOR="maintainer",
                GITHUB_API_URL=self.stage.github.url,
                GITHUB_REPOSITORY=REPOSITORY,
                GITHUB_TOKEN=TOKEN,
                **self.stage.variables,
            )
            assert done.returncode == 0, done.stdout + done.stderr

    @property
    def tags(self) -> list[str]:
        return git(self.origin, "tag", "--list", "--sort=creatordate").splitlines()

    def record(self, tag: str) -> Any:
        message = git(self.origin, "for-each-ref", "--format=%(contents)", f"refs/tags/{tag}")
        return json.loads(message[message.index("{") :])

    def status(self, commit: str) -> tuple[str, str]:
        """What the commit's status says: its state, and why."""
        newest = self.stage.github.statuses[commit][-1]
        assert newest["context"] == "promotion"
        return newest["state"], newest["description"]

    @property
    def image(self) -> str:
        return f"{self.images.address}/{REPOSITORY}"

    @property
    def image_tags(self) -> dict[str, str]:
        return self.images.at(REPOSITORY).tags

    def candidate(self, version: Any) -> str:
        """The tag under which the image was pushed first."""
        return image_tag(version["commit"], version["facts"]["lock"], version["version"])


@pytest.fixture
def delivery(finished: Path, tmp_path: Path) -> Iterator[Delivery]:
    """The sample repository on a bare origin, cloned: data and cache are there, results are not."""
    assert (ENVIRONMENT / ".installed").exists(), "`make environment` makes what the jobs link to"
    replaced(finished / "Dockerfile", r"^ARG BASE=.*$", f"ARG BASE={BASE}")
    for knob, value in PATIENT.items():
        replaced(finished / "params.yaml", rf"\b{knob}: \S+", f"{knob}: {value}")
    carded = execute(finished, "dvc", "repro", "-q", "card")  # the card names the limits
    assert carded.returncode == 0, carded.stderr
    git(finished, "commit", "-q", "-a", "-m", "for a slow machine without a network")
    origin, clone = cloned(finished, tmp_path)
    scratch = tmp_path / "act"
    (scratch / "home").mkdir(parents=True)
    machine = Machine(tmp_path / "machine")
    (machine.folder / "bin").mkdir(parents=True)
    machine.install("docker")
    machine.holds(**{BASE: image("a", 223_000_000)})
    machine.registry_holds()
    gh = machine.folder / "bin" / "gh"
    gh.write_text(GH)
    gh.chmod(0o755)
    with server.serving(GitHub(git_dir=origin)) as github, registry.serving(Registry()) as images:
        variables = {"MLOPS_IMAGE": f"{images.address}/{REPOSITORY}"}
        stage = Stage(clone, scratch, github, machine.folder / "bin", variables)
        yield Delivery(stage, machine, images, origin)
    assert machine.containers == []


def replaced(path: Path, pattern: str, text: str) -> None:
    """Replace the one place in a file that fits."""
    content, times = re.subn(pattern, text, path.read_text(), flags=re.MULTILINE)
    assert times == 1, f"{path.name}: {pattern} is there {times} times"
    path.write_text(content)


def test_a_first_version_then_a_broken_image_then_a_second_version_and_back(
    delivery: Delivery,
) -> None:
    github, stage = delivery.stage.github, delivery.stage
    first = git(stage.repository, "rev-parse", "HEAD")

    ran = delivery.promote()

    assert list(ran.jobs) == [*ORDER], ran.log
    assert set(ran.jobs.values()) == {"success"}, ran.log
    assert delivery.tags == [f"{MODEL}@v1.0.0", f"{MODEL}#champion#1"]
    assert delivery.status(first) == ("success", f"promoted as {MODEL} 1.0.0")
    version = delivery.record(f"{MODEL}@v1.0.0")
    digest = version["image"]["digest"]
    assert delivery.image_tags == {
        "1.0.0": digest,
        "champion": digest,
        delivery.candidate(version): digest,
    }
    assert version["image"]["attested"]
    assert stage.notes_of("attest") == [
        f"attest {kind} {delivery.image}@{digest}"
        for kind in ("provenance", ".mlops/promotion/assets/sbom.cdx.json")
    ]
    assert not github.release(f"{MODEL}@v1.0.0").draft
    assert stage.unpickled == {"judge"}  # where the gates ask the model; and nowhere else
    (kept,) = [one for one in github.artifacts if (one.run, one.name) == (delivery.run, "judged")]
    verdict = read(unpack(kept.content, "judged")["verdict.json"], "verdict.json")
    assert (verdict.decision, verdict.candidate.commit) == ("accepted", first)

    github.visibility = "private"
    delivery.machine.set("crashing")
    second = delivery.merge("src/serving/__init__.py", "# another server\n")

    ran = delivery.promote()

    assert {name: ran.jobs.get(name) for name in ORDER} == {
        "judge": "success",
        "package": "success",
        "smoke": "failure",
        "release": None,
        "outcome": "success",
    }, ran.log
    state, said = delivery.status(second)
    assert (state, said[:21]) == ("failure", "refused by its image:")
    assert delivery.tags == [f"{MODEL}@v1.0.0", f"{MODEL}#champion#1"]
    assert delivery.image_tags["champion"] == delivery.image_tags["1.0.0"] == digest

    (delivery.machine.folder / "crashing").unlink()
    delivery.again("smoke", "release", "champion")

    assert delivery.tags[2:] == [f"{MODEL}@v1.1.0", f"{MODEL}#champion#2"]
    assert not delivery.record(f"{MODEL}@v1.1.0")["image"]["attested"]
    assert delivery.image_tags["champion"] == delivery.image_tags["1.1.0"] != digest

    ran = delivery.act("workflow_dispatch", "rollback.yml", version="", reason="late; $(late)")

    assert ran.jobs == {"rollback": "success"}, ran.log
    assert delivery.tags[4:] == [f"{MODEL}#champion#3"]
    back = delivery.record(f"{MODEL}#champion#3")
    assert (back["version"], back["kind"], back["hold"]) == ("1.0.0", "rollback", True)
    assert (back["reason"], back["by"]) == ("late; $(late)", "maintainer")
    assert delivery.image_tags["champion"] == digest
    assert stage.unpickled == {"judge"}
