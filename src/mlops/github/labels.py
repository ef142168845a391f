"""Labels by which a maintainer accepts what a gate did not pass, and why each one counts or not."""

import os
import re
from datetime import datetime
from pathlib import Path
from typing import Any

from mlops.files import read_json
from mlops.github.api import Api, GitHubError
from mlops.github.job import say
from mlops.github.trigger import PULL_REQUEST
from mlops.judge.overrides import write
from mlops.judge.verdict import Override

LABELLED = (
    {
        "name": "gates-approved",
        "color": "0e8a16",
        "description": "A change of what judges it is accepted; a comment says why",
    },
    {
        "name": "inconclusive-approved",
        "color": "1d76db",
        "description": "A comparison that cannot be told is accepted; a comment says why",
    },
)
LABELS = tuple(label["name"] for label in LABELLED)
TRUSTED = ("write", "maintain", "admin")
REASON = 2000  # characters that are kept

_QUEUE = re.compile(r"refs/heads/gh-readonly-queue/.+/pr-(\d+)-[0-9a-f]{40}")


class NotHonouredError(Exception):
    """A label that does not count, for the reason that the message states."""


def main(output: Path) -> list[Override]:
    """Write the overrides that hold for this run's pull request as JSON to `output`.

    Every label that is not honoured is told with its reason. Where there is no pull request, or
    GitHub cannot be asked, there are none.
    """
    found: list[Override] = []
    try:
        api = Api.from_environment()
        number = _pull_request(api)
        if number is None:
            say("no pull request, so no label overrides a gate")
        else:
            found, refused = honoured(api, number)
            for reason in refused:
                say(reason, "warning")
    except GitHubError as reason:
        say(f"labels cannot be looked up, so none overrides a gate: {reason}", "warning")
    write(found, output)
    for override in found:
        say(f"{override.label} by {override.by}: {override.reason}")
    return found


def honoured(api: Api, number: int) -> tuple[list[Override], list[str]]:
    """The overrides on a pull request that hold, and a sentence for each label that does not.

    A label holds when a person with write access set it last, who did not open the pull request,
    after the last push, and has given a reason in a comment: a line `/reason LABEL: text`. One that
    was set on a merged pull request holds likewise: what was merged can no longer be pushed to.
    """
    pull = api.get(f"pulls/{number}")
    wanted = [label["name"] for label in pull["labels"] if label["name"] in LABELS]
    if not wanted:
        return [], []
    timeline = list(api.pages(f"issues/{number}/timeline"))
    found, refused = [], []
    for label in wanted:
        try:
            found.append(_override(api, pull, timeline, label))
        except NotHonouredError as reason:
            refused.append(f"the label {label} does not count: {reason}")
    return found, refused


def _override(
    api: Api, pull: dict[str, Any], timeline: list[dict[str, Any]], label: str
) -> Override:
    set_by = [e for e in timeline if e["event"] == "labeled" and e["label"]["name"] == label]
    if not set_by or not set_by[-1]["actor"]:
        raise NotHonouredError("who set it is not known")
    by = str(set_by[-1]["actor"]["login"])
    if by == pull["user"]["login"]:
        raise NotHonouredError(f"{by} opened the pull request; somebody else must approve")
    if _permission(api, by) not in TRUSTED:
        raise NotHonouredError(f"{by} has no write access to this repository")
    if not _seen(api, pull, _time(set_by[-1]["created_at"])):
        raise NotHonouredError("it was set before the last push; look again, then set it again")
    pattern = re.compile(rf"^/reason {re.escape(label)}:[ \t]*(\S.*?)\s*$", re.MULTILINE)
    said = [
        match[1]
        for event in timeline
        if event["event"] == "commented" and (event["user"] or {}).get("login") == by
        for match in pattern.finditer(event["body"] or "")
    ]
    if not said:
        raise NotHonouredError(
            f"{by} has given no reason; comment a line `/reason {label}: …`, then set the label "
            f"again"
        )
    return Override(label=label, by=by, reason=said[-1][:REASON])


def _permission(api: Api, login: str) -> str:
    try:
        return str(api.get(f"collaborators/{login}/permission")["permission"])
    except GitHubError as error:
        if error.status == 404:
            return "none"
        raise


def _seen(api: Api, pull: dict[str, Any], at: datetime) -> bool:
    """Whether what the pull request holds now, or held when it was merged, was there at a time."""
    merged = _time(pull["merged_at"]) if pull["merged_at"] else None
    if merged and at >= merged:
        return True
    pushed = _pushed(api, pull, merged)
    return pushed is not None and at >= pushed


def _pushed(api: Api, pull: dict[str, Any], merged: datetime | None) -> datetime | None:
    """When the first of the latest runs on the present head began.

    That is GitHub's own clock. The dates of commits are whatever their author wants; and the same
    head may have been pushed, taken back and pushed again. A branch may be used for something else
    once it is merged.
    """
    head = pull["head"]
    began = None
    runs = api.pages(
        f"actions/workflows/{Path(PULL_REQUEST.path).name}/runs",
        "workflow_runs",
        branch=head["ref"],
        event="pull_request",
    )
    for run in runs:  # newest first
        if (run["head_repository"] or {}).get("full_name") != (head["repo"] or {}).get("full_name"):
            continue
        if merged and _time(run["created_at"]) > merged:
            continue
        if run["head_sha"] != head["sha"]:
            break
        began = _time(run["created_at"])
    return began


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _pull_request(api: Api) -> int | None:
    """The pull request of this run: its own, the last of a merge queue's group, or the merged."""
    kind = os.environ.get("GITHUB_EVENT_NAME")
    place = os.environ.get("GITHUB_EVENT_PATH")
    event = read_json(Path(place)) if place else {}
    if kind == "pull_request":
        return int(event["pull_request"]["number"])
    if kind == "merge_group":
        queued = _QUEUE.fullmatch(event["merge_group"]["head_ref"])
        return int(queued[1]) if queued else None
    if kind == "push":
        merged = [
            int(pull["number"])
            for pull in api.pages(f"commits/{event['after']}/pulls")
            if pull["merged_at"] and pull["merge_commit_sha"] == event["after"]
        ]
        return merged[0] if len(merged) == 1 else None
    return None
