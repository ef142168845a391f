"""Which finished run a job was started for, and which pull request that run belongs to.

Every field of the event that a stranger can choose (branch, head repository) is only used to ask
the API; the pull request's number never comes from what the run left.
"""

import os
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mlops.files import read_json
from mlops.github.api import Api

WORKFLOW = ".github/workflows/pull-request.yml"
JUDGED = ("success", "failure", "timed_out")  # a cancelled run was superseded, or left on purpose


class NothingToDoError(Exception):
    """A run that gets no comment, for the reason that the message states; that is no failure."""


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


def read(api: Api) -> Run:
    """The finished run of a pull request that this job was started for.

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
    for wrong, reason in (
        (not finished, "the run has not finished"),
        (run.event != "pull_request", f"the run was not started by a pull request ({run.event})"),
        (run.path.split("@")[0] != WORKFLOW, f"the run is not one of {WORKFLOW}"),
        (not _same(run.repository.full_name, api.repository), "the run is another repository's"),
        (run.conclusion not in JUDGED, f"the run ended as {run.conclusion}"),
    ):
        if wrong:
            raise NothingToDoError(reason)
    return run


def _number(event: Any) -> int:
    given = str((event.get("inputs") or {}).get("run", ""))
    if not given.isascii() or not given.isdecimal():
        raise NothingToDoError(f"expected the number of a run, found {given!r}")
    return int(given)


def pull_request(api: Api, run: Run) -> int:
    """The number of the one open pull request whose head is what the run ran on.

    Raises NothingToDoError when there is none, which is so after a further push, or several.
    """
    head = run.head_repository
    branch = f"{head.owner.login}:{run.head_branch}"
    found = [
        pull["number"]
        for pull in api.pages("pulls", state="open", head=branch)
        if pull["state"] == "open"
        and pull["head"]["sha"] == run.head_sha
        and _same((pull["head"]["repo"] or {}).get("full_name", ""), head.full_name)
        and _same(pull["base"]["repo"]["full_name"], api.repository)
    ]
    if len(found) == 1:
        return int(found[0])
    if not found:
        raise NothingToDoError(
            f"no open pull request has the head {run.head_sha[:12]}; there was a further push, or "
            f"it was closed"
        )
    numbers = " and ".join(f"{number}" for number in found)
    raise NothingToDoError(f"pull requests {numbers} have the same head; which one is not known")


def _same(one: str, other: str) -> bool:
    """Names of repositories differ in more than upper and lower case."""
    return one.lower() == other.lower()
