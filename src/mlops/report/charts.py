"""Charts of the full report, as SVG and as HTML that scales with the page; no script."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd
from markupsafe import Markup

from mlops.judge.verdict import Chart, Outcome
from mlops.report.untrusted import clean
from mlops.report.wording import number

WIDTH, HEIGHT = 360, 300  # of a chart's own coordinates; a phone shows them one to one
LEFT, RIGHT, TOP, BOTTOM = 52, 10, 10, 40
CLASSES = 9  # charts of a curve that exists once a class, at most
BARS = 20
REACH = 3.0  # margins either side of 0, when an interval goes that far

TITLES = {
    "roc": "ROC curve",
    "precision_recall": "Precision and recall",
    "calibration": "Calibration",
    "residuals": "Residuals",
    "confusion": "Confusion",
    "importance": "Loss in score when an input is shuffled",
}

Frames = Mapping[str, pd.DataFrame]
Row = tuple[float | None, float | None, float | None, float | None, Outcome | None]
"""Low end, difference, high end, margin and outcome of a line of a forest plot."""


@dataclass(frozen=True)
class Series:
    """A line or a cloud of points; `style` is a class of the page: challenger, champion, other."""

    name: str
    style: str
    x: Sequence[float]
    y: Sequence[float]
    dots: bool = False


@dataclass(frozen=True)
class Drawing:
    """A chart with its title and legend."""

    title: str
    body: Markup
    legend: Sequence[tuple[str, str]] = ()  # style, name


@dataclass(frozen=True)
class Interval:
    """A row of a forest plot, in percent of its width; ends that lie outside are cut."""

    low: float
    middle: float
    high: float
    margin: float | None
    outcome: Outcome | None
    cut_low: bool
    cut_high: bool


def forest(rows: Sequence[Row]) -> list[Interval | None]:
    """Intervals with 0 in the middle of the plot; none where a number is missing.

    Rows with a margin share an axis that counts in margins, so that metrics of different units
    stand under each other. The others have a scale each, and only 0 in common.
    """
    reach = max(
        [1.2]
        + [
            max(abs(low), abs(high)) / margin * 1.05
            for low, _, high, margin, _ in rows
            if low is not None and high is not None and margin
        ]
    )
    return [_interval(row, min(reach, REACH)) for row in rows]


def _interval(row: Row, reach: float) -> Interval | None:
    low, middle, high, margin, outcome = row
    if low is None or middle is None or high is None:
        return None
    half = reach * margin if margin else max(abs(low), abs(high)) * 1.05
    if not 0 < half < math.inf:
        return None

    def place(value: float) -> float:
        return round(50 + 50 * min(1.0, max(-1.0, value / half)), 2)

    return Interval(
        low=place(low),
        middle=place(middle),
        high=place(high),
        margin=place(-margin) if margin else None,
        outcome=outcome,
        cut_low=low < -half,
        cut_high=high > half,
    )


def drawings(plots: Mapping[str, Frames]) -> list[Drawing]:
    """A drawing per plot of reports/plots/ (several for a curve per class), in a fixed order."""
    names = [n for n in TITLES if n in plots] + sorted(set(plots) - set(TITLES))
    found: list[Drawing] = []
    for name in names:
        frames = {who: frame for who, frame in plots[name].items() if len(frame)}
        if "challenger" not in frames:
            continue
        title = TITLES.get(name) or clean(name.replace("_", " "), 60)
        if name == "importance":
            drawn = [_importance(title, frames)]
        elif name == "confusion":
            drawn = [_confusion(title, who, frame) for who, frame in frames.items()]
        else:
            drawn = [*_curves(name, title, frames)]
        found += filter(None, drawn)
    return found


def of_verdict(charts: Sequence[Chart]) -> list[Drawing]:
    """The small charts that a verdict itself holds, for want of the plots."""
    found = []
    for chart in charts:
        series = [
            Series(curve.name, _style(curve.name), curve.x, curve.y) for curve in chart.curves
        ]
        body = lines(series, chart.x.replace("_", " "), chart.y.replace("_", " "))
        if body:
            names = [(one.style, clean(one.name, 40)) for one in series]
            found.append(Drawing(clean(chart.title, 60), body, names))
    return found


def lines(
    series: Sequence[Series], x: str, y: str, *, diagonal: bool = False, level: float | None = None
) -> Markup:
    """A chart with axes, the first series on top; empty when there is nothing to draw.

    `diagonal` adds the line on which y is x, `level` a horizontal one.
    """
    kept = [found for found in map(_finite, series) if len(found.x)]
    if not kept:
        return Markup("")
    heights = [value for one in kept for value in one.y] + ([] if level is None else [level])
    axes = _Axes(*_ends([value for one in kept for value in one.x]), *_ends(heights))
    parts = [
        Markup('<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">').format(
            WIDTH, HEIGHT, f"{clean(y, 50)} by {clean(x, 50)}"
        ),
        axes.drawn(clean(x, 50), clean(y, 50)),
    ]
    if diagonal:
        ends = max(axes.left, axes.low), min(axes.right, axes.high)
        parts.append(axes.line("chance", ends, ends))
    if level is not None:
        parts.append(axes.line("chance", (axes.left, axes.right), (level, level)))
    for one in reversed(kept):
        draw = axes.dots if one.dots else axes.line
        parts.append(draw(one.style, one.x, one.y))
    return Markup("\n").join([*parts, Markup("</svg>")])


@dataclass(frozen=True)
class _Axes:
    """Where a value stands in a chart's own coordinates."""

    left: float
    right: float
    low: float
    high: float

    def across(self, value: float) -> float:
        share = (value - self.left) / (self.right - self.left)
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)

    def up(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 1)

    def line(self, style: str, xs: Sequence[float], ys: Sequence[float]) -> Markup:
        points = " ".join(f"{self.across(x)},{self.up(y)}" for x, y in zip(xs, ys, strict=True))
        return Markup('<polyline class="line {}" points="{}"/>').format(style, points)

    def dots(self, style: str, xs: Sequence[float], ys: Sequence[float]) -> Markup:
        one = Markup('<circle class="dot {}" cx="{}" cy="{}" r="2"/>')
        return Markup("").join(
            one.format(style, self.across(x), self.up(y)) for x, y in zip(xs, ys, strict=True)
        )

    def drawn(self, x: str, y: str) -> Markup:
        """Grid, numbers and names."""
        rule = Markup('<line class="grid" x1="{}" x2="{}" y1="{}" y2="{}"/>')
        text = Markup('<text class="{}" x="{}" y="{}" text-anchor="{}">{}</text>')
        floor, edge = HEIGHT - BOTTOM, WIDTH - RIGHT
        parts = []
        for tick in ticks(self.left, self.right):
            place = self.across(tick)
            parts.append(rule.format(place, place, TOP, floor))
            parts.append(text.format("tick", place, floor + 15, "middle", short(tick)))
        for tick in ticks(self.low, self.high):
            place = self.up(tick)
            parts.append(rule.format(LEFT, edge, place, place))
            parts.append(text.format("tick", LEFT - 6, place + 4, "end", short(tick)))
        parts.append(text.format("name", (LEFT + edge) / 2, HEIGHT - 6, "middle", x))
        turned = Markup('<g transform="translate(12 {}) rotate(-90)">{}</g>')
        parts.append(turned.format((TOP + floor) / 2, text.format("name", 0, 0, "middle", y)))
        return Markup("").join(parts)


def _curves(name: str, title: str, frames: Frames) -> list[Drawing]:
    first = frames["challenger"]
    if first.shape[1] < 2:
        return []
    x, y = map(str, first.columns[:2])
    classes: list[object] = [None]
    if "label" in first:
        classes = list(dict.fromkeys(first["label"]))
    found = []
    for label in classes[:CLASSES]:
        series = []
        for who, frame in frames.items():
            part = (
                frame if label is None or "label" not in frame else frame[frame["label"] == label]
            )
            if x in part and y in part:
                series.append(
                    Series(
                        who, _style(who), _floats(part[x]), _floats(part[y]), name == "residuals"
                    )
                )
        body = lines(
            series,
            x.replace("_", " "),
            y.replace("_", " "),
            diagonal=name in ("roc", "calibration"),
            level=0.0 if name == "residuals" else None,
        )
        if body:
            of_class = "" if label is None else f": {clean(str(label), 40)}"
            if len(classes) > CLASSES and label == classes[CLASSES - 1]:
                of_class += f" (the first {CLASSES} of {len(classes)} classes)"
            found.append(Drawing(title + of_class, body, [(s.style, s.name) for s in series]))
    return found


def _importance(title: str, frames: Frames) -> Drawing | None:
    """Bars of the most important inputs, the champion's under the challenger's."""
    losses = {
        who: dict(zip(map(str, frame["feature"]), _floats(frame["loss"]), strict=True))
        for who, frame in frames.items()
        if {"feature", "loss"} <= set(frame.columns)
    }
    if "challenger" not in losses:
        return None
    shown = list(losses["challenger"])[:BARS]
    largest = max(
        (abs(value) for of in losses.values() for value in of.values() if math.isfinite(value)),
        default=0.0,
    )
    bar = Markup('<span class="bar {}" style="width:{:.1f}%"></span>')
    row = Markup(
        '<tr><th scope="row"><span class="feature" title="{0}">{0}</span></th>'
        '<td class="bars">{1}</td><td class="n">{2}</td></tr>'
    )
    rows = []
    for feature in shown:
        values = {who: of[feature] for who, of in losses.items() if feature in of}
        bars = [
            bar.format(_style(who), max(0.0, value) / largest * 100 if largest else 0.0)
            for who, value in values.items()
            if math.isfinite(value)
        ]
        value = number(values["challenger"], 4)
        rows.append(row.format(clean(feature, 60), Markup("").join(bars), value))
    body = Markup('<table class="plain">{}</table>').format(Markup("").join(rows))
    return Drawing(title, body, [(_style(who), who) for who in losses])


def _confusion(title: str, who: str, frame: pd.DataFrame) -> Drawing | None:
    """What became of each class, in percent of its rows."""
    if not {"actual", "predicted"} <= set(frame.columns):
        return None
    shares = pd.crosstab(
        frame["actual"].astype(str), frame["predicted"].astype(str), normalize="index"
    )
    shares = shares.iloc[:BARS, :BARS]
    cell = Markup('<td class="n heat" style="--share:{:.3f}">{:.0%}</td>')
    heads = Markup("").join(
        Markup('<th scope="col">{}</th>').format(clean(str(name), 30)) for name in shares.columns
    )
    rows = Markup("").join(
        Markup('<tr><th scope="row">{}</th>{}</tr>').format(
            clean(str(name), 30), Markup("").join(cell.format(share, share) for share in row)
        )
        for name, row in zip(shares.index, shares.to_numpy(), strict=True)
    )
    body = Markup(
        '<table class="plain matrix"><tr><th>actual ↓ predicted →</th>{}</tr>{}</table>'
    ).format(heads, rows)
    return Drawing(f"{title}, {clean(who, 20)}", body)


def _style(who: str) -> str:
    return who if who in ("challenger", "champion") else "other"


def _floats(column: pd.Series) -> list[float]:
    return [float(value) for value in pd.to_numeric(column, errors="coerce")]


def _finite(series: Series) -> Series:
    points = [
        (x, y)
        for x, y in zip(series.x, series.y, strict=False)
        if math.isfinite(x) and math.isfinite(y) and max(abs(x), abs(y)) < 1e12
    ]
    return replace(series, x=[x for x, _ in points], y=[y for _, y in points])


def _ends(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    return (low, high) if low < high else (low - 0.5, high + 0.5)


def ticks(low: float, high: float) -> list[float]:
    """Four to ten round numbers between two ends."""
    raw = (high - low) / 5
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= raw * 0.999)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [n * step for n in range(first, last + 1)]


def short(value: float) -> str:
    """A number beside an axis."""
    return f"{value:.4g}".replace("-", "−")
