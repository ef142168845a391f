"""The lines, on the branch `history`: a file for each kind, only ever appended to.

GitHub's jobs of main's own code append to it; here it is read.
"""

from dataclasses import dataclass, field
from typing import TypeVar

from pydantic import ValidationError

from mlops import git
from mlops.history.record import Event, Judged, Look, Merge

BRANCH = "history"
PULLS, MERGES, LOOKS = "pulls.jsonl", "merges.jsonl", "looks.jsonl"
FILES: dict[type[Event], str] = {Judged: PULLS, Merge: MERGES, Look: LOOKS}
SOURCES = (f"origin/{BRANCH}", BRANCH)
E = TypeVar("E", bound=Event)


@dataclass(frozen=True)
class Ledger:
    """All lines, each kind by time."""

    pulls: list[Judged] = field(default_factory=list)
    merges: list[Merge] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)


def read() -> Ledger:
    """The ledger as this repository knows it from origin, else from a branch of its own.

    Empty without either.
    """
    source = next((name for name in SOURCES if git.commit_of(name)), None)
    if source is None:
        return Ledger()
    return Ledger(
        parse(Judged, _text(source, PULLS)),
        parse(Merge, _text(source, MERGES)),
        parse(Look, _text(source, LOOKS)),
    )


def encode(event: Event) -> str:
    """The line of an event, with its end."""
    return event.model_dump_json(exclude_defaults=True) + "\n"


def holds(text: str, event: Event) -> bool:
    """Whether the text of a file tells this already."""
    return event in parse(type(event), text)


def parse(kind: type[E], text: str) -> list[E]:
    """The events in the text of a file, by time; a line that cannot be read is passed over.

    A workflow that was run again has several lines: the last one counts.
    """
    found: dict[str | int, E] = {}
    for number, line in enumerate(text.split("\n")):  # JSON may hold what else ends a line
        try:
            event = kind.model_validate_json(line)
        except ValidationError:
            continue
        found[event.run or number] = event
    return sorted(found.values(), key=lambda event: event.at)


def _text(source: str, file: str) -> str:
    return (git.content(source, file) or b"").decode("utf-8", errors="replace")
