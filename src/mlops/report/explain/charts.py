"""Waterfalls and bars of explanations, in percent of a width that scales with the page."""

from collections.abc import Sequence
from dataclasses import dataclass

from mlops.explain.result import Importance
from mlops.report.explain.wording import Line


@dataclass(frozen=True)
class Step:
    """A line of a waterfall: where its bar begins on the left, and how wide it is."""

    line: Line
    left: float
    width: float

    @property
    def style(self) -> str:
        return "up" if self.line.adds > 0 else "down"


@dataclass(frozen=True)
class Waterfall:
    """From the base to the score."""

    steps: list[Step]
    base: float
    score: float


@dataclass(frozen=True)
class Bars:
    """An input's bars; that of a loss below zero, or of none, has no width."""

    of: Importance
    contribution: float
    loss: float


def waterfall(base: float, lines: Sequence[Line]) -> Waterfall:
    """Where each contribution begins and ends, one after the other."""
    ends = [base]
    for line in lines:
        ends.append(ends[-1] + line.adds)
    low, high = min(ends), max(ends)
    span = (high - low) or 1.0

    def place(value: float) -> float:
        return round(2 + 96 * (value - low) / span, 2)  # what stands at an edge is seen whole

    steps = [
        Step(line, place(min(start, end)), round(96 * abs(end - start) / span, 2))
        for line, start, end in zip(lines, ends[:-1], ends[1:], strict=True)
    ]
    return Waterfall(steps, place(base), place(ends[-1]))


def bars(inputs: Sequence[Importance]) -> list[Bars]:
    """Each kind on a scale of its own, whose greatest bar is as wide as there is room."""
    most = max((one.contribution for one in inputs), default=0.0)
    worst = max((one.loss or 0.0 for one in inputs), default=0.0)
    return [Bars(one, _share(one.contribution, most), _share(one.loss, worst)) for one in inputs]


def _share(value: float | None, greatest: float) -> float:
    return round(100 * max(0.0, value or 0.0) / greatest, 1) if greatest > 0 else 0.0
