"""Small charts of a look at a model, as SVG and as HTML that scales with the page; no script."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from mlops.judge.verdict import Outcome
from mlops.monitor.result import (
    Check,
    Column,
    Concept,
    Estimated,
    Histogram,
    Metric,
    State,
    Window,
)
from mlops.report import charts
from mlops.report.charts import Interval
from mlops.report.monitor import wording as words
from mlops.report.untrusted import clean

WIDTH, HEIGHT = 360, 140  # of the chart over time, in its own coordinates
LEFT, RIGHT, TOP, BOTTOM = 46, 8, 8, 22
BARS = 20  # of a histogram
OUTCOMES: dict[State, Outcome] = {"steady": "pass", "alarm": "fail", "untold": "inconclusive"}
"""How a state is coloured in a forest plot."""


@dataclass(frozen=True)
class Spread:
    """An estimate with its interval, in percent of the width of its track."""

    low: float
    value: float
    high: float
    truth: float | None
    held_out: float | None


@dataclass(frozen=True)
class Meter:
    """A count beside its limit, which stands in the middle of the track."""

    reach: float
    beyond: bool


def forest(metrics: Sequence[Metric]) -> list[Interval | None]:
    """Differences to the held-out rows; 0 in the middle, worse on the left."""
    return charts.forest(
        [
            (m.difference_low, m.difference, m.difference_high, m.margin, OUTCOMES[m.state])
            for m in metrics
        ]
    )


def shift(concept: Concept) -> Interval | None:
    """How much more happened than was forecast; 0 in the middle."""
    ends = (concept.low, concept.shift, concept.high, None, OUTCOMES[concept.state])
    return charts.forest([ends])[0]


def spread(metric: Estimated) -> Spread | None:
    """Where an estimate lies, on a scale of its own; none where an end is missing."""
    low, value, high = metric.low, metric.value, metric.high
    if low is None or value is None or high is None:
        return None
    there = [n for n in (low, value, high, metric.truth, metric.held_out) if n is not None]
    first, last = min(there), max(there)
    if not 0 < last - first < math.inf:
        return None

    def place(number: float) -> float:
        return round(4 + 92 * (number - first) / (last - first), 2)

    return Spread(
        low=place(low),
        value=place(value),
        high=place(high),
        truth=None if metric.truth is None else place(metric.truth),
        held_out=None if metric.held_out is None else place(metric.held_out),
    )


def meter(check: Check) -> Meter | None:
    """How near to its limit; none where there is no limit."""
    if check.value is None or not check.limit or check.limit < 0:
        return None
    part = check.value / check.limit
    return Meter(reach=round(50 * min(2.0, max(0.0, part)), 1), beyond=part > 1)


def histogram(found: Histogram) -> Markup:
    """Two bars for every value, before and now; the longest fills the width."""
    rows = list(zip(found.labels, found.before, found.now, strict=False))
    top = max((share for _, before, now in rows for share in (before, now)), default=0.0)
    row = Markup(
        '<tr><th scope="row"><span class="feature" title="{0}">{0}</span></th><td class="bars">'
        '<span class="bar champion" style="width:{1}%"></span>'
        '<span class="bar challenger" style="width:{2}%"></span></td><td class="n">{3}</td></tr>'
    )
    drawn = [
        row.format(clean(label, 60), _part(before, top), _part(now, top), words.share(now))
        for label, before, now in rows[:BARS]
    ]
    if len(rows) > BARS:
        left = Markup('<tr><th scope="row">and {} more</th><td></td><td></td></tr>')
        drawn.append(left.format(len(rows) - BARS))
    return Markup('<table class="plain">{}</table>').format(Markup("").join(drawn))


def over_time(column: Column, effect: float, newest: int) -> Markup:
    """The distance of every window beside the usual one; the least that matters is dashed.

    The `newest` windows, which decide, have larger dots. Empty where no window has a distance.
    """
    windows = [w for w in column.windows if w.distance is not None]
    if not windows:
        return Markup("")
    heights = [n for w in windows for n in (w.distance, w.usual) if n is not None]
    top = _ceiling(max([*heights, effect]))

    def up(value: float) -> float:
        return round(HEIGHT - BOTTOM - value / top * (HEIGHT - TOP - BOTTOM), 1)

    step = (WIDTH - LEFT - RIGHT) / len(windows)
    across = [round(LEFT + (n + 0.5) * step, 1) for n in range(len(windows))]
    name = clean(f"distance of {column.name} to the blocks before, by window", 120)
    parts = [
        Markup('<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">').format(
            WIDTH, HEIGHT, name
        ),
        *(_rule(column, share * top, up(share * top)) for share in (0, 0.5, 1)),
        Markup('<line class="least" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(
            LEFT, WIDTH - RIGHT, up(effect), up(effect)
        ),
        *(_usual(x, step, up(w.usual)) for x, w in zip(across, windows, strict=True) if w.usual),
        Markup('<polyline class="line challenger" points="{}"/>').format(
            " ".join(f"{x},{up(w.distance or 0)}" for x, w in zip(across, windows, strict=True))
        ),
    ]
    for n, (x, window) in enumerate(zip(across, windows, strict=True)):
        decides = n >= len(windows) - newest
        style = "fail" if decides and column.drifted else "challenger"
        parts.append(
            Markup('<circle class="{}" cx="{}" cy="{}" r="{}"><title>{}</title></circle>').format(
                style, x, up(window.distance or 0), 5 if decides else 3, _spoken(column, window)
            )
        )
    text = Markup('<text class="tick" x="{}" y="{}" text-anchor="{}">{}</text>')
    low = HEIGHT - BOTTOM + 15
    parts.append(text.format(LEFT, low, "start", clean(windows[0].first, 22)))
    parts.append(text.format(WIDTH - RIGHT, low, "end", clean(windows[-1].last, 22)))
    return Markup("\n").join([*parts, Markup("</svg>")])


def _rule(column: Column, value: float, height: float) -> Markup:
    shown = f"{value:.3g}" if column.kind == "number" else f"{value * 100:.3g} %"
    line = Markup('<line class="grid" x1="{}" x2="{}" y1="{}" y2="{}"/>')
    text = Markup('<text class="tick" x="{}" y="{}" text-anchor="end">{}</text>')
    drawn = line.format(LEFT, WIDTH - RIGHT, height, height)
    return drawn + text.format(LEFT - 6, height + 4, shown)


def _usual(x: float, step: float, height: float) -> Markup:
    half = min(step * 0.42, 40)
    return Markup('<line class="usual" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(
        round(x - half, 1), round(x + half, 1), height, height
    )


def _spoken(column: Column, window: Window) -> str:
    usual = f", usually {words.moved(column, window.usual)}" if window.usual is not None else ""
    p = f", {words.chance_of(window.p)}" if window.p is not None else ""
    ends = f"{clean(window.first, 40)} to {clean(window.last, 40)}"
    return f"{ends}: {words.moved(column, window.distance)}{usual}{p}"


def _ceiling(value: float) -> float:
    """The next of 1, 1.5, 2, 3, 4, 5, 6, 8 times a power of ten."""
    if not 0 < value < math.inf:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    steps = (1, 1.5, 2, 3, 4, 5, 6, 8, 10)
    return next((step * power for step in steps if step * power >= value), 10 * power)


def _part(share: float, top: float) -> float:
    return round(min(1.0, max(0.0, share / top)) * 100, 1) if top > 0 else 0.0
