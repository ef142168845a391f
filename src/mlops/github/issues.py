"""Issues that the machinery keeps: each is found by a mark in its text, and made once."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from mlops.github.api import Api, DeniedError, DisabledError, GitHubError, needing, persistently
from mlops.github.job import say
from mlops.github.post import BOT
from mlops.github.settings import lacking

LABEL = "monitor"
LONGEST = 60_000  # characters of a text; GitHub accepts 65,536
_READ, _WRITE = "issues: read", "issues: write"
LABELLED = {"name": LABEL, "color": "d4a72c", "description": "Kept by the monitor; leave it on"}

State = Literal["open", "closed"]


@dataclass(frozen=True)
class Issue:
    """An issue as GitHub has it."""

    number: int
    title: str
    body: str
    state: State
    address: str
    author: str
    created: datetime


def mark(kind: str, name: str = "") -> str:
    """The first line of an issue's text by which it is found, drawn as nothing."""
    return f"<!-- {kind}{f': {name}' if name else ''} -->"


def find(api: Api, marked: str) -> list[Issue]:
    """The issues whose text begins with a mark, newest first, open or closed.

    Only what a bot wrote counts, which no person can be, and what bears the label: without it an
    issue is the machinery's no more. Raises DisabledError where there are no issues, GitHubError
    when GitHub refuses.
    """
    with _asking(_READ):
        listed = list(api.pages("issues", labels=LABEL, state="all"))
    found = [
        _issue(entry)
        for entry in listed
        if "pull_request" not in entry
        and _by_a_bot(entry)
        and (entry["body"] or "").startswith(marked)
    ]
    return sorted(found, key=lambda issue: issue.number, reverse=True)


def make(api: Api, title: str, body: str) -> Issue:
    """Open an issue that bears the label; errors as for `find`.

    DisabledError as well where the token may not. Not tried again where GitHub does not answer:
    there might be two.
    """
    wanted = {"title": title, "body": _fitting(body), "labels": [LABEL]}
    try:
        with _asking(_WRITE):
            _label(api)
            answer = api.send("POST", "issues", wanted)
    except DeniedError as denied:
        raise DisabledError(lacking(_WRITE), denied.status) from None
    made = _issue(answer)
    if not _by_a_bot(answer):
        say(
            f"{made.address} is {made.author}'s, and only a bot's is found again: in a workflow, "
            f"another one will be opened",
            "warning",
        )
    return made


def change(
    api: Api,
    issue: Issue,
    *,
    title: str | None = None,
    body: str | None = None,
    state: State | None = None,
) -> None:
    """Give an issue another title, text or state, where that is another; errors as for `find`."""
    wanted = {
        "title": title if title != issue.title else None,
        "body": _fitting(body) if body and not _same(body, issue.body) else None,
        "state": state if state != issue.state else None,
    }
    given = {key: value for key, value in wanted.items() if value is not None}
    if given:
        with _asking(_WRITE):
            persistently(lambda: api.send("PATCH", f"issues/{issue.number}", given))


def comment(api: Api, issue: Issue, text: str) -> None:
    """Say something in an issue, of which whoever watches it is told; errors as for `find`."""
    with _asking(_WRITE):
        api.send("POST", f"issues/{issue.number}/comments", {"body": _fitting(text)})


def sole(api: Api, found: list[Issue]) -> Issue | None:
    """The open one among `found`: of several, as a race leaves them, the oldest is kept open."""
    opened = sorted((i for i in found if i.state == "open"), key=lambda issue: issue.number)
    for other in opened[1:]:
        comment(api, other, f"The same as #{opened[0].number}.")
        change(api, other, state="closed")
    return opened[0] if opened else None


def cut(text: str, limit: int) -> str:
    """Markdown of at most `limit` characters, cut after a line; it says so when it was longer.

    A code block that the cut would leave open is closed.
    """
    if len(text) <= limit:
        return text
    rest = "\n\n*The rest stands in the summary of the workflow run.*"
    kept = text[: limit - len(rest) - 4].rpartition("\n")[0]
    if len(re.findall(r"^```", kept, flags=re.MULTILINE)) % 2:
        kept += "\n```"
    return kept + rest


def _label(api: Api) -> None:
    """Have the label in the repository; one that is there stays as somebody made it."""
    try:
        api.get(f"labels/{LABEL}")
    except GitHubError as error:
        if error.status != 404:
            raise
        try:
            api.send("POST", "labels", LABELLED)
        except GitHubError as refused:
            if refused.status != 422:  # made meanwhile
                raise


@contextmanager
def _asking(permission: str) -> Iterator[None]:
    try:
        with needing(permission):
            yield
    except GitHubError as error:
        if error.status != 410:
            raise
        raise DisabledError(
            "the repository has no issues: Settings, General, Issues", 410
        ) from None


def _fitting(body: str) -> str:
    if len(body) > LONGEST:
        raise ValueError(f"a text of {len(body):,} characters, {LONGEST:,} are allowed")
    return body


def _same(one: str, other: str) -> bool:
    return one.replace("\r\n", "\n").strip() == other.replace("\r\n", "\n").strip()


def _by_a_bot(entry: dict[str, Any]) -> bool:
    user = entry["user"] or {}
    return user.get("login") == BOT or user.get("type") == "Bot"


def _issue(entry: dict[str, Any]) -> Issue:
    return Issue(
        number=int(entry["number"]),
        title=str(entry["title"]),
        body=str(entry["body"] or ""),
        state="open" if entry["state"] == "open" else "closed",
        address=str(entry["html_url"]),
        author=str((entry["user"] or {}).get("login", "ghost")),
        created=datetime.fromisoformat(entry["created_at"]),
    )
