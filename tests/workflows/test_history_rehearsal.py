"""Runs that have ended, through the real workflow and commands: each becomes a line, and a page.

act runs history.yml on this machine; GitHub is on loopback, origin is a bare repository. What the
runs left is laid out as their workflows leave it.
"""

import io
import json
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mlops.github import status
from mlops.github.api import Api
from mlops.history import ledger
from mlops.judge.verdict import Verdict
from mlops.monitor.result import Result
from tests.mlops.github.conftest import as_json, finished_run, judged
from tests.mlops.github.server import REPOSITORY, TOKEN, GitHub, serving, zipped
from tests.mlops.registry import conftest as registry
from tests.workflows.conftest import ENVIRONMENT, Rehearsal, Stage, git

pytestmark = pytest.mark.slow

HEAD = "1" * 40
STRANGER = {"full_name": "stranger/name", "owner": {"login": "stranger"}}
DRAWN = {"record": "success", "dashboard": "success"}
MAIN = {"event": "push", "head_branch": "main"}


@dataclass
class World:
    """A repository, and the runs of its workflows."""

    stage: Stage
    origin: Path
    last: int = 500
    """The number of the last run of history.yml."""

    @property
    def github(self) -> GitHub:
        return self.stage.github

    def history(self, workflow: str, run: int, head: str, **changes: Any) -> Rehearsal:
        """Have history.yml told of a run that has ended, and took two minutes."""
        job = {"name": "a job", "run_attempt": 1}
        times = {"started_at": "2026-03-01T10:00:00Z", "completed_at": "2026-03-01T10:02:00Z"}
        self.github.jobs[run] = [job | times]
        about = {"id": run, "head_sha": head, "path": f".github/workflows/{workflow}.yml"}
        event = finished_run(**(about | {"name": workflow} | changes))
        event["repository"] = {"default_branch": "main", "full_name": REPOSITORY}
        self.last += 1
        return self.stage.act("workflow_run", event, "history.yml", run=self.last)

    def leave(self, run: int, name: str, verdict: Verdict) -> None:
        content = as_json(verdict, self.stage.scratch)
        self.github.upload(run, name, zipped({"verdict.json": content}))

    def say(self, run: int, commit: str, text: str) -> None:
        """What the last job of a promotion says."""
        client = Api(REPOSITORY, TOKEN, self.github.url)
        status.report(client, commit, "success", text, address(run))

    def lines(self, file: str) -> list[dict[str, Any]]:
        text = self.github.branch_file(ledger.BRANCH, file) or ""
        return [json.loads(line) for line in text.splitlines()]

    def left(self, name: str) -> zipfile.ZipFile:
        """An artifact of the last run of history.yml."""
        (stored,) = [a for a in self.github.artifacts if (a.run, a.name) == (self.last, name)]
        return zipfile.ZipFile(io.BytesIO(stored.content))

    def push(self) -> None:
        """Have the branch that the API keeps in origin as well."""
        folder = self.stage.scratch / ledger.BRANCH
        folder.mkdir()
        for file in ledger.FILES.values():
            text = self.github.branch_file(ledger.BRANCH, file)
            assert text is not None
            (folder / file).write_text(text)
        git(folder, "init", "-q")
        git(folder, "add", "-A")
        git(folder, "commit", "-q", "-m", "lines")
        git(folder, "push", "-q", str(self.origin), f"HEAD:{ledger.BRANCH}")


def address(run: int) -> str:
    return f"https://github.com/{REPOSITORY}/actions/runs/{run}"


def on(commit: str, **changes: Any) -> Verdict:
    candidate = judged().candidate.model_copy(update={"commit": commit})
    return judged(candidate=candidate.model_dump(), **changes)


@pytest.fixture
def world(pristine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """The sample repository on a bare origin, and a clone, which is the current directory."""
    assert (ENVIRONMENT / ".installed").exists(), "`make environment` makes what the jobs link to"
    origin, scratch = tmp_path / "origin.git", tmp_path / "act"
    git(tmp_path, "clone", "-q", "--bare", str(pristine), str(origin))
    git(origin, "branch", "-q", "-M", "main")
    clone = registry.clone(origin, tmp_path / "clone", "Ann")
    with (clone / ".git" / "info" / "exclude").open("a") as excluded:
        excluded.write("/.venv\n/event.json\n")
    (scratch / "home").mkdir(parents=True)
    monkeypatch.chdir(clone)
    for name in ("GITHUB_ACTOR", "GITHUB_TOKEN", "GITHUB_SERVER_URL"):
        monkeypatch.delenv(name, raising=False)
    with serving(GitHub(git_dir=origin)) as github:
        yield World(Stage(clone, scratch, github), origin)


def test_what_ended_becomes_a_line_once_and_a_page(world: World) -> None:
    first = git(world.stage.repository, "rev-parse", "HEAD")

    a_strangers_pull_request_was_judged(world)
    a_merge_was_refused(world, first)
    second = a_merge_was_promoted(world)
    the_monitor_looked(world, second)
    a_stranger_left_a_forged_verdict(world)
    assert world.history("pull-request", 6, second, **MAIN).jobs == {}
    told_again_nothing_is_new_and_the_pages_become_a_site(world)
    assert world.stage.unpickled == set()


def a_strangers_pull_request_was_judged(world: World) -> None:
    world.github.open_pull(7, head=HEAD, fork="stranger/name")
    world.leave(1, "verdict", on(HEAD))

    ran = world.history("pull-request", 1, HEAD, head_repository=STRANGER)

    assert ran.jobs == DRAWN, ran.log
    (line,) = world.lines(ledger.PULLS)
    assert (line["pull"], line["commit"], line["decision"]) == (7, HEAD, "accepted")
    assert (line["minutes"], line["run"]) == (2.0, address(1))
    assert "Settings, Pages, Source: GitHub Actions" in ran.log
    assert "index.html" in world.left("dashboard").namelist()


def a_merge_was_refused(world: World, commit: str) -> None:
    failing = judged().gates[0].model_copy(update={"outcome": "fail"}).model_dump()
    world.leave(2, "judged", on(commit, decision="refused", gates=[failing]))
    world.say(2, commit, "refused by floors: it is not so")

    ran = world.history("promote", 2, commit, **MAIN)

    assert ran.jobs == DRAWN, ran.log
    (line,) = world.lines(ledger.MERGES)
    assert (line["commit"], line["ending"]) == (commit, "refused")
    assert line["why"] == "by floors: it is not so"
    assert line["verdict"]["gates"] == {"floors": "fail"}


def a_merge_was_promoted(world: World) -> str:
    commit = registry.commit({"docs/more.md": "words"}, "another")
    registry.release("1.0.0", commit)
    world.leave(3, "judged", on(commit))
    world.say(3, commit, "promoted as late-arrival 1.0.0")

    ran = world.history("promote", 3, commit, **MAIN)

    assert ran.jobs == DRAWN, ran.log
    line = world.lines(ledger.MERGES)[1]
    assert (line["ending"], line["version"]) == ("promoted", "1.0.0")
    assert line["verdict"]["decision"] == "accepted"
    return commit


def the_monitor_looked(world: World, commit: str) -> None:
    made = "2026-03-02T05:20:00Z"
    look = Result(outcome="no data", summary="nothing", model="m", made=made, run=address(4))
    left = {"monitor.json": look.model_dump_json(), "monitor.md": "#", "monitor.html": "<html>"}
    world.github.upload(4, "monitor", zipped({name: text.encode() for name, text in left.items()}))

    ran = world.history("monitor", 4, commit, event="schedule", head_branch="main")

    assert ran.jobs == DRAWN, ran.log
    (line,) = world.lines(ledger.LOOKS)
    assert (line["outcome"], line["at"]) == ("no data", made)


def a_stranger_left_a_forged_verdict(world: World) -> None:
    """Of another commit, or refused though every gate passes."""
    for run, forged, reason in (
        (5, on("2" * 40), "is of the commit 2222"),
        (6, on(HEAD, decision="refused"), "from its gates follows accepted"),
    ):
        world.leave(run, "verdict", forged)

        ran = world.history("pull-request", run, HEAD, head_repository=STRANGER)

        assert ran.jobs == DRAWN, ran.log
        assert reason in ran.log
    assert len(world.lines(ledger.PULLS)) == 1


def told_again_nothing_is_new_and_the_pages_become_a_site(world: World) -> None:
    world.push()
    world.github.site = {"build_type": "workflow", "public": True}

    ran = world.history("pull-request", 1, HEAD, head_repository=STRANGER)

    assert ran.jobs == DRAWN | {"pages": "success"}, ran.log
    assert [len(world.lines(file)) for file in ledger.FILES.values()] == [1, 2, 1]
    assert len(world.github.history(ledger.BRANCH)) == 4
    assert world.stage.notes_of("deploy") == ["deploy github-pages"]
    packed = world.left("github-pages").read("artifact.tar")
    with tarfile.open(fileobj=io.BytesIO(packed)) as site:
        assert all(member.isfile() or member.isdir() for member in site)
        assert all(member.mode & 0o444 == 0o444 for member in site)
        page = site.extractfile("./index.html")
        assert page is not None
        assert page.read() == world.left("dashboard").read("index.html")
    assert address(2) in world.left("dashboard").read("site.json").decode()
