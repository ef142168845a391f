"""Who did what to the champion, when, and on whose word: every tag, approval and override."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from pydantic import AwareDatetime

from mlops.dashboard.reigns import Kind, kind
from mlops.dashboard.releases import Release
from mlops.history.ledger import Ledger
from mlops.history.record import Judged
from mlops.registry.record import Part
from mlops.registry.state import Assigned, State


class Entry(Part):
    """Something that somebody did or said; what does not apply or is not known is empty."""

    at: AwareDatetime
    kind: Kind | Literal["approval", "override"]
    by: str
    what: str
    """The reason given, or what the approval was given on."""
    hold: bool = False
    """Whether it kept merges from moving the champion."""
    version: str = ""
    gate: str = ""
    """Whose outcome was overridden."""
    pull: int | None = None
    commit: str = ""
    data: str = ""
    through: str = ""
    verdict: str = ""
    """sha256 of verdict.json."""
    image: str = ""
    run: str = ""


def audit(state: State, releases: Sequence[Release], ledger: Ledger) -> list[Entry]:
    """All of them, the newest first."""
    by_version = {release.version: release for release in releases}
    found = [
        *(one for release in releases for one in _approvals(release)),
        *(_changed(event, by_version) for event in [*state.assignments, *state.withdrawals]),
        *(one for line in _judged(ledger) for one in _overrides(*line)),
    ]
    return sorted(found, key=lambda entry: entry.at, reverse=True)


def _changed(event: Assigned, releases: Mapping[str, Release]) -> Entry:
    record, release = event.record, releases.get(event.version)
    return Entry(
        at=event.tag.at,
        kind=kind(event),
        by=record.by if record else event.tag.by,
        what=record.reason if record else event.tag.message,
        hold=record.hold if record else False,
        version=event.version,
        commit=event.tag.commit,
        data=release.data if release else "",
        through=release.through if release else "",
        verdict=release.verdict if release else "",
        image=release.image if release else "",
        run=record.run if record else "",
    )


def _approvals(release: Release) -> Iterator[Entry]:
    """At the time of the version's tag, which is the first to name them."""
    for approval in release.approvals:
        yield Entry(
            at=release.at,
            kind="approval",
            by=approval.by,
            what=approval.on,
            version=release.version,
            commit=release.commit,
            data=release.data,
            through=release.through,
            verdict=release.verdict,
            image=release.image,
            run=release.run,
        )


def _judged(ledger: Ledger) -> Iterator[tuple[Judged, str]]:
    """Every verdict, and the version that its merge became."""
    yield from ((line, "") for line in ledger.pulls)
    yield from ((line.verdict, line.version or "") for line in ledger.merges if line.verdict)


def _overrides(line: Judged, version: str) -> Iterator[Entry]:
    for gate, by in line.overridden.items():
        yield Entry(
            at=line.at,
            kind="override",
            by=by,
            what=line.reasons.get(gate, ""),
            version=version,
            gate=gate,
            pull=line.pull,
            commit=line.commit or "",
            data=line.data or "",
            run=line.run,
        )
