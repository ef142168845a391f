"""What a point rests on."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Evidence:
    """One thing that was looked for, and whether it is there."""

    holds: bool
    says: str
    """What was found, or what is missing: with the file, the gate or the run."""
    remedy: str = ""
    """What to do when it is not there."""
    repeats: bool = False
    """Whether it is what does the test again and again, rather than the test itself."""


def points(evidence: list[Evidence]) -> float:
    """1 when all of it is there, half when only what repeats the test is missing, else 0."""
    if not all(one.holds for one in evidence if not one.repeats):
        return 0.0
    return 1.0 if all(one.holds for one in evidence) else 0.5
