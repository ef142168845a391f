"""The stage tag that makes a version the champion: whoever makes its number first decides."""

from typing import Literal

from mlops import git
from mlops.github import job
from mlops.registry import tags
from mlops.registry.record import Assignment, now
from mlops.registry.state import Released, State

Kind = Literal["promotion", "rollback", "hold released"]


def assign(state: State, version: Released, kind: Kind, reason: str, *, hold: bool = False) -> None:
    """Make `version` the champion, as the next assignment after those that `state` knows.

    Raises TakenError when origin has an assignment of that number by now.
    """
    number = state.number + 1
    record = Assignment(
        name=state.model,
        version=version.version,
        number=number,
        kind=kind,
        reason=reason[:2000],
        hold=hold,
        by=git.identity(),
        run=job.address(),
        at=now(),
    )
    title = f"{state.model} {version.version} is the champion ({kind}): {reason.splitlines()[0]}"
    tags.create(
        tags.stage_tag(state.model, number), version.tag.commit, record.message(title[:200])
    )
