"""Workflows that run on a schedule: which they are, and when each last did."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from mlops.github import workflows
from mlops.github.api import Api, GitHubError, needing

_READ = "actions: read"


@dataclass(frozen=True)
class Scheduled:
    """A workflow with a schedule."""

    file: str
    every: int
    """Days that pass between two runs, at most."""


@dataclass(frozen=True)
class Known:
    """What GitHub says of a workflow."""

    state: str
    """`active`, `disabled_inactivity`, `disabled_manually`, `disabled_fork` or `deleted`."""
    since: datetime
    """When GitHub first saw it."""
    address: str
    last: datetime | None
    """When its last run on a schedule that ended well began."""


def scheduled(folder: Path = workflows.FOLDER) -> list[Scheduled]:
    """The workflows of this repository that have a schedule, by file name.

    Raises DeclarationError for a file that is no YAML.
    """
    crons = {path.name: _crons(path) for path in workflows.paths(folder)}
    return [Scheduled(name, min(map(every, found))) for name, found in crons.items() if found]


def every(cron: str) -> int:
    """The days between two runs, at most, of five fields: a year, a month, a week or a day."""
    _, _, day, month, weekday = (cron.split() + ["*"] * 5)[:5]
    if month != "*":
        return 366
    if day != "*" and not day.startswith("*/"):
        return 31
    return 7 if weekday != "*" else 1


def known(api: Api, file: str) -> Known | None:
    """What GitHub says of a workflow; None when it does not know it (yet).

    Raises GitHubError when GitHub refuses.
    """
    with needing(_READ):
        try:
            found = api.get(f"actions/workflows/{file}")
        except GitHubError as error:
            if error.status == 404:
                return None
            raise
        listed = api.get(
            f"actions/workflows/{file}/runs", event="schedule", status="success", per_page=1
        )
    runs = listed["workflow_runs"]
    return Known(
        state=str(found["state"]),
        since=datetime.fromisoformat(found["created_at"]),
        address=str(found["html_url"]),
        last=datetime.fromisoformat(runs[0]["created_at"]) if runs else None,
    )


def _crons(path: Path) -> list[str]:
    triggers = workflows.read(path).get("on")
    entries = triggers.get("schedule") if isinstance(triggers, dict) else None
    return [str(entry["cron"]) for entry in entries or []]
