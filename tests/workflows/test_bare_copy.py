"""What GitHub starts in a copy that nobody has set up: every workflow, and each of them ends green.

The copy is as "Use this template" makes it: the files in one commit, no tags, no other branch. It
is private, on a plan that offers private repositories little, and its token may only read. act runs
the workflows on this machine; GitHub, the registry of images and origin answer as GitHub does.
"""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mlops.monitor.result import Result
from tests.conftest import THINNING, execute
from tests.mlops.github import server
from tests.mlops.github.answers import Json
from tests.mlops.github.conftest import RUN, as_json, finished_run, judged
from tests.mlops.github.server import REPOSITORY, GitHub, RefusedError, zipped
from tests.mlops.package import registry
from tests.mlops.package.conftest import BASE, Machine, image
from tests.mlops.package.registry import Registry
from tests.mlops.template.conftest import Repository
from tests.planted.change import edit, parameters
from tests.workflows.conftest import ENVIRONMENT, WORKFLOWS, Rehearsal, Stage, git

pytestmark = pytest.mark.slow

READABLE = ("actions", "contents", "issues", "pages", "pull-requests", "statuses")
ABOUT = {"default_branch": "main", "full_name": REPOSITORY}
PUSHES_NOTHING = """#!/bin/sh
# what GitHub says to a token that may not write
echo "Permission to owner/name.git denied to github-actions[bot]." >&2
exit 1
"""
PATIENT: dict[str, object] = dict.fromkeys(
    ("gates.budgets.row_ms", "gates.budgets.thousand_rows_ms"), 5000
)
"""Limits on time that hold while other tests run."""
ARRIVING = f"""rows[period][:: {THINNING} if table == "flights" else 1]
                if period != "2013-09" or table != "flights"
                else [line for line in rows[period][::{THINNING}] if b",UA," not in line])"""
"""The sample's flights, and a September without United, of which the monitor makes an alarm."""
EARLIER, LATER = "2026-03-02T05:18:00Z", "2026-03-02T05:20:00Z"
PAGES = "the dashboard is an artifact of this run alone: .*Settings, Pages, Source: GitHub Actions"


@dataclass
class Copy:
    """A copy, and what its workflows make of it."""

    stage: Stage
    origin: Path
    runs: int = 0

    @property
    def github(self) -> GitHub:
        return self.stage.github

    @property
    def head(self) -> str:
        return git(self.stage.repository, "rev-parse", "HEAD")

    def act(self, workflow: str, event: "Event") -> Rehearsal:
        self.runs += 1
        content = {"ref": "refs/heads/main", "after": self.head, "repository": ABOUT}
        return self.stage.act(
            event.name,
            content | event.content(self),
            f"{workflow}.yml",
            run=self.runs,
            GITHUB_RUN_ID=str(self.runs),
        )


def nothing(_: Copy) -> Json:
    return {}


@dataclass(frozen=True)
class Event:
    """What starts a workflow in a copy, which of its jobs run then, and what they skip."""

    name: str
    jobs: set[str]
    skipped: tuple[str, ...] = ()
    """What each notice says that names a setting; no other does."""
    content: Callable[[Copy], Json] = nothing
    """Arranges what GitHub has by then, and says what else is in the event."""


def by_hand(**inputs: str) -> Callable[[Copy], Json]:
    return lambda _: {"inputs": inputs}


def ended(workflow: str, **changes: Any) -> Callable[[Copy], Json]:
    """A run of a workflow on main's only commit."""
    path = f".github/workflows/{workflow}.yml"

    def content(copy: Copy) -> Json:
        about = {"path": path, "name": workflow, "head_sha": copy.head, "head_branch": "main"}
        return finished_run(**(about | {"event": "push"} | changes)) | {"repository": ABOUT}

    return content


def a_look(copy: Copy) -> Json:
    """The monitor has looked, and left what it saw."""
    run = f"https://github.com/{REPOSITORY}/actions/runs/{RUN}"
    seen = Result(outcome="no data", summary="nothing", model="m", made=LATER, run=run)
    left = {"monitor.json": seen.model_dump_json(), "monitor.md": "#", "monitor.html": "<html>"}
    copy.github.upload(RUN, "monitor", zipped({name: text.encode() for name, text in left.items()}))
    job = {"name": "look", "run_attempt": 1, "started_at": EARLIER, "completed_at": LATER}
    copy.github.jobs[RUN] = [job]
    return ended("monitor", event="schedule")(copy)


def a_first_pull_request(copy: Copy) -> Json:
    """It was judged, and left its verdict."""
    copy.github.open_pull()
    verdict = as_json(judged(), copy.stage.scratch)
    copy.github.upload(RUN, "verdict", zipped({"verdict.json": verdict}))
    return finished_run() | {"repository": ABOUT}


def a_schedule_stopped(copy: Copy) -> Json:
    copy.github.add_workflow("monitor.yml", state="disabled_inactivity", last=70)
    return {}


def a_newer_template(copy: Copy) -> Json:
    folder = copy.origin.with_name("template")
    git(copy.origin.parent, "clone", "-q", str(copy.origin), str(folder))
    template = Repository(folder)
    template.write({"docs/newer.md": "# Newer\n"})
    template.release("999.0.0")
    copy.github.relations = {"template_repository": {"clone_url": str(folder)}}
    return {}


def issues_are_off_as_well(copy: Copy) -> Json:
    copy.github.has_issues = False
    return {}


def may_not(permission: str) -> str:
    return rf"the token may not write {permission}: Settings, Actions, General, Workflow perm"


STARTED: dict[str, list[Event]] = {
    "comment": [
        Event("workflow_run", set(), content=ended("pull-request")),
        Event(
            "workflow_run",
            {"comment", "count"},
            (
                rf"no comment, .* the summary of this job: {may_not('pull-requests')}",
                rf"the use of hold-out e+ is not counted: {may_not('contents')}",
            ),
            a_first_pull_request,
        ),
    ],
    "heartbeat": [
        Event("push", {"heartbeat"}),
        Event(
            "schedule",
            {"heartbeat"},
            (rf"nobody gets an issue on schedules: {may_not('issues')}",),
            a_schedule_stopped,
        ),
        Event(
            "workflow_dispatch",
            {"heartbeat"},
            (r"nobody gets an issue .* has no issues: Settings, General, Issues",),
            issues_are_off_as_well,
        ),
    ],
    "history": [
        Event(
            "workflow_run",
            {"record", "dashboard"},
            (PAGES, rf"run {RUN} is not recorded: {may_not('contents')}"),
            a_look,
        ),
        Event("workflow_run", {"record", "dashboard"}, (PAGES,), ended("promote")),
    ],
    "monitor": [
        Event(
            "schedule",
            {"look", "alert", "run", "propose"},
            (
                rf"alarm: .*; nobody gets an issue: {may_not('issues')}",
                rf"nothing is proposed: {may_not('contents')}",
            ),
        )
    ],
    "promote": [
        Event(
            "push",
            {"judge", "package", "outcome"},
            (
                "attestations are not offered .* repository variable MLOPS_ATTEST",
                "whether the environment promotion is protected .* Settings, Environments",
                "MLflow's registry is not told: set the repository variable MLFLOW_TRACKING_URI",
                rf"undelivered and so not promoted, since {may_not('packages')}",
                rf"no status on the commit says so: {may_not('statuses')}",
            ),
        )
    ],
    "pull-request": [Event("push", {"checks", "pipeline", "required"})],
    "reconcile": [Event("schedule", {"reconcile"})],
    "retrain": [
        Event("schedule", {"run", "propose"}, (rf"nothing is proposed: {may_not('contents')}",))
    ],
    "rollback": [Event("workflow_dispatch", {"rollback"}, content=by_hand(reason="a try"))],
    "security": [Event("push", {"plan"}, ("no CodeQL and no Scorecard.*Settings, Advanced",))],
    "tune": [
        Event(
            "workflow_dispatch",
            {"plan", "search", "merge"},
            content=by_hand(trials="2", shares="1", estimator="logistic_regression"),
        )
    ],
    "update": [
        Event(
            "schedule",
            {"propose"},
            (rf"nobody is told of Template v999\.0\.0: {may_not('issues')}",),
            a_newer_template,
        )
    ],
}
"""Of `security`, test_security_rehearsal.py has the schedule, which asks the services of others."""


def test_every_workflow_is_rehearsed_here() -> None:
    assert {path.stem for path in WORKFLOWS} == set(STARTED)


def annotations(ran: Rehearsal, level: str) -> list[str]:
    """What a run says beside its log."""
    lines = (json.loads(line).get("msg", "") for line in ran.log.splitlines() if line[:1] == "{")
    return [found[1] for line in lines if (found := re.match(rf"::{level} [^:]*::(.+)", line))]


def free_plan(call: str) -> None:
    """What GitHub does not offer to a private repository of a free plan."""
    if re.match(r"GET (environments|pages|rulesets)", call):
        raise RefusedError(
            403, "Upgrade to GitHub Pro or make this repository public to enable this feature."
        )
    if re.match(r"GET (code-scanning|dependency-graph)", call):
        raise RefusedError(
            403, "Code Security must be enabled for this repository to use code scanning."
        )


@pytest.fixture(scope="module")
def template(ran: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample repository after a run; in .dvc/cache what a run of main has saved."""
    folder = tmp_path_factory.mktemp("template") / "files"
    shutil.copytree(ran, folder)
    (base,) = re.findall(r"^ARG BASE=.*$", (folder / "Dockerfile").read_text(), re.MULTILINE)
    edit("Dockerfile", (base, f"ARG BASE={BASE}"))(folder)
    edit("src/problem/source.py", ("rows[period])", ARRIVING))(folder)
    parameters(PATIENT)(folder)
    carded = execute(folder, "dvc", "repro", "-q", "card")  # the card names the limits
    assert carded.returncode == 0, carded.stderr
    git(folder, "add", "-A")
    return folder


@pytest.fixture
def copy(template: Path, tmp_path: Path) -> Iterator[Copy]:
    """The files of the template in one commit, on a bare origin that takes no other; cloned."""
    assert (ENVIRONMENT / ".installed").exists(), "`make environment` makes what the jobs link to"
    origin, clone, scratch = tmp_path / "origin.git", tmp_path / "clone", tmp_path / "act"
    only = git(template, "commit-tree", git(template, "write-tree"), "-m", "Initial commit")
    git(tmp_path, "init", "-q", "--bare", "-b", "main", str(origin))
    git(template, "push", "-q", str(origin), f"{only}:refs/heads/main")
    hook = origin / "hooks" / "pre-receive"
    hook.write_text(PUSHES_NOTHING)
    hook.chmod(0o755)
    git(tmp_path, "clone", "-q", str(origin), str(clone))
    with (clone / ".git" / "info" / "exclude").open("a") as excluded:
        excluded.write("/.venv\n/event.json\n")
    shutil.copytree(template / "data", clone / "data")
    shutil.copytree(template / ".dvc" / "cache", clone / ".dvc" / "cache")
    (scratch / "home").mkdir(parents=True)
    machine = Machine(tmp_path / "machine")
    (machine.folder / "bin").mkdir(parents=True)
    machine.install("docker")
    machine.holds(**{BASE: image("a", 223_000_000)})
    machine.registry_holds()
    reads = dict.fromkeys(READABLE, "read")
    github = GitHub(git_dir=origin, permissions=reads, visibility="private", on_read=free_plan)
    images = Registry(login=("somebody", "else"), everybody="pull")
    with server.serving(github), registry.serving(images):
        variables = {"MLOPS_IMAGE": f"{images.address}/{REPOSITORY}"}
        yield Copy(Stage(clone, scratch, github, machine.folder / "bin", variables), origin)


@pytest.mark.parametrize("workflow", STARTED)
def test_it_ends_green_and_each_thing_that_it_skips_is_one_notice(
    copy: Copy, workflow: str
) -> None:
    refs = git(copy.origin, "for-each-ref")

    for event in STARTED[workflow]:
        ran = copy.act(workflow, event)

        assert ran.jobs == dict.fromkeys(event.jobs, "success"), ran.log
        assert annotations(ran, "error") == []
        notices = annotations(ran, "notice")
        assert len(set(notices)) == len(notices)
        named = [
            notice for notice in notices if re.search(r"Settings, |repository variable", notice)
        ]
        assert [sum(bool(re.match(what, one)) for one in named) for what in event.skipped] == [
            1 for _ in event.skipped
        ], notices
        assert len(named) == len(event.skipped), named
    assert git(copy.origin, "for-each-ref") == refs
    assert not copy.github.statuses
    assert not copy.github.issues
    assert not copy.github.comments
    assert not copy.github.branches
