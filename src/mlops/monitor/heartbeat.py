"""Have the schedules stopped? GitHub stops them without a word, and then nothing is monitored."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from rich.table import Table

from mlops.github import issues, schedules
from mlops.github.api import Api, DisabledError
from mlops.github.job import say, summarise
from mlops.github.schedules import Known, Scheduled
from mlops.params import Params
from mlops.progress import console

KIND = "mlops-heartbeat"
TITLE = "Workflows have stopped running on their schedule"
ASLEEP = ("disabled_inactivity", "disabled_fork", "deleted")  # by GitHub itself


@dataclass(frozen=True)
class Beat:
    """A workflow with a schedule, and what GitHub says of it."""

    workflow: Scheduled
    known: Known | None
    allowed: int
    """Days that may pass without a run that ended well."""
    now: datetime

    @property
    def stopped(self) -> bool:
        """Whether it sleeps, or has been late; a workflow that is new is not late yet."""
        if self.known is None:
            return False
        begun = self.known.last or self.known.since
        return self.known.state in ASLEEP or self.now - begun > timedelta(days=self.allowed)

    @property
    def last(self) -> str:
        """When it last ran well."""
        if self.known is None:
            return "–"
        return f"{self.known.last:%Y-%m-%d}" if self.known.last else "never"

    @property
    def state(self) -> str:
        """In words."""
        if self.known is None:
            return "GitHub does not know it yet"
        said = {
            "active": "late" if self.stopped else "beats",
            "disabled_inactivity": "switched off by GitHub: nothing happened here for 60 days",
            "disabled_fork": "switched off by GitHub: this is a fork",
            "disabled_manually": "switched off by somebody",
        }
        return said.get(self.known.state, self.known.state)


def beats_of(api: Api, knobs: Params) -> list[Beat]:
    """Every workflow with a schedule, as GitHub knows it; GitHubError when GitHub refuses."""
    now = datetime.now(UTC)
    days = knobs.monitor.heartbeat_days
    return [
        Beat(workflow, schedules.known(api, workflow.file), max(days, 2 * workflow.every), now)
        for workflow in schedules.scheduled()
    ]


def heartbeat(api: Api, knobs: Params) -> list[Beat]:
    """Look at every workflow with a schedule; one issue tells of those that have stopped.

    Stopped is what GitHub has switched off, and what has not ended well on its schedule for
    `monitor.heartbeat_days`, or for two rounds of a schedule that comes round more seldom. The
    issue closes itself when all run again. Raises GitHubError when GitHub refuses.
    """
    beats = beats_of(api, knobs)
    _show(beats)
    summarise(_table(beats))
    stopped = [beat for beat in beats if beat.stopped]
    for beat in stopped:
        say(f"{beat.workflow.file}: {beat.state}; it last ran well: {beat.last}", "warning")
    try:
        _tell(api, stopped)
    except DisabledError as disabled:
        say(f"nobody gets an issue on schedules: {disabled}")
    return beats


def _tell(api: Api, stopped: list[Beat]) -> None:
    marked = issues.mark(KIND)
    found = issues.find(api, marked)
    issue = issues.sole(api, found)
    if not stopped:
        if issue:
            issues.comment(api, issue, "✅ All schedules run again.")
            issues.change(api, issue, state="closed")
            say(f"all schedules run again: {issue.address} is closed")
        return
    body = f"{marked}\n{_text(stopped)}"
    if issue is None and not found:
        made = issues.make(api, TITLE, body)
        say(f"{made.address} says what to do", "warning")
        return
    told = issue or found[0]
    if issue is None or _files(told.body) != {beat.workflow.file for beat in stopped}:
        issues.comment(api, told, f"🔔 {_sentence(stopped)}")
    issues.change(api, told, title=TITLE, body=body, state="open")
    say(f"{told.address} says what to do", "warning")


def _text(stopped: list[Beat]) -> str:
    commands = "\n".join(f"gh workflow enable {beat.workflow.file}" for beat in stopped)
    pages = "\n".join(
        f"- [{beat.workflow.file}]({beat.known.address})" for beat in stopped if beat.known
    )
    return (
        f"🔔 {_sentence(stopped)}\n\n{_table(stopped)}\n\n"
        f"One that is switched off is switched on again by its command, or on its page:\n\n"
        f"```sh\n{commands}\n```\n\n{pages}\n\n"
        f"One that is late is on and fails, or GitHub does not start it: its page lists the runs. "
        f"A schedule that is not wanted is taken out of the file.\n\n"
        f"This issue is closed by itself when all run again. Leave the label `{issues.LABEL}` on.\n"
    )


def _sentence(stopped: list[Beat]) -> str:
    names = ", ".join(f"`{beat.workflow.file}`" for beat in stopped)
    return f"Without its schedule nobody looks: {names} stopped."


def _table(beats: list[Beat]) -> str:
    rows = (
        f"| `{beat.workflow.file}` | {beat.state} | {beat.last} | {beat.allowed} days |"
        for beat in beats
    )
    heading = "| workflow | | last ran well | may pass |\n|---|---|---|---|"
    return "\n".join([heading, *rows])


def _files(body: str) -> set[str]:
    """The workflows that the text of an issue tells of."""
    lines = (line for line in body.splitlines() if line.startswith("| `"))
    return {line.split("`")[1] for line in lines}


def _show(beats: list[Beat]) -> None:
    table = Table(title="schedules")
    for heading in ("workflow", "state", "last ran well", "may pass"):
        table.add_column(heading)
    for beat in beats:
        table.add_row(beat.workflow.file, beat.state, beat.last, f"{beat.allowed} days")
    console.print(table)
