"""One comment for each pull request: posted once, then updated, whatever else is said there."""

from dataclasses import dataclass
from typing import Any

from mlops.github import cml
from mlops.github.api import Api, DeniedError, DisabledError
from mlops.github.job import say
from mlops.github.settings import lacking

BOT = "github-actions[bot]"  # whose comments the built-in token writes
LONGEST = 65_536  # characters that GitHub accepts


@dataclass(frozen=True)
class Posted:
    """What became of the comment."""

    created: bool
    through: str
    """`CML` or `the API`."""
    address: str


def publish(api: Api, pull: int, body: str, commit: str) -> Posted:
    """Post `body` on a pull request, or update what was posted there before.

    CML does it where it would choose the same comment; it looks at the oldest thirty only, and not
    at who wrote them. Otherwise, without CML, or when CML did not do it, the API does. Raises
    DisabledError when there is none and the token may post none, GitHubError when GitHub refuses,
    ValueError when `body` is too long.
    """
    body = cml.MARK.sub("", body).strip()  # a watermark inside would be found instead of ours
    marked = f"{body}\n\n{cml.mark(commit)}"
    if len(marked) > LONGEST:
        raise ValueError(f"a comment of {len(marked):,} characters, {LONGEST:,} are allowed")
    comments = _comments(api, pull)
    ours = _ours(comments)
    if cml.installed() and _choice_of_cml(comments) == _number(ours):
        problem = cml.update(api.repository, pull, body, commit=commit, token=api.token)
        if not problem:
            now = _ours(_comments(api, pull))
            if now and body in now["body"].replace("\r\n", "\n"):
                return _done(api, pull, now, created=ours is None, through="CML")
            problem = "the comment is not there"
        say(f"CML could not post the comment ({problem}); the API does it", "warning")
        ours = _ours(_comments(api, pull))
    if ours is None:
        posted = _first(api, pull, marked)
    else:
        posted = api.send("PATCH", f"issues/comments/{ours['id']}", {"body": marked})
    return _done(api, pull, posted, created=ours is None, through="the API")


def _first(api: Api, pull: int, body: str) -> dict[str, Any]:
    try:
        made: dict[str, Any] = api.send("POST", f"issues/{pull}/comments", {"body": body})
    except DeniedError as denied:
        raise DisabledError(lacking("pull-requests: write"), denied.status) from None
    return made


def _done(api: Api, pull: int, kept: dict[str, Any], *, created: bool, through: str) -> Posted:
    """Leave exactly one: two runs that end together may each have found none."""
    for comment in filter(_is_ours, _comments(api, pull)):
        if comment["id"] != kept["id"]:
            api.send("DELETE", f"issues/comments/{comment['id']}")
    return Posted(created, through, str(kept["html_url"]))


def _comments(api: Api, pull: int) -> list[dict[str, Any]]:
    return list(api.pages(f"issues/{pull}/comments"))


def _is_ours(comment: dict[str, Any]) -> bool:
    written_by = (comment["user"] or {}).get("login")
    return written_by == BOT and cml.MARK.search(comment["body"] or "") is not None


def _ours(comments: list[dict[str, Any]]) -> dict[str, Any] | None:
    return next(filter(_is_ours, reversed(comments)), None)


def _choice_of_cml(comments: list[dict[str, Any]]) -> int | None:
    """The comment that CML would overwrite: the last with the watermark among those it sees."""
    seen = (c for c in reversed(comments[: cml.SEEN]) if cml.MARK.search(c["body"] or ""))
    return _number(next(seen, None))


def _number(comment: dict[str, Any] | None) -> int | None:
    return int(comment["id"]) if comment else None
