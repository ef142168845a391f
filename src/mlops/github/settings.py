"""What a repository is set to, and who approved a run: as much as the token may see."""

from typing import Any, Literal
from urllib.parse import quote

from mlops.github.api import Api, GitHubError

Protection = Literal["protected", "unprotected", "absent", "unknown"]
Visibility = Literal["public", "private", "internal"]


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
    found = api.get("")
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
