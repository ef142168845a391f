"""How each stage went that really ran, a line each: what a pull request reports of its run.

Nothing reads it but reports, and a stage does not fail over it.
"""

from contextlib import suppress
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

PATH = Path(".mlops/stages.jsonl")


class Entry(BaseModel):
    """A stage that ran: its seconds without start-up, its exit code, and why it failed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    stage: str
    seconds: float
    code: int
    error: str | None


def add(entry: Entry) -> None:
    """Append a line, in one write, so that lines stay whole; a disk that refuses is no matter."""
    with suppress(OSError):
        PATH.parent.mkdir(parents=True, exist_ok=True)
        with PATH.open("ab", buffering=0) as file:
            file.write(entry.model_dump_json().encode() + b"\n")


def read() -> list[Entry]:
    """Every stage that ran since `clear`, oldest first; lines that are none are left out."""
    entries = []
    for line in PATH.read_bytes().splitlines() if PATH.is_file() else ():
        with suppress(ValidationError):
            entries.append(Entry.model_validate_json(line))
    return entries


def clear() -> None:
    """Forget what ran before."""
    PATH.unlink(missing_ok=True)
