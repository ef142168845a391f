"""What a repository is set to, and who approved a run: as much as the token may see.

A copy that nobody has set up lacks some of it. What it has never had is told with the setting's
place and is no failure; what it had, and may not any more, is one.
"""

from typing import Any, Literal
from urllib.parse import quote

from mlops.github.api import Api, GitHubError

Protection = Literal["protected", "unprotected", "absent", "unknown"]
Visibility = Literal["public", "private", "internal"]


def lacking(permission: str) -> str:
    """That the token lacks a permission, such as `contents: write`, and where it is given."""
    what, level = permission.split(": ")
    return f"the token may not {level} {what}: Settings, Actions, General, Workflow permissions"


def protection(api: Api, environment: str) -> Protection:
    """Whether somebody has to approve before a job enters an environment.

    An environment that is absent is made by the first job that names it, unprotected. `unknown`
    when the token may not ask, or GitHub does not answer.
    """
    try:
        found = api.get(f"environments/{quote(environment, safe='')}")
    except GitHubError as error:
        return "absent" if error.status == 404 else "unknown"
    return "protected" if any(map(_asks, found.get("protection_rules") or [])) else "unprotected"


def visibility(api: Api) -> Visibility:
    """Who can see the repository; GitHubError when that cannot be asked."""
    return visibility_of(api.get(""))


def visibility_of(found: dict[str, Any]) -> Visibility:
    """Who can see a repository that the API has described."""
    said = found.get("visibility")
    if said == "public":
        return "public"
    if said == "internal":
        return "internal"
    return "private" if said == "private" or found["private"] else "public"


def approvals(api: Api, run_id: int) -> list[tuple[str, str]]:
    """Who approved a run, and for which environment, in the order in which GitHub lists it.

    Raises GitHubError when GitHub refuses.
    """
    return [
        (str((review["user"] or {}).get("login", "ghost")), str(environment["name"]))
        for review in api.get(f"actions/runs/{run_id}/approvals")
        if review["state"] == "approved"
        for environment in review["environments"]
    ]


def _asks(rule: dict[str, Any]) -> bool:
    return rule.get("type") == "required_reviewers" and bool(rule.get("reviewers"))
