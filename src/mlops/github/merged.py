"""The pull request by which a commit came to the default branch."""

from dataclasses import dataclass
from typing import Any

from mlops.github.api import Api

GHOST = "ghost"  # as GitHub calls an account that is gone


@dataclass(frozen=True)
class Merged:
    """A merged pull request."""

    number: int
    title: str
    author: str
    merged_by: str
    """Who merged it; empty where GitHub does not say."""


def pull_of(api: Api, commit: str, branch: str) -> Merged | None:
    """The pull request that brought `commit` to `branch`; None for a push without one.

    The one whose merge made that very commit; else, for a commit that came along with others, the
    first that was merged with it. Raises GitHubError when GitHub refuses.
    """
    found = [
        pull
        for pull in api.pages(f"commits/{commit}/pulls")
        if pull["merged_at"]
        and pull["base"]["ref"] == branch
        and pull["base"]["repo"]["full_name"].lower() == api.repository.lower()
    ]
    if not found:
        return None
    first = min(found, key=lambda pull: _rank(pull, commit))
    whole = api.get(f"pulls/{first['number']}")  # a listing does not say who merged
    return Merged(
        number=int(whole["number"]),
        title=str(whole["title"]),
        author=str((whole["user"] or {}).get("login", GHOST)),
        merged_by=str((whole["merged_by"] or {}).get("login", "")),
    )


def _rank(pull: dict[str, Any], commit: str) -> tuple[bool, str, int]:
    return pull["merge_commit_sha"] != commit, str(pull["merged_at"]), int(pull["number"])
