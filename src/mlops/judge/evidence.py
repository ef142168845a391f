"""All that the gates are shown. They read it, and nothing else."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from mlops.contract import Task
from mlops.evaluation.names import BETTER
from mlops.judge.champion import Answer
from mlops.judge.changes import Base
from mlops.judge.compare import compare
from mlops.judge.rows import Match, Rows
from mlops.judge.statistics import Difference
from mlops.params import Params


@dataclass(frozen=True)
class Stopped:
    """The stage that stopped, its exit code (docs/troubleshooting.md), and what it said."""

    stage: str
    code: int
    message: str


@dataclass(frozen=True)
class Cost:
    """Of the challenger: milliseconds of the fastest predictions, and the size on disk in bytes."""

    row_ms: float
    thousand_rows_ms: float
    size: int


@dataclass(frozen=True)
class Refit:
    """Training once more: `same` as the first time, or not, or not tried since nothing changed."""

    outcome: Literal["same", "different", "unchanged", "failed"]
    detail: str


@dataclass(frozen=True)
class Evidence:
    """The run, the rows, the champion and the base. Parts are None when the pipeline stopped."""

    knobs: Params
    task: Task
    base: Base
    answer: Answer
    level: float
    """Of every interval, as the use of the hold-out leaves it."""
    uses: int = 1
    """Decisions on this hold-out, this one included."""
    stopped: Stopped | None = None
    rows: Rows | None = None
    """The challenger's own test rows."""
    match: Match | None = None
    """The rows that challenger and champion share."""
    mismatch: str = ""
    """Why they share none."""
    cost: Cost | None = None
    refit: Refit | None = None
    metrics: dict[str, Any] = field(default_factory=dict)
    """metrics/*.json of this run, by name."""
    protected: list[str] = field(default_factory=list)
    """What the pull request changes of the gates and their thresholds."""
    stale: list[str] = field(default_factory=list)
    """Committed results that are not those of this run."""
    uncommitted: bool = False
    """Whether the work tree holds more than is committed, so that its results may, too."""
    run: str = ""
    """The workflow run whose results can be adopted."""

    @property
    def judged(self) -> Rows | None:
        """The rows that decide: those shared with the champion, else the challenger's own."""
        return self.match.rows if self.match else self.rows

    @cached_property
    def against_champion(self) -> dict[str, Difference]:
        """Every metric of the task, challenger against champion; empty without shared rows."""
        if self.match is None:
            return {}
        return compare(self.match.rows, "champion", list(BETTER[self.task]), self.knobs)
