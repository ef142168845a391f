"""Who was the champion, from when until when."""

from collections.abc import Sequence
from typing import Literal

from pydantic import AwareDatetime

from mlops.registry.lineage import Period
from mlops.registry.record import Part
from mlops.registry.state import Assigned

Kind = Literal["promotion", "rollback", "hold released", "by hand", "withdrawn"]


class Reign(Part):
    """A version, for as long as it was the champion without a break."""

    number: int
    """Of the tag that it began with."""
    version: str
    """Empty where somebody tagged a commit that is no version."""
    since: AwareDatetime
    until: AwareDatetime | None
    """None while it lasts."""
    kind: Kind
    """How it began."""
    reason: str
    by: str
    ended: Kind | None
    """How it ended."""


def kind(event: Assigned) -> Kind:
    """What a tag of the stage did."""
    if "!#" in event.tag.name:
        return "withdrawn"
    return event.record.kind if event.record else "by hand"


def reigns(periods: Sequence[Period]) -> list[Reign]:
    """By time; periods in a row with the same champion are one, such as when a hold is released."""
    found: list[Reign] = []
    before = None
    for period in periods:
        now = period.champion.version if period.champion else None
        if before is not None and now != before:
            found[-1] = found[-1].model_copy(
                update={"until": period.event.tag.at, "ended": kind(period.event)}
            )
        if now is not None and now != before:
            found.append(_begun(period.event, now))
        before = now
    return found


def _begun(event: Assigned, version: str) -> Reign:
    record = event.record
    return Reign(
        number=event.number,
        version=version,
        since=event.tag.at,
        until=None,
        kind=kind(event),
        reason=record.reason if record else event.tag.message,
        by=record.by if record else event.tag.by,
        ended=None,
    )
