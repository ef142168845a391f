"""The pull requests of one branch: looked up, opened, and brought up to date."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mlops.github.api import Api, GitHubError, needing, persistently

_WRITE = "pull-requests: write"


class NotPermittedError(GitHubError):
    """The token may not open pull requests."""


@dataclass(frozen=True)
class Pull:
    """A pull request as GitHub has it."""

    number: int
    title: str
    body: str
    open: bool
    address: str
    author: str
    created: datetime


def of_branch(api: Api, branch: str) -> list[Pull]:
    """Every pull request, open or closed, from a branch of this repository, newest first.

    Raises GitHubError when GitHub refuses.
    """
    owner = api.repository.split("/")[0]
    with needing("pull-requests: read"):
        listed = list(api.pages("pulls", state="all", head=f"{owner}:{branch}"))
    own = [p for p in listed if (p["head"]["repo"] or {}).get("full_name") == api.repository]
    return sorted(map(_pull, own), key=lambda pull: pull.number, reverse=True)


def make(api: Api, branch: str, base: str, title: str, body: str) -> Pull:
    """Open a pull request from `branch` to `base`.

    Raises NotPermittedError when the token may not, which a setting of the repository decides,
    GitHubError when GitHub refuses for another reason.
    """
    wanted = {"head": branch, "base": base, "title": title, "body": body}
    try:
        return _pull(api.send("POST", "pulls", wanted))
    except GitHubError as refused:
        if refused.status == 403 or "not permitted to create" in str(refused):
            raise NotPermittedError(str(refused), refused.status) from None
        raise


def change(api: Api, pull: Pull, title: str, body: str) -> None:
    """Give a pull request another title and text, where they are; GitHubError as for `make`."""
    if (pull.title, pull.body.replace("\r\n", "\n").strip()) == (title, body.strip()):
        return
    with needing(_WRITE):
        given = {"title": title, "body": body}
        persistently(lambda: api.send("PATCH", f"pulls/{pull.number}", given))


def _pull(entry: dict[str, Any]) -> Pull:
    return Pull(
        number=int(entry["number"]),
        title=str(entry["title"]),
        body=str(entry["body"] or ""),
        open=entry["state"] == "open",
        address=str(entry["html_url"]),
        author=str((entry["user"] or {}).get("login", "ghost")),
        created=datetime.fromisoformat(entry["created_at"]),
    )
