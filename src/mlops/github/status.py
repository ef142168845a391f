"""The commit status that says how a promotion ended."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from mlops.github.api import Api, needing, persistently

CONTEXT = "promotion"
LONGEST = 140  # characters of a description that GitHub accepts

State = Literal["success", "failure", "error", "pending"]


def report(api: Api, commit: str, state: State, description: str, address: str) -> None:
    """Set the status `promotion` of a commit; the newest one counts.

    `description` is one line, cut where GitHub would refuse it; `address` is where it leads, none
    when empty. Raises GitHubError when GitHub refuses.
    """
    line = " ".join(description.split())
    body = {
        "state": state,
        "context": CONTEXT,
        "description": line if len(line) <= LONGEST else line[: LONGEST - 1] + "…",
    }
    if address:
        body["target_url"] = address
    with needing("statuses: write"):
        persistently(lambda: api.send("POST", f"statuses/{commit}", body))


@dataclass(frozen=True)
class Said:
    """What a run said of a commit, and when."""

    description: str
    at: datetime


def said(api: Api, commit: str, address: str) -> Said | None:
    """What the run at `address` said of a commit last; None where it said nothing.

    Raises GitHubError when GitHub refuses.
    """
    with needing("statuses: read"):
        listed = api.pages(f"commits/{commit}/statuses")  # the newest comes first
        for one in listed:
            if one["context"] == CONTEXT and one["target_url"] == address:
                return Said(str(one["description"]), datetime.fromisoformat(one["created_at"]))
    return None
