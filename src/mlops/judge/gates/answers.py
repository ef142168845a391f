"""How a gate words its answer."""

from collections.abc import Sequence
from math import isfinite

from mlops.judge.statistics import Difference
from mlops.judge.verdict import Gate, Measure, Outcome

WORST_FIRST: tuple[Outcome, ...] = ("fail", "inconclusive", "pass", "not applicable")


def gate(  # noqa: PLR0917 - in the order in which it is read
    name: str,
    question: str,
    outcome: Outcome,
    reason: str,
    remedy: str = "",
    measures: Sequence[Measure] = (),
) -> Gate:
    """An answer; the remedy is left out where there is nothing to mend."""
    mend = remedy if outcome in ("fail", "inconclusive") else ""
    return Gate(
        name=name,
        question=question,
        outcome=outcome,
        reason=short(reason),
        remedy=short(mend),
        measures=sorted(measures, key=lambda m: WORST_FIRST.index(m.outcome))[:400],
    )


def unasked(name: str, question: str, why: str) -> Gate:
    """The question does not arise."""
    return gate(name, question, "not applicable", why)


def worst(measures: Sequence[Measure]) -> Outcome:
    """The worst outcome among them; not applicable without any."""
    outcomes = {measure.outcome for measure in measures}
    return next((o for o in WORST_FIRST if o in outcomes), "not applicable")


def named(measures: Sequence[Measure], outcome: Outcome) -> str:
    """The names of those with this outcome, shortened to a handful."""
    return listed([measure.name for measure in measures if measure.outcome == outcome])


def listed(names: Sequence[str], limit: int = 5) -> str:
    """A list in a sentence."""
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return "; ".join(names[:limit]) + more


def short(text: str, limit: int = 2000) -> str:
    """A text that fits into a verdict."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def measure(name: str, found: Difference, margin: float, outcome: Outcome, level: float) -> Measure:
    """A comparison as a line of the verdict."""
    low, high = found.interval(level) if found.tells else (None, None)
    open_ = outcome == "inconclusive"
    return Measure(
        name=name[:200],
        outcome=outcome,
        value=finite(found.value),
        champion=finite(found.other),
        difference=finite(found.estimate),
        low=low,
        high=high,
        limit=margin,
        blocks_needed=found.blocks_needed(margin, level) if open_ else None,
        note="" if found.tells else f"{found.blocks} blocks are too few, or it has no value",
    )


def finite(value: float) -> float | None:
    """What JSON can say of a number."""
    return float(value) if isfinite(value) else None
