"""The line of the history that a finished run becomes, made by main's code from what it left."""

from collections.abc import Callable
from typing import get_args

from pydantic import ValidationError

from mlops import git
from mlops.errors import DeclarationError
from mlops.github import artifact, minutes, status, trigger, verdicts
from mlops.github.api import Api, DisabledError
from mlops.github.append import append
from mlops.github.artifact import RejectedError
from mlops.github.job import say
from mlops.github.trigger import NothingToDoError, Run
from mlops.history import ledger
from mlops.history.record import Ending, Event, Judged, Look, Merge
from mlops.monitor import result
from mlops.registry import state as registry
from mlops.report import untrusted

LONGEST = 32_768  # bytes of a line; most have 2,000


def main() -> None:
    """Append the line of the run that this job was started for to the branch `history`.

    A run of which there is nothing to tell ends well and says why, and so does what cannot be
    believed, or must not be written. Raises GitHubError when GitHub refuses, RegistryError when
    origin cannot be read.
    """
    api = Api.from_environment()
    try:
        run = trigger.read(api, *LINES)
    except NothingToDoError as reason:
        say(f"nothing is recorded: {reason}")
        return
    make = next(make for workflow, make in LINES.items() if workflow.path == run.file)
    try:
        event = make(api, run)
        _append(api, run, event, _encoded(event))
    except (NothingToDoError, DisabledError) as reason:
        say(f"run {run.id} is not recorded: {reason}")
    except (RejectedError, DeclarationError) as reason:
        say(f"run {run.id} is not recorded: {untrusted.clean(str(reason))}", "warning")


def _append(api: Api, run: Run, event: Event, line: str) -> None:
    file = ledger.FILES[type(event)]
    new = append(
        api,
        ledger.BRANCH,
        file,
        line,
        known=lambda text: ledger.holds(text, event),
        message=f"Run {run.id} was recorded",
    )
    say(f"run {run.id} {'is recorded' if new else 'was recorded before'} in {file}")


def judged(api: Api, run: Run) -> Judged:
    """The verdict on a pull request, which may have been closed since."""
    pull = trigger.pull_request(api, run, closed=True)
    verdict = verdicts.obtain(api, run, "verdict")
    spent = minutes.spent(api, run.id)
    where = trigger.address(api, run)
    return Judged.of(verdict, spent.ended, pull=pull, minutes=spent.minutes, run=where)


def merge(api: Api, run: Run) -> Merge:
    """How the promotion of a commit ended, as its status says, and what the gates said on main."""
    _of_main(run)
    where = trigger.address(api, run)
    said = status.said(api, run.head_sha, where)
    if said is None:
        raise NothingToDoError(f"it has not said on {run.head_sha[:12]} what became of it")
    ending, _, why = said.description.partition(" ")
    if ending not in get_args(Ending):
        raise RejectedError(f"it ended in none of the known ways: {said.description}")
    asked = artifact.find(api, run.id, "judged") is not None
    verdict = Judged.of(verdicts.obtain(api, run, "judged"), said.at, run=where) if asked else None
    return Merge.model_validate(
        {
            "at": said.at,
            "minutes": minutes.spent(api, run.id).minutes,
            "run": where,
            "commit": run.head_sha,
            "ending": ending,
            "why": why,
            "version": _version(run.head_sha) if ending == "promoted" else None,
            "verdict": verdict,
        }
    )


def look(api: Api, run: Run) -> Look:
    """What the monitor saw."""
    _of_main(run)
    name = "monitor.json"
    left = artifact.fetch(api, run.id, "monitor")
    if name not in left:
        raise RejectedError(f"the artifact monitor has no {name}")
    found = result.read(left[name], name)
    if found.run != trigger.address(api, run):
        raise RejectedError(f"{name} is of another run: {found.run or 'it names none'}")
    try:
        return Look.of(found, minutes=minutes.spent(api, run.id).minutes)
    except ValidationError as invalid:
        raise RejectedError(f"{name}: {invalid.errors()[0]['msg']}: {found.made}") from None


LINES: dict[trigger.Workflow, Callable[[Api, Run], Event]] = {
    trigger.PULL_REQUEST: judged,
    trigger.PROMOTE: merge,
    trigger.MONITOR: look,
}
"""What the runs of each workflow become."""


def _encoded(event: Event) -> str:
    line = ledger.encode(event)
    if len(line.encode()) > LONGEST:
        raise RejectedError(f"its line would have more than {LONGEST:,} bytes")
    return line


def _of_main(run: Run) -> None:
    """A workflow is what the commit says that it ran on: only what was merged is believed."""
    main = git.fetch_main()
    if git.commit_of(run.head_sha) is None or not git.is_ancestor(run.head_sha, main):
        raise NothingToDoError(f"{run.head_sha[:12]} is not on {git.default_branch()}")


def _version(commit: str) -> str | None:
    """The newest version that was made of the commit."""
    made = registry.read(remote=True).versions
    return next((one.version for one in reversed(made) if one.tag.commit == commit), None)
