"""The words and numbers in which a verdict is told, the same in Markdown and on the page."""

import math
from collections.abc import Iterable
from typing import Literal, Protocol

from mlops.judge.verdict import Champion, Decision, Gate, Holdout, Measure, Outcome, Verdict

MARKS: dict[Outcome, str] = {
    "pass": "✅",
    "fail": "❌",
    "inconclusive": "🟡",
    "not applicable": "➖",
}
DECISIONS: dict[Decision, str] = {
    "accepted": "Accepted",
    "refused": "Refused",
    "inconclusive": "Inconclusive",
}
NONE = "–"
SELF_REPORTED = (
    "This pull request changes what judges it, or that could not be ruled out. Its numbers are its "
    "own word: read the changed files first. What counts is the judgement that the main branch "
    "makes again after the merge, with its own code."
)

Reading = Literal["better", "no worse", "worse", "open", ""]
_WORST_FIRST: dict[Outcome, int] = {"fail": 0, "inconclusive": 1, "pass": 2, "not applicable": 3}


class Compared(Protocol):
    """A metric or a measure: a difference to another model, and its interval."""

    @property
    def difference(self) -> float | None: ...
    @property
    def low(self) -> float | None: ...
    @property
    def high(self) -> float | None: ...


def decimals(numbers: Iterable[float | None]) -> int:
    """How many suit numbers of this size: 4 for a score, fewer for what counts in hundreds."""
    size = max((abs(n) for n in numbers if n is not None), default=0.0)
    return 4 if size < 10 else 3 if size < 100 else 2 if size < 1000 else 1


def number(value: float | None, places: int | None = None) -> str:
    """A number with `places` decimals, or as many as suit it; whole numbers have none then."""
    if value is None or not math.isfinite(value):
        return NONE
    if abs(value) >= 1e9:
        return f"{value:.4g}".replace("-", "−")
    if places is None and value == int(value):
        places = 0
    if places is None:
        places = decimals([value])
        if value and round(value, places) == 0:
            return f"{value:.1g}".replace("-", "−")
    return f"{value:,.{places}f}".replace("-", "−")


def signed(value: float | None, places: int | None = None) -> str:
    """A difference, with its sign also when it is positive."""
    shown = number(value, decimals([value]) if places is None else places)
    return f"+{shown}" if value is not None and value > 0 and shown != NONE else shown


def interval(low: float | None, high: float | None, places: int | None = None) -> str:
    """From low to high, signed; a dash when an end is missing."""
    if low is None or high is None:
        return NONE
    return f"{signed(low, places)} to {signed(high, places)}"


def percent(share: float) -> str:
    """A share below 1, such as 99.2 %, with as many digits as keep it from reading 100 %."""
    shown = (f"{share * 100:.{digits}g}" for digits in range(3, 18))
    return f"{next(text for text in shown if float(text) < 100)} %"


def seconds(value: float | None) -> str:
    """A duration: 0.4 s, 12 s, 3 min 20 s."""
    if value is None or not 0 <= value < 1e7:
        return NONE
    if value < 60:
        return f"{value:.1f} s" if value < 10 else f"{value:.0f} s"
    minutes, rest = divmod(round(value), 60)
    return f"{minutes} min {rest} s"


def reading(compared: Compared, margin: float | None) -> Reading:
    """What the interval lets one say: better only when all of it lies above 0."""
    if compared.difference is None or compared.low is None or compared.high is None:
        return ""
    if compared.low > 0:
        return "better"
    if margin is not None and compared.low >= -margin:
        return "no worse"
    if compared.high < (-margin if margin is not None else 0):
        return "worse"
    return "open"


def uses(holdout: Holdout) -> str:
    """How often the held-out rows have decided, and what that does to the intervals."""
    level = percent(holdout.level)
    if holdout.uses == 1:
        return f"The first decision on these held-out rows, so intervals at {level}."
    return (
        f"Decision {holdout.uses:,} on these held-out rows, so intervals at {level}: every further "
        "look at the same rows widens them."
    )


def opponent(champion: Champion) -> str:
    """The model that was compared with, but for its version."""
    return {
        "promoted": "the champion",
        "base": "the model of the base branch",
        "none": "no champion",
    }[champion.origin]


def self_reported(verdict: Verdict, known: bool) -> bool:
    """Whether the report is its author's word: `known` by the caller, or for want of a clean pass.

    A missing gate counts as one that did not pass. Without a base there is nothing to change.
    """
    fine = ("pass", "not applicable") if verdict.candidate.base is None else ("pass",)
    protected = [gate for gate in verdict.gates if gate.name == "protected"]
    clean = any(gate.outcome in fine and gate.override is None for gate in protected)
    return known or not clean


def limit(measure: Measure) -> str:
    """What the measure is held against: a number, or a range where it compares no models."""
    if measure.limit is None and measure.difference is None and measure.low is not None:
        return f"{number(measure.low)} to {number(measure.high)}"
    return number(measure.limit)


def worst_first(measures: Iterable[Measure]) -> list[Measure]:
    """Failed ones first; within an outcome by how far the difference reaches under its margin."""

    def key(measure: Measure) -> tuple[int, float]:
        reach = measure.difference if measure.low is None else measure.low
        if measure.difference is None or reach is None:
            return _WORST_FIRST[measure.outcome], math.inf
        return _WORST_FIRST[measure.outcome], reach / measure.limit if measure.limit else reach

    return sorted(measures, key=key)


def compared(verdict: Verdict) -> bool:
    """Whether there are metrics of a champion to show."""
    return any(metric.champion is not None for metric in verdict.metrics)


def comparisons(verdict: Verdict) -> list[Gate]:
    """Gates that compare the two models on parts of the rows, such as slices."""
    return [
        gate
        for gate in verdict.gates
        if any(
            m.difference is not None and m.rows is not None and m.name not in _names(verdict)
            for m in gate.measures
        )
    ]


def _names(verdict: Verdict) -> set[str]:
    return {metric.name for metric in verdict.metrics}


def to_explain(verdict: Verdict) -> list[Gate]:
    """Gates that did not pass, the blocking ones first, and those that were overridden."""
    found = [g for g in verdict.gates if g.outcome in ("fail", "inconclusive") or g.override]
    return sorted(found, key=lambda gate: (not gate.blocks, _WORST_FIRST[gate.outcome]))
