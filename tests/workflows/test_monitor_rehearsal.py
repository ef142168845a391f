"""A model that ages, through the real workflows and commands: from the alarm to the verdict.

act runs monitor.yml, retrain.yml, pull-request.yml and comment.yml on this machine; GitHub is on
loopback, origin is a bare repository, and the source gives every tenth flight, in September none
of United's.
"""

import io
import re
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mlops.github.artifact import unpack
from mlops.judge.verdict import read
from mlops.monitor import result
from mlops.monitor.alert import state
from tests.conftest import THINNING, execute
from tests.mlops.github.conftest import finished_run
from tests.mlops.github.server import BOT, REPOSITORY, GitHub, serving
from tests.planted.change import edit
from tests.workflows.conftest import ENVIRONMENT, Rehearsal, Stage, cloned, git

pytestmark = pytest.mark.slow

BRANCH = "retrain/late-arrival"
PATIENT = {"row_ms": 5000, "thousand_rows_ms": 5000}
"""Limits on time that hold while other tests run."""
ARRIVING = f"""rows[period][:: {THINNING} if table == "flights" else 1]
                if period != "2013-09" or table != "flights"
                else [line for line in rows[period][::{THINNING}] if b",UA," not in line])"""


@dataclass
class World:
    """A repository whose model ages, and what its workflows make of that."""

    stage: Stage
    origin: Path
    run: int = 0

    @property
    def github(self) -> GitHub:
        return self.stage.github

    def act(self, event: str, workflow: str, **inputs: str) -> Rehearsal:
        self.run += 1
        about = {"default_branch": "main", "full_name": REPOSITORY}
        content = {"ref": "refs/heads/main", "repository": about, "inputs": inputs}
        return self.stage.act(event, content, workflow, run=self.run, GITHUB_RUN_ID=str(self.run))

    def look(self) -> result.Result:
        """What the last look left for the job that tells."""
        (stored,) = [a for a in self.github.artifacts if (a.run, a.name) == (self.run, "monitor")]
        left = zipfile.ZipFile(io.BytesIO(stored.content))
        assert set(left.namelist()) == {"monitor.json", "monitor.md", "monitor.html"}
        return result.read(left.read("monitor.json"), "monitor.json")

    @property
    def proposals(self) -> list[Any]:
        return [pull for pull in self.github.pulls.values() if pull["head"]["ref"] == BRANCH]

    @property
    def tip(self) -> str:
        return git(self.origin, "rev-parse", BRANCH)


@pytest.fixture
def world(finished: Path, tmp_path: Path) -> Iterator[World]:
    """The sample repository on a bare origin, cloned: data and cache are there, results are not."""
    assert (ENVIRONMENT / ".installed").exists(), "`make environment` makes what the jobs link to"
    edit("src/problem/source.py", ("rows[period])", ARRIVING))(finished)
    for knob, value in PATIENT.items():
        path = finished / "params.yaml"
        path.write_text(re.sub(rf"\b{knob}: \S+", f"{knob}: {value}", path.read_text()))
    carded = execute(finished, "dvc", "repro", "-q", "card")  # the card names the limits
    assert carded.returncode == 0, carded.stderr
    git(finished, "commit", "-q", "-a", "-m", "September without United")
    origin, clone = cloned(finished, tmp_path)
    scratch = tmp_path / "act"
    (scratch / "home").mkdir(parents=True)
    with serving(GitHub(git_dir=origin)) as github:
        yield World(Stage(clone, scratch, github), origin)


def test_from_the_alarm_to_the_verdict_then_again_refused_and_cooling_down(world: World) -> None:
    github, repository = world.github, world.stage.repository

    ran = world.act("schedule", "monitor.yml")

    assert set(ran.jobs.values()) == {"success"}, ran.log
    found = world.look()
    assert found.outcome == "alarm"
    assert found.drift is not None
    assert "carrier" in {column.name for column in found.drift.columns if column.drifted}
    (issue,) = github.issues.values()
    assert issue["state"] == "open"
    assert "carrier" in issue["body"]
    (pull,) = world.proposals
    assert f"#{issue['number']}" in pull["body"]
    assert "Approve" in pull["body"]  # the built-in token's runs wait for that
    assert "2013-09" in pull["title"]
    first = world.tip
    changed = git(world.origin, "diff", "--name-only", "main", BRANCH).splitlines()
    assert {"data.dvc", "dvc.lock", "metrics/test.json", "reports/model_card.md"} <= set(changed)
    assert all(re.match(r"data\.dvc|dvc\.lock|metrics/|reports/", path) for path in changed)
    assert world.stage.unpickled.isdisjoint({"alert", "propose"})

    verdict, comment = judged(world, pull)
    assert verdict.candidate.commit == first
    assert verdict.decision.capitalize() in comment["body"]

    git(repository, "checkout", "-q", "main")
    shutil.rmtree(repository / "data", ignore_errors=True)
    again = world.act("schedule", "monitor.yml")

    assert set(again.jobs.values()) == {"success"}, again.log
    assert [one["number"] for one in github.issues.values()] == [issue["number"]]
    told = state(issue["body"])
    assert told is not None
    assert told.looks == 2
    assert world.proposals == [pull]
    assert world.tip == first

    pull["state"] = "closed"
    git(repository, "checkout", "-q", "--", ".")
    shutil.rmtree(repository / "data", ignore_errors=True)
    cooling = world.act("schedule", "retrain.yml")

    assert cooling.jobs == {"run": "success"}, cooling.log
    assert "cooldown_days" in cooling.log
    assert [one["state"] for one in world.proposals] == ["closed"]

    github.may_open_pulls = False
    git(world.origin, "branch", "-q", "-D", BRANCH)
    refused = world.act("workflow_dispatch", "retrain.yml", reason="the fleet has changed")

    assert set(refused.jobs.values()) == {"success"}, refused.log
    assert [one["state"] for one in world.proposals] == ["closed"]
    assert git(world.origin, "rev-parse", f"{BRANCH}^") == git(world.origin, "rev-parse", "main")
    (standing_in,) = [i for n, i in github.issues.items() if n != issue["number"]]
    assert f"/compare/main...{BRANCH.replace('/', '%2F')}" in standing_in["body"]
    assert "the fleet has changed" in standing_in["body"]

    a_schedule_that_stopped_is_told(world)


def a_schedule_that_stopped_is_told(world: World) -> None:
    for file in ("reconcile.yml", "retrain.yml", "heartbeat.yml"):
        world.github.add_workflow(file, last=3)
    world.github.add_workflow("monitor.yml", state="disabled_inactivity", last=70)

    beaten = world.act("push", "heartbeat.yml")

    assert beaten.jobs == {"heartbeat": "success"}, beaten.log
    newest = world.github.issues[max(world.github.issues)]
    assert "gh workflow enable monitor.yml" in newest["body"]
    assert "retrain.yml" not in newest["body"]


def judged(world: World, pull: Any) -> tuple[Any, Any]:
    """Its verdict and its comment, once somebody has let its workflows run."""
    stage, head = world.stage, pull["head"]["sha"]
    git(stage.repository, "fetch", "-q", "origin", BRANCH)
    git(stage.repository, "checkout", "-q", "--force", "--detach", head)
    world.github.files[pull["number"]] = [{"filename": "data.dvc"}]
    about = {"default_branch": "main", "full_name": REPOSITORY}
    event = {"action": "synchronize", "pull_request": pull, "repository": about}
    stage.act("pull_request", event, "pull-request.yml", run=90)
    (stored,) = [a for a in world.github.artifacts if (a.run, a.name) == (90, "verdict")]
    verdict = read(unpack(stored.content, "verdict")["verdict.json"], "verdict.json")
    run = finished_run(id=90, head_sha=head, head_branch=BRANCH)
    said = stage.act("workflow_run", run, "comment.yml", run=0)
    assert said.jobs["comment"] == "success", said.log
    (comment,) = [c for c in world.github.comments if c["issue"] == pull["number"]]
    assert comment["user"]["login"] == BOT
    return verdict, comment
