"""How a promotion ends, when it ends before or with its last step."""

from dataclasses import dataclass
from typing import Literal

from mlops.errors import Refused
from mlops.github import job

Kind = Literal["promoted", "unchanged", "superseded", "undelivered", "held", "refused"]


STATES: dict[str, Literal["success", "failure"]] = {
    "promoted": "success",
    "unchanged": "success",
    "superseded": "success",
    "undelivered": "success",
    "held": "failure",
    "refused": "failure",
}
"""What the merge's commit status becomes, by the first word of the ending."""


@dataclass(frozen=True)
class Ending:
    """What became of a merge; its text begins with the kind."""

    kind: Kind
    why: str

    def __str__(self) -> str:
        return f"{self.kind} {self.why}"


def tell(ending: Ending) -> None:
    """Say it in the log, the job's summary and the step's output `ending`."""
    level = "notice" if STATES[ending.kind] == "success" else "error"
    if level == "notice":
        job.say(str(ending), level)
    job.summarise(f"**{ending.kind.capitalize()}** {ending.why}\n")
    job.output("ending", " ".join(str(ending).split()))


def ended(ending: Ending) -> Ending:
    """Tell it, and raise Refused when it is not one that a merge may end with in silence."""
    tell(ending)
    if STATES[ending.kind] != "success":
        raise Refused(str(ending))
    return ending
