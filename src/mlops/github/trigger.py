"""Which finished run a job was started for, and which pull request that run belongs to.

Every field of the event that a stranger can choose (branch, head repository) is only used to ask
the API; the pull request's number never comes from what the run left.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mlops.files import read_json
from mlops.github.api import Api

JUDGED = ("success", "failure", "timed_out")  # a cancelled run was superseded, or left on purpose


@dataclass(frozen=True)
class Workflow:
    """A workflow whose finished runs are answered."""

    path: str
    events: tuple[str, ...]
    """By one of which it was started."""
    conclusions: tuple[str, ...]


PULL_REQUEST = Workflow(".github/workflows/pull-request.yml", ("pull_request",), JUDGED)
PROMOTE = Workflow(
    ".github/workflows/promote.yml", ("push", "workflow_dispatch"), (*JUDGED, "cancelled")
)
MONITOR = Workflow(
    ".github/workflows/monitor.yml", ("schedule", "workflow_dispatch"), (*JUDGED, "cancelled")
)


class NothingToDoError(Exception):
    """A run that gets no answer, for the reason that the message states; that is no failure."""


class Fields(BaseModel):
    """Fields of an event that are used; the others are GitHub's business."""

    model_config = ConfigDict(frozen=True)


class Owner(Fields):
    """A user or an organisation."""

    login: str


class Repository(Fields):
    """A repository, as `owner/name`."""

    full_name: str
    owner: Owner


class Run(Fields):
    """A finished run of a workflow."""

    id: int
    event: str
    path: str
    conclusion: str | None
    head_sha: str = Field(pattern=r"^[0-9a-f]{40}$")
    head_branch: str = Field(min_length=1)
    head_repository: Repository
    repository: Repository

    @property
    def file(self) -> str:
        """The path of its workflow, without the ref that may stand behind it."""
        return self.path.split("@")[0]


def read(api: Api, *workflows: Workflow) -> Run:
    """The finished run of one of `workflows` that this job was started for.

    From the event `workflow_run` in GITHUB_EVENT_PATH, or, where a person named a run by its number
    in `workflow_dispatch`, from the API. Raises NothingToDoError for any other event, workflow or
    repository.
    """
    kind = os.environ.get("GITHUB_EVENT_NAME")
    if kind not in ("workflow_run", "workflow_dispatch"):
        raise NothingToDoError("this job answers finished runs of a workflow, and nothing else")
    event = read_json(Path(os.environ["GITHUB_EVENT_PATH"]))
    if kind == "workflow_run":
        finished, found = event.get("action") == "completed", event.get("workflow_run")
    else:
        found = api.get(f"actions/runs/{_number(event)}")
        finished = found.get("status") == "completed"
    try:
        run = Run.model_validate(found)
    except ValidationError as invalid:
        where = ".".join(map(str, invalid.errors()[0]["loc"])) or "all of it"
        raise NothingToDoError(f"what names a run is missing: {where}") from None
    workflow = next((one for one in workflows if one.path == run.file), None)
    if workflow is None:
        known = " or ".join(one.path for one in workflows)
        raise NothingToDoError(f"the run is not one of {known}")
    for wrong, reason in (
        (not finished, "the run has not finished"),
        (
            run.event not in workflow.events,
            f"the run was started by {run.event}, not by {' or '.join(workflow.events)}",
        ),
        (not _same(run.repository.full_name, api.repository), "the run is another repository's"),
        (run.conclusion not in workflow.conclusions, f"the run ended as {run.conclusion}"),
    ):
        if wrong:
            raise NothingToDoError(reason)
    return run


def _number(event: Any) -> int:
    given = str((event.get("inputs") or {}).get("run", ""))
    if not given.isascii() or not given.isdecimal():
        raise NothingToDoError(f"expected the number of a run, found {given!r}")
    return int(given)


def address(api: Api, run: Run) -> str:
    """The address of the run."""
    server = os.environ.get("GITHUB_SERVER_URL") or "https://github.com"
    return f"{server}/{api.repository}/actions/runs/{run.id}"


def pull_request(api: Api, run: Run, *, closed: bool = False) -> int:
    """The number of the one open pull request whose head is what the run ran on.

    With `closed`, a closed one is found as well, where no open one has that head. Raises
    NothingToDoError when there is none, which is so after a further push, or several.
    """
    head = run.head_repository
    branch = f"{head.owner.login}:{run.head_branch}"
    heads = [
        pull
        for pull in api.pages("pulls", state="all" if closed else "open", head=branch)
        if pull["head"]["sha"] == run.head_sha
        and _same((pull["head"]["repo"] or {}).get("full_name", ""), head.full_name)
        and _same(pull["base"]["repo"]["full_name"], api.repository)
    ]
    found = [pull["number"] for pull in heads if pull["state"] == "open"]
    if closed and not found:
        found = [pull["number"] for pull in heads]
    if len(found) == 1:
        return int(found[0])
    if not found:
        which, reason = ("", "") if closed else ("open ", ", or it was closed")
        raise NothingToDoError(
            f"no {which}pull request has the head {run.head_sha[:12]}; there was a further push"
            f"{reason}"
        )
    numbers = " and ".join(f"{number}" for number in found)
    raise NothingToDoError(f"pull requests {numbers} have the same head; which one is not known")


def _same(one: str, other: str) -> bool:
    """Names of repositories differ in more than upper and lower case."""
    return one.lower() == other.lower()
