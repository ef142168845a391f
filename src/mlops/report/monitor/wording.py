"""The words in which a look at a model is told: in a terminal, in Markdown, and on the page."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mlops.evaluation.names import BETTER
from mlops.monitor.result import (
    Champion,
    Column,
    Concept,
    Drift,
    Estimate,
    Looked,
    Outcome,
    Performance,
    Result,
    SectionName,
    Serving,
    Slice,
    State,
)
from mlops.report.wording import NONE, interval, number, percent, signed

MARKS: dict[Outcome | State, str] = {
    "steady": "✅",
    "alarm": "🔔",
    "untold": "➖",
    "no data": "⚪",
    "failed": "❌",
}
HEADLINES: dict[Outcome, str] = {
    "steady": "Steady",
    "alarm": "Alarm",
    "no data": "No data",
    "failed": "Failed",
}
NEXT: dict[SectionName, str] = {
    "quality": "Mend the rows where they come from: no training cures a missing column or a wrong "
    "value. Then look again.",
    "drift": "Ask of every drifted column whether the world changed or what measures it: a source "
    "that counts in another unit must be mended, and a world that changed must be learned.",
    "performance": "See in which slices the model lost, and whether inputs drifted as well.",
    "concept": "The same inputs mean another outcome than before: only newer outcomes teach that.",
    "estimate": "This is what the model's own probabilities let expect; labels will tell. Bring "
    "them sooner, or look into the inputs that drifted.",
    "serving": "Read the log of the servers: their counters say what happened, and not why. A new "
    "model does not help here.",
}
RETRAIN = (
    "A new model may help: the workflow `retrain`, or the command `mlops retrain`, proposes one, "
    "which meets the same gates as any other."
)
BROKEN = "No new model is proposed: it would learn from rows that are wrong."
NOTHING: dict[Outcome, str] = {
    "steady": "Nothing.",
    "no data": "Nothing was decided, and what was found before still stands. If rows should have "
    "been there, look into what brings them.",
    "failed": "Nothing was decided, and what was found before still stands. The sentence above "
    "says what stopped the monitor, and the log of the run where.",
}
RELATION = (
    "A number given the others is what is left of it after a linear prediction from all other "
    "numbers."
)
VIEWS = {"values": "", "relation": "given the others"}
_BETTER = {name: way for metrics in BETTER.values() for name, way in metrics.items()}


@dataclass(frozen=True)
class Told:
    """A part of a look in a line."""

    name: str
    state: State
    what: str
    """May hold names of columns and categories: escape it."""


def remedies(result: Result) -> list[str]:
    """What to do next, a sentence or two each; all of it our own words."""
    if result.outcome != "alarm":
        return [NOTHING[result.outcome]]
    found = list(dict.fromkeys(reason.section for reason in result.reasons))
    said = [NEXT[section] for section in found]
    if result.retrain:
        said.append(RETRAIN)
    elif "quality" in found and len(found) > 1:
        said.append(BROKEN)
    return said


def in_reasons(result: Result) -> bool:
    """Whether the summary says no more than the reasons do."""
    return result.summary == "; ".join(reason.what for reason in result.reasons)


def told(result: Result) -> list[Told]:
    """Every part that was looked at, in the order of the report."""
    found = []
    if (q := result.quality) is not None:
        wrong = [
            (q.failed, "finding", "findings"),
            (q.repeated, "repeated row", "repeated rows"),
            (q.known, "row that the model knows", "rows that the model knows"),
        ]
        said = ", ".join(counted(*one) for one in wrong if one[0]) or "nothing wrong"
        found.append(Told("quality", q.state, said))
    if (d := result.drift) is not None:
        found.append(_told("drift", d, _drifted(d.columns)))
        if d.prediction:
            found.append(_of("predictions", d.prediction))
        if d.label is not None:
            found.append(_of("label", [d.label]))
    if (p := result.performance) is not None:
        said = "; ".join(
            f"{m.name} {number(m.value)}, {number(m.held_out)} held out"
            for m in sorted(p.metrics, key=lambda m: m.state != "alarm")[:2]
        )
        found.append(_told("performance", p, said))
        if (c := p.concept) is not None:
            found.append(
                _told("concept", c, f"shift {signed(c.shift)} ({interval(c.low, c.high)})")
            )
    if (e := result.estimate) is not None:
        said = "; ".join(
            f"{m.name} {number(m.value)} ({span(m.low, m.high)})"
            for m in sorted(e.metrics, key=lambda m: m.state != "alarm")[:2]
        )
        found.append(_told("estimate", e, said))
    if (s := result.serving) is not None:
        loud = [check.name for check in s.checks if check.state == "alarm"]
        within = f"{s.requests:,} requests, " + (
            f"beyond its limit: {', '.join(loud)}" if loud else "all within their limits"
        )
        found.append(_told("serving", s, within))
    return found


def champion(known: Champion) -> str:
    """How many rows the model knows, and from when; without its version."""
    return (
        f"knows {known.rows:,} rows in {counted(known.blocks, 'block')}, {known.first} to "
        f"{known.last}; tried on those from {known.held_out} on"
    )


def batch(looked: Looked) -> str:
    """How many rows were looked at, and from when; without where they came from."""
    when = f", {looked.first} to {looked.last}" if looked.first else ""
    return (
        f"{counted(looked.rows, 'row')} in {counted(looked.blocks, 'block')}{when}; the outcome of "
        f"{looked.labelled:,} is known"
    )


def drifted_first(columns: Iterable[Column]) -> list[Column]:
    """As they come, but for the drifted ones, which go first."""
    return sorted(columns, key=lambda column: not column.drifted)


def worst(columns: Iterable[Column]) -> Column | None:
    """The first column to draw over time: a drifted one, if there is any."""
    drawn = [c for c in columns if sum(w.distance is not None for w in c.windows) > 1]
    return next(iter(drifted_first(drawn)), None)


def worst_slices(slices: Iterable[Slice]) -> list[Slice]:
    """By how much the first metric lost since it was held out; those that are not scored last."""

    def lost(one: Slice) -> tuple[bool, float]:
        for name, value in one.metrics.items():
            before = one.held_out.get(name)
            if value is not None and before is not None:
                gained = value - before
                return False, -gained if _BETTER.get(name) == "lower" else gained
        return True, 0.0

    return sorted(slices, key=lost)


def slice_metrics(slices: Iterable[Slice]) -> list[str]:
    """The metrics that any slice has, in their order."""
    return list(dict.fromkeys(name for one in slices for name in one.metrics))


def arrow(metric: str) -> str:
    """Which way is better."""
    return {"higher": "↑", "lower": "↓"}.get(_BETTER.get(metric, ""), "")


def moved(column: Column, distance: float | None) -> str:
    """A distance with its unit: standard deviations of a number, rows of a text."""
    if distance is None:
        return NONE
    return f"{distance:.2f} SD" if column.kind == "number" else share(distance)


def share(part: float | None) -> str:
    """A part of a whole, in percent."""
    if part is None:
        return NONE
    return f"{part * 100:.0f} %" if part in (0, 1) else f"{part * 100:.1f} %"


def chance(p: float | None) -> str:
    """A p value."""
    return NONE if p is None else "< 0.001" if p < 0.001 else f"{p:.3f}"


def chance_of(p: float | None) -> str:
    """The same as an equation."""
    return f"p {'' if p is not None and p < 0.001 else '= '}{chance(p)}"


def span(low: float | None, high: float | None) -> str:
    """From low to high, without signs of plus."""
    return NONE if low is None or high is None else f"{number(low)} to {number(high)}"


def level(part: float | None) -> str:
    """The coverage of intervals, such as 95 %."""
    return NONE if part is None else percent(part)


def counted(n: int, one: str, many: str = "") -> str:
    """3 rows, 1 row."""
    return f"{n:,} {one if n == 1 else many or f'{one}s'}"


def values(numbers: Mapping[str, float | None], name: str) -> str:
    """The number of that name."""
    return number(numbers.get(name))


def _told(name: str, part: Drift | Performance | Concept | Estimate | Serving, what: str) -> Told:
    """What was found, unless nothing could be told, and what could not."""
    said = [part.why_not] if part.state == "untold" else [what, part.why_not]
    return Told(name, part.state, "; ".join(filter(None, said)) or NONE)


def _of(name: str, columns: list[Column]) -> Told:
    tested = any(column.corrected is not None for column in columns)
    state: State = "alarm" if any(c.drifted for c in columns) else "steady" if tested else "untold"
    first = drifted_first(columns)[0]
    said = f"moved {moved(first, first.distance)} where {moved(first, first.usual)} is usual"
    return Told(name, state, said if tested else "cannot be told yet")


def _drifted(columns: list[Column]) -> str:
    names = list(dict.fromkeys(column.name for column in columns if column.drifted))
    size = len({column.name for column in columns})
    if not names:
        return f"none of {size} inputs drifted"
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return f"{len(names)} of {size} inputs drifted: {', '.join(names[:5])}{more}"
