"""How each line did, period by period, as SVG: for the page, and alone, for a README."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from mlops.backtest.result import Line, Metric, Period, Result
from mlops.judge.verdict import Decision
from mlops.monitor.result import Outcome
from mlops.report import charts
from mlops.report.untrusted import clean

WIDTH, HEIGHT = 380, 310  # of one panel's own coordinates; a phone shows it nearly one to one
LEFT, RIGHT, TOP, FLOOR = 56, 8, 30, 226  # FLOOR: where the axis of the periods stands
LOOKS, GATES = 268, 294  # heights of the two rows of marks
LABELS = 12  # periods that have a name under the axis, at most

LINES: dict[Line, str] = {
    "gated": "what the gates promoted",
    "whole": "the same, trained on its held-out rows, too",
    "always": "always retrained",
    "frozen": "today's estimator, never retrained",
    "never": "the first model, never retrained",
}
"""In the order in which they lie on each other, the first on top."""
SEEN: dict[Outcome, str] = {"steady": "○", "alarm": "▲", "no data": "·", "failed": "✕"}
DECIDED: dict[Decision, str] = {"accepted": "✓", "refused": "✕", "inconclusive": "?"}

STYLE = """\
text { font-family: system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; }
.ground { fill: #ffffff; }
.grid { stroke: #d8dee4; } .tick { fill: #59636e; font-size: 12px; }
.name { fill: #1f2328; font-size: 14px; font-weight: 600; }
.key { fill: #1f2328; font-size: 13px; }
.line { fill: none; stroke: var(--c); stroke-width: 2; stroke-linejoin: round; }
.line.gated { stroke-width: 3.5; } .line.whole { stroke-dasharray: 5 4; }
.line.frozen { stroke-dasharray: 1.5 3.5; }
.dot { fill: var(--c); }
.gated, .whole { --c: #0969da; } .always { --c: #c4620a; } .never, .frozen { --c: #818b98; }
.mark { font-size: 14px; text-anchor: middle; fill: #59636e; }
.good { fill: #1a7f37; } .bad { fill: #cf222e; } .open { fill: #9a6700; }
@media (prefers-color-scheme: dark) {
  .ground { fill: #0d1117; } .grid { stroke: #30363d; } .tick, .mark { fill: #9198a1; }
  .name, .key { fill: #e6edf3; }
  .gated, .whole { --c: #4c9aff; } .always { --c: #e3a05b; } .never, .frozen { --c: #7d8590; }
  .good { fill: #4ac26b; } .bad { fill: #ff7b72; } .open { fill: #d9a93a; }
}
"""
"""Of the picture that stands alone; light and dark, by the reader's choice."""


@dataclass(frozen=True)
class _Axes:
    """Where a period and a value stand."""

    periods: int
    low: float
    high: float

    def across(self, place: int) -> float:
        return round(LEFT + (place + 0.5) * (WIDTH - LEFT - RIGHT) / self.periods, 1)

    def up(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return round(FLOOR - share * (FLOOR - TOP), 1)


def panels(result: Result) -> list[Markup]:
    """A panel for each metric that is drawn."""
    return [panel(result, metric) for metric in result.metrics if metric.drawn]


def panel(result: Result, metric: Metric) -> Markup:
    """A metric of every line, and below it what the monitor and the gates said."""
    way = f"{clean(metric.name, 40)}, {metric.better} is better"
    return Markup(
        '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>'
    ).format(WIDTH, HEIGHT, f"{way}, by period and line", _drawn(result, metric))


def alone(result: Result) -> str:
    """All panels side by side, with a legend, as a document of its own."""
    drawn = [_drawn(result, metric) for metric in result.metrics if metric.drawn]
    width = WIDTH * len(drawn)
    legend, head = _legend(width)
    body = [
        Markup('<g transform="translate({} {})">{}</g>').format(WIDTH * place, head, one)
        for place, one in enumerate(drawn)
    ]
    return str(
        Markup(
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} {1}" role="img" '
            'aria-label="{2}">\n<style>\n{3}</style>\n'
            '<rect class="ground" width="{0}" height="{1}"/>\n{4}\n{5}\n</svg>\n'
        ).format(
            width,
            HEIGHT + head,
            f"{clean(result.model, 60)}, backtested",
            Markup(STYLE),  # noqa: S704 - no text of anybody's
            legend,
            Markup("\n").join(body),
        )
    )


def _legend(width: int) -> tuple[Markup, int]:
    """A key for each line, in as many rows as they need, and the height of that."""
    drawn, across, down = [], LEFT, 20
    key = Markup(
        '<line class="line {0}" x1="{1}" x2="{2}" y1="{3}" y2="{3}"/>'
        '<text class="key" x="{4}" y="{5}">{6}</text>'
    )
    for line, words in LINES.items():
        wide = 60 + 7 * len(words)  # about what the text takes
        if across + wide > width:
            across, down = LEFT, down + 22
        drawn.append(key.format(line, across, across + 26, down - 5, across + 33, down, words))
        across += wide
    return Markup("").join(drawn), down + 16


def _drawn(result: Result, metric: Metric) -> Markup:
    values = {line: [p.scores[line][metric.name] for p in result.periods] for line in LINES}
    axes = _axes(list(values.values()))
    name = f"{clean(metric.name, 40)}, {metric.better} is better"
    parts = [
        Markup('<text class="name" x="{}" y="16">{}</text>').format(LEFT, name),
        *_scales(result.periods, axes),
        *(_line(line, values[line], axes) for line in reversed(LINES)),
        *_promotions(result.periods, values["gated"], axes),
        *_marks(result.periods, axes),
    ]
    return Markup("\n").join(parts)


def _axes(rows: Sequence[Sequence[float | None]]) -> _Axes:
    there = [value for row in rows for value in row if value is not None and math.isfinite(value)]
    low, high = (min(there), max(there)) if there else (0.0, 1.0)
    room = 0.08 * (high - low) or 0.5
    return _Axes(len(rows[0]), low - room, high + room)


def _scales(periods: Sequence[Period], axes: _Axes) -> list[Markup]:
    text = Markup('<text class="tick" x="{}" y="{}" text-anchor="{}">{}</text>')
    drawn = []
    for tick in charts.ticks(axes.low, axes.high):
        height = axes.up(tick)
        drawn.append(
            Markup('<line class="grid" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(
                LEFT, WIDTH - RIGHT, height, height
            )
        )
        drawn.append(text.format(LEFT - 6, height + 4, "end", f"{tick:.4g}"))
    every = math.ceil(len(periods) / LABELS)
    drawn += [
        text.format(axes.across(place), FLOOR + 18, "middle", clean(_brief(period.name), 12))
        for place, period in enumerate(periods)
        if place % every == 0
    ]
    return drawn


def _brief(name: str) -> str:
    """Of 2013-04 the month; the year stands on the page."""
    year, _, month = name.partition("-")
    return month if year.isdecimal() and month else name


def _line(line: Line, values: Sequence[float | None], axes: _Axes) -> Markup:
    """A value that is missing breaks it."""
    runs: list[list[str]] = [[]]
    for place, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append(f"{axes.across(place)},{axes.up(value)}")
    drawn = Markup('<polyline class="line {}" points="{}"/>')
    return Markup("").join(drawn.format(line, " ".join(run)) for run in runs if run)


def _promotions(
    periods: Sequence[Period], values: Sequence[float | None], axes: _Axes
) -> list[Markup]:
    """A dot where a newly promoted model serves for the first time."""
    drawn = []
    for place, (period, value) in enumerate(zip(periods, values, strict=True)):
        new = place > 0 and periods[place - 1].serving != period.serving
        if new and value is not None:
            drawn.append(
                Markup(
                    '<circle class="dot gated" cx="{}" cy="{}" r="5"><title>{}</title></circle>'
                ).format(axes.across(place), axes.up(value), f"{clean(period.serving, 40)} serves")
            )
    return drawn


def _marks(periods: Sequence[Period], axes: _Axes) -> list[Markup]:
    """What the monitor saw and what the gates decided, a mark each."""
    text = Markup('<text class="tick" x="{}" y="{}" text-anchor="end">{}</text>')
    mark = Markup('<text class="mark {}" x="{}" y="{}">{}<title>{}</title></text>')
    drawn = [text.format(LEFT - 6, LOOKS, "monitor"), text.format(LEFT - 6, GATES, "gates")]
    styles = {"alarm": "bad", "failed": "bad", "steady": "good", "no data": ""}
    colours = {"accepted": "good", "refused": "bad", "inconclusive": "open"}
    for place, period in enumerate(periods):
        seen, judged = period.look, period.judgement
        said = f"{clean(period.name, 20)}: {seen.outcome}, {clean(seen.summary, 200)}"
        drawn.append(
            mark.format(styles[seen.outcome], axes.across(place), LOOKS, SEEN[seen.outcome], said)
        )
        said = f"{clean(period.name, 20)}: {judged.decision}, {clean(judged.summary, 200)}"
        sign = DECIDED[judged.decision]
        drawn.append(mark.format(colours[judged.decision], axes.across(place), GATES, sign, said))
    return drawn
