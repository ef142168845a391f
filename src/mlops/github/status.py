"""The commit status that says how a promotion ended."""

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
