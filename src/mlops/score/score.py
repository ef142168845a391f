"""The score: half a point for a test done by hand, one for one that is automated.

A section's score is the sum of its seven tests; the score of all is that of the worst section,
since each of them can bring a model down (Breck et al., 2017).
"""

from dataclasses import dataclass
from typing import Any

from mlops.errors import Refused
from mlops.score import manual
from mlops.score.evidence import Evidence, points
from mlops.score.manual import Declaration
from mlops.score.repository import Repository
from mlops.score.rubric import SECTIONS, Criterion

MEANINGS = (
    (0.0, "a research project rather than a product"),
    (1.0, "not untested, with serious holes in reliability"),
    (2.0, "a first pass at production; more is needed"),
    (3.0, "reasonably tested; more could be automated"),
    (5.0, "strong automated testing and monitoring, fit for what is critical"),
    (7.0, "exceptional automated testing and monitoring"),
)
"""What a score up to so much means, as the paper has it."""
HOW = {0.0: "no", 0.5: "manual", 1.0: "automated"}


@dataclass(frozen=True)
class Point:
    """What a test earns, and why."""

    test: Criterion
    evidence: list[Evidence]
    declared: Declaration | None = None
    """What somebody did by hand, where that is recent enough."""

    @property
    def points(self) -> float:
        """0, 0.5 or 1."""
        return max(points(self.evidence), 0.5 if self.declared else 0.0)

    @property
    def how(self) -> str:
        """In a word."""
        return HOW[self.points]


@dataclass(frozen=True)
class Score:
    """All points, by section."""

    sections: dict[str, list[Point]]

    @property
    def by_section(self) -> dict[str, float]:
        """The score of each section, 0 to 7."""
        return {name: sum(p.points for p in points) for name, points in self.sections.items()}

    @property
    def total(self) -> float:
        """The score of the worst section."""
        return min(self.by_section.values())

    @property
    def meaning(self) -> str:
        """What the score means, in words."""
        return next(meaning for most, meaning in MEANINGS if self.total <= most)

    def described(self) -> dict[str, Any]:
        """The score as JSON."""
        return {
            "score": self.total,
            "meaning": self.meaning,
            "sections": self.by_section,
            "tests": [
                {
                    "test": point.test.name,
                    "section": section,
                    "asks": point.test.asks,
                    "points": point.points,
                    "how": point.how,
                    "evidence": [vars(one) for one in point.evidence],
                    "declared": point.declared and point.declared.model_dump(mode="json"),
                }
                for section, points in self.sections.items()
                for point in points
            ],
        }


def score() -> Score:
    """Look for the evidence of every test in the current directory.

    Raises DeclarationError where params.yaml, score.yaml, src/problem/ or a workflow is broken.
    """
    here = Repository()
    names = [test.name for tests in SECTIONS.values() for test in tests]
    today = here.now.date()
    declared = {n: d for n, d in manual.read(names).items() if d.holds(today)}
    return Score(
        {
            section: [Point(test, test.look(here), declared.get(test.name)) for test in tests]
            for section, tests in SECTIONS.items()
        }
    )


def hold(found: Score, least: float) -> None:
    """Raises Refused when the score is below `least`, and names the sections that are."""
    below = [f"{name} {value:g}" for name, value in found.by_section.items() if value < least]
    if below:
        raise Refused(
            f"the ML Test Score is {found.total:g}, below {least:g}: {', '.join(below)}; "
            f"`mlops score` says what would earn the rest"
        )
