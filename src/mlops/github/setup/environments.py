"""The environments that jobs enter: the default branch alone may, and reviewers are asked first.

A job that names a missing environment makes it, open to every branch.
"""

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import quote

from mlops.errors import Failure
from mlops.github import workflows
from mlops.github.api import GitHubError, needing
from mlops.github.setup.step import Call, Reading, Step, unseen
from mlops.promotion.preflight import ENVIRONMENT

KIND = "environments"
REVIEWERS = 6  # GitHub takes no more
CUSTOM = {"protected_branches": False, "custom_branch_policies": True}

_READ = "actions: read"


class ReviewerError(Failure):
    """Somebody who cannot review; wrong usage."""

    exit_code = 2


def steps(api: Reading, branch: str, reviewers: Sequence[str] = ()) -> Iterator[Step]:
    """A step an environment. `reviewers` are logins, or OWNER/TEAM, who are asked in `promotion`.

    Raises ReviewerError for one whom this repository does not know, or too many.
    """
    wanted = [_reviewer(api, name) for name in reviewers]
    for name in workflows.environments():
        yield _environment(api, name, branch, wanted if name == ENVIRONMENT else [])


def place(name: str) -> str:
    """Where a person finds it."""
    return f"Settings, Environments, {name}"


def _environment(api: Reading, name: str, branch: str, wanted: list[dict[str, Any]]) -> Step:
    path = f"environments/{quote(name, safe='')}"
    enter = Call("POST", f"{path}/deployment-branch-policies", {"name": branch, "type": "branch"})
    try:
        with needing(_READ):
            found = _found(api, path)
            branches = _branches(api, path, found)
    except GitHubError as refused:
        return unseen(KIND, name, place(name), refused)
    if found is None:
        body = {"deployment_branch_policy": CUSTOM} | ({"reviewers": wanted} if wanted else {})
        why = f"for {branch} alone" + (", after a review" if wanted else "")
        return Step(KIND, name, "create", why, place(name), (Call("PUT", path, body), enter))
    present = _reviewers(found)
    lacking = [one for one in wanted if one not in present]
    if len(present) + len(lacking) > REVIEWERS:
        raise ReviewerError(f"{name} would have more than {REVIEWERS} reviewers")
    opened = branches is None
    shut = branches is not None and not any(fnmatchcase(branch, one) for one in branches)
    policy = CUSTOM if opened else found.get("deployment_branch_policy")
    body = _kept(found) | {"deployment_branch_policy": policy, "reviewers": present + lacking}
    calls = [Call("PUT", path, body)] if opened or lacking else []
    calls += [enter] if opened or shut else []
    why = "; ".join(
        said
        for said, so in (
            ("every branch may enter it", opened),
            (f"{branch} may not enter it", shut),
            (f"{len(lacking)} of the reviewers named are not asked", bool(lacking)),
        )
        if so
    )
    if not calls:
        return Step(KIND, name, "nothing", _told(policy, branches, present), place(name))
    return Step(KIND, name, "change", why, place(name), tuple(calls))


def _found(api: Reading, path: str) -> dict[str, Any] | None:
    try:
        return dict(api.get(path))
    except GitHubError as error:
        if error.status == 404:
            return None
        raise


def _branches(api: Reading, path: str, found: dict[str, Any] | None) -> list[str] | None:
    """The branches that may enter, as patterns; None for all. A protected one is some branch."""
    policy = (found or {}).get("deployment_branch_policy")
    if not policy:
        return None
    if policy["protected_branches"]:
        return ["*"]
    listed = api.pages(f"{path}/deployment-branch-policies", "branch_policies")
    return [str(entry["name"]) for entry in listed if entry.get("type", "branch") == "branch"]


def _reviewers(found: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"type": one["type"], "id": one["reviewer"]["id"]}
        for rule in found.get("protection_rules") or []
        if rule["type"] == "required_reviewers"
        for one in rule["reviewers"]
    ]


def _kept(found: dict[str, Any]) -> dict[str, Any]:
    """What would be reset if it were not said again."""
    rules = found.get("protection_rules") or []
    return {
        "wait_timer": next((r["wait_timer"] for r in rules if r["type"] == "wait_timer"), 0),
        "prevent_self_review": any(rule.get("prevent_self_review") for rule in rules),
    }


def _told(policy: Any, branches: list[str] | None, reviewers: list[dict[str, Any]]) -> str:
    who = "protected branches" if policy["protected_branches"] else ", ".join(branches or [])
    return f"for {who}" + (f", after a review by one of {len(reviewers)}" if reviewers else "")


def _reviewer(api: Reading, name: str) -> dict[str, Any]:
    """A reviewer by the number that GitHub knows them by."""
    owner, _, team = name.partition("/")
    try:
        if team:
            with needing("administration: read"):
                known = {str(entry["slug"]): entry["id"] for entry in api.pages("teams")}
            return {"type": "Team", "id": known[team]}
        with needing("metadata: read"):
            user = api.get(f"collaborators/{quote(owner, safe='')}/permission")["user"]
        return {"type": "User", "id": user["id"]}
    except (GitHubError, KeyError) as unknown:
        if isinstance(unknown, GitHubError) and unknown.status != 404:
            raise
        raise ReviewerError(
            f"--reviewer {name}: nobody here has that name; give a login, or OWNER/TEAM, of "
            f"somebody who can read this repository"
        ) from None
