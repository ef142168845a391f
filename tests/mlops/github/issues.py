"""The API on loopback, as far as monitoring goes: issues, opening pull requests, workflows.

As on GitHub, issues and pull requests share their numbers, pull requests are listed among issues,
a repository without issues answers 410, and a setting forbids the built-in token to open pull
requests.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.mlops.github.answers import REPOSITORY, Asking, Json, RefusedError, found, moment, page
from tests.mlops.github.delivery import git

APP = "an-app[bot]"
LONGEST = 65_536


@dataclass
class Tracking:
    """The part of a repository's state that monitoring reads and changes."""

    issues: dict[int, Json] = field(default_factory=dict)
    labels: dict[str, Json] = field(default_factory=dict)
    has_issues: bool = True
    may_open_pulls: bool = True
    """Settings, Actions, General, Allow GitHub Actions to create and approve pull requests."""
    actor: str = "github-actions[bot]"
    """Whom TOKEN is of."""
    workflows: dict[str, Json] = field(default_factory=dict)
    scheduled: dict[str, list[Json]] = field(default_factory=dict)
    """The runs on a schedule of each workflow, newest first."""

    def open_issue(
        self, number: int, body: str, login: str, *labels: str, days_ago: float = 0
    ) -> Json:
        self.issues[number] = {
            "number": number,
            "title": "An issue",
            "body": body,
            "state": "open",
            "user": {"login": login, "type": "Bot" if login.endswith("[bot]") else "User"},
            "labels": [{"name": name} for name in labels],
            "html_url": f"https://github.com/{REPOSITORY}/issues/{number}",
            "created_at": moment(days_ago),
        }
        return self.issues[number]

    def add_workflow(
        self, file: str, *, state: str = "active", age: float = 400, last: float | None = None
    ) -> None:
        """A workflow of `age` days; its last good run on a schedule was `last` days ago."""
        self.workflows[file] = {
            "path": f".github/workflows/{file}",
            "state": state,
            "created_at": moment(age),
            "html_url": f"https://github.com/{REPOSITORY}/actions/workflows/{file}",
        }
        run = {"event": "schedule", "conclusion": "success"}
        self.scheduled[file] = [] if last is None else [run | {"created_at": moment(last)}]


def tracked(g: Any) -> None:
    if not g.has_issues:
        raise RefusedError(410, "Issues are disabled for this repo")


def issues(h: Asking, g: Any, query: dict[str, str], _: Json) -> Json:
    h.may("issues", "read")
    tracked(g)
    wanted = set(filter(None, query.get("labels", "").split(",")))
    state = query.get("state", "open")
    every = [*g.issues.values(), *(pull | {"pull_request": {}} for pull in g.pulls.values())]
    listed = [
        entry
        for entry in sorted(every, key=lambda entry: entry["created_at"], reverse=True)
        if state in ("all", entry["state"]) and wanted <= {one["name"] for one in entry["labels"]}
    ]
    return page(listed, query)


def post_issue(h: Asking, g: Any, _q: Json, body: Json) -> Json:
    h.may("issues", "write")
    tracked(g)
    fits(body)
    for name in body.get("labels", []):
        g.labels.setdefault(name, {"name": name})
    new = g.open_issue(g.number(), body["body"], g.actor, *body.get("labels", []))
    new["title"] = body["title"]
    return new


def patch_issue(h: Asking, g: Any, _q: Json, body: Json, number: str) -> Json:
    h.may("issues", "write")
    tracked(g)
    fits(body)
    issue = found(g.issues, int(number))
    issue |= body
    return issue


def label(h: Asking, g: Any, _q: Json, _b: Json, name: str) -> Json:
    h.may("issues", "read")
    return found(g.labels, name)


def post_label(h: Asking, g: Any, _q: Json, body: Json) -> Json:
    h.may("issues", "write")
    if body["name"].casefold() in map(str.casefold, g.labels):
        raise RefusedError(422, "Validation Failed: already_exists")
    if not re.fullmatch("[0-9a-f]{6}", body["color"]) or len(body["description"]) > 100:
        raise RefusedError(422, "Validation Failed: color or description")
    g.labels[body["name"]] = body
    return body


def post_pull(h: Asking, g: Any, _q: Json, body: Json) -> Json:
    h.may("pull-requests", "write")
    if not g.may_open_pulls and g.actor == "github-actions[bot]":
        raise RefusedError(
            403, "GitHub Actions is not permitted to create or approve pull requests."
        )
    opened = (pull["head"] for pull in g.pulls.values() if pull["state"] == "open")
    taken = [head["ref"] for head in opened if head["repo"]["full_name"] == REPOSITORY]
    if body["head"] in taken:
        raise RefusedError(422, "Validation Failed: A pull request already exists")
    fits(body)
    new = g.open_pull(g.number(), head=tip(g, body["head"]), branch=body["head"])
    new |= {
        "title": body["title"],
        "body": body["body"],
        "user": {"login": g.actor, "type": "Bot"},
    }
    new["base"]["ref"] = body["base"]
    return new


def tip(g: Any, branch: str) -> str:
    """The commit of a branch in the bare repository, if there is one."""
    if g.git_dir is None:
        return "a" * 40
    commit = git(g.git_dir, "rev-parse", "--verify", "--quiet", f"refs/heads/{branch}")
    if commit is None:
        raise RefusedError(422, "Validation Failed: head is invalid")
    return commit


def patch_pull(h: Asking, g: Any, _q: Json, body: Json, number: str) -> Json:
    h.may("pull-requests", "write")
    fits(body)
    pull = found(g.pulls, int(number))
    pull |= body
    return pull


def workflow(h: Asking, g: Any, _q: Json, _b: Json, file: str) -> Json:
    h.may("actions", "read")
    return found(g.workflows, file)


def runs(h: Asking, g: Any, query: dict[str, str], _b: Json, file: str) -> Json:
    h.may("actions", "read")
    found(g.workflows, file)
    listed = [
        run
        for run in g.scheduled[file]
        if query.get("event", run["event"]) == run["event"]
        and query.get("status", run["conclusion"]) == run["conclusion"]
    ]
    return {"total_count": len(listed), "workflow_runs": page(listed, query)}


def fits(body: Json) -> None:
    if len(body.get("body") or "") > LONGEST:
        raise RefusedError(422, "Validation Failed: body is too long")


ROUTES: dict[str, Callable[..., Json]] = {
    r"GET issues": issues,
    r"POST issues": post_issue,
    r"PATCH issues/(\d+)": patch_issue,
    r"GET labels/([^/]+)": label,
    r"POST labels": post_label,
    r"POST pulls": post_pull,
    r"PATCH pulls/(\d+)": patch_pull,
    r"GET actions/workflows/([^/]+)": workflow,
    r"GET actions/workflows/([^/]+)/runs": runs,
}
