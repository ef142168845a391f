"""Charts of the dashboard, as SVG and as shares of a width; no script.

SVG has the size that a phone shows it at, so that its letters are never smaller than intended.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from markupsafe import Markup

from mlops.dashboard.cards import Groups
from mlops.dashboard.reigns import Reign
from mlops.report.charts import short, ticks
from mlops.report.untrusted import clean

WIDTH, HEIGHT = 320, 190  # in the chart's own coordinates
LEFT, RIGHT, TOP, BOTTOM = 44, 14, 12, 26
LETTER = 7.5  # how wide one is under an axis, at most
MONTHS = 5  # named under the timeline, at most
LAST = 99.0  # percent of its width, where a bar begins at the latest
ROOM = 82.0  # percent of its width; what begins later has no room for its name


@dataclass(frozen=True)
class Mark:
    """A point, with an interval where there is one."""

    place: int
    """Which of the names it stands over."""
    value: float
    low: float | None
    high: float | None
    style: str
    """A class of the page; `undone` is drawn as a cross, `held` belongs to a line of its own."""
    figure: str
    """Its name among the figures of the page."""
    spoken: str


@dataclass(frozen=True)
class Bar:
    """A part of a line in percent of its width."""

    left: float
    width: float


def over(
    title: str, names: Sequence[str], marks: Sequence[Mark], *, level: float | None = None
) -> Markup:
    """Marks over equally spaced names, a line from one to the next, and a dashed one at `level`.

    Empty without a mark.
    """
    if not marks:
        return Markup("")
    axes = _Axes.of(marks, len(names), level)
    parts = [
        Markup('<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">').format(
            WIDTH, HEIGHT, clean(title, 80)
        ),
        axes.heights(),
        axes.names(names),
        Markup("") if level is None else axes.dashed(level),
    ]
    for line in ("held", "arrived"):
        of_line = [mark for mark in marks if (mark.style == "held") == (line == "held")]
        corners = " ".join(f"{axes.across(m.place)},{axes.up(m.value)}" for m in of_line)
        parts += map(axes.interval, of_line)
        parts.append(Markup('<polyline class="line {}" points="{}"/>').format(line, corners))
        parts += map(axes.mark, of_line)
    return Markup("\n").join([*filter(None, parts), Markup("</svg>")])


@dataclass(frozen=True)
class _Axes:
    """Where a value stands."""

    count: int
    low: float
    high: float

    @classmethod
    def of(cls, marks: Sequence[Mark], count: int, level: float | None) -> "_Axes":
        heights = [n for m in marks for n in (m.value, m.low, m.high) if n is not None]
        heights += [] if level is None else [level]
        low, high = min(heights), max(heights)
        air = (high - low) * 0.05 or 0.5
        return cls(count, low - air, high + air)

    def across(self, place: int) -> float:
        step = (WIDTH - LEFT - RIGHT) / self.count
        return round(LEFT + (place + 0.5) * step, 1)

    def up(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 1)

    def heights(self) -> Markup:
        found = ticks(self.low, self.high)
        rule = Markup('<line class="grid" x1="{}" x2="{}" y1="{}" y2="{}"/>')
        text = Markup('<text class="tick" x="{}" y="{}" text-anchor="end">{}</text>')
        parts = []
        for tick in found[:: 2 if len(found) > 6 else 1]:
            height = self.up(tick)
            parts.append(rule.format(LEFT, WIDTH - RIGHT, height, height))
            parts.append(text.format(LEFT - 6, height + 4, short(tick)))
        return Markup("").join(parts)

    def names(self, names: Sequence[str]) -> Markup:
        """As many as there is room for, the last one among them."""
        longest = max(len(name) for name in names) + 1
        every = -(-len(names) // max(1, int((WIDTH - LEFT - RIGHT) / (longest * LETTER))))
        text = Markup('<text class="tick" x="{}" y="{}" text-anchor="middle">{}</text>')
        half = longest * LETTER / 2
        parts = []
        for place in range(len(names) - 1, -1, -every):
            x = min(self.across(place), WIDTH - half)
            parts.append(text.format(round(x, 1), HEIGHT - BOTTOM + 17, clean(names[place], 20)))
        return Markup("").join(reversed(parts))

    def dashed(self, level: float) -> Markup:
        line = Markup('<line class="level" x1="{}" x2="{}" y1="{}" y2="{}"/>')
        return line.format(LEFT, WIDTH - RIGHT, self.up(level), self.up(level))

    def interval(self, mark: Mark) -> Markup:
        if mark.low is None or mark.high is None:
            return Markup("")
        x = self.across(mark.place)
        line = Markup('<line class="interval {}" x1="{}" x2="{}" y1="{}" y2="{}"/>')
        return line.format(mark.style, x, x, self.up(mark.low), self.up(mark.high))

    def mark(self, mark: Mark) -> Markup:
        x, y = self.across(mark.place), self.up(mark.value)
        value = " ".join(str(n) for n in (mark.value, mark.low, mark.high) if n is not None)
        said = Markup('class="mark {}" data-figure="{}" data-value="{}"><title>{}</title>').format(
            mark.style, mark.figure, value, clean(mark.spoken, 200)
        )
        if mark.style == "undone":
            cross = Markup('<path d="M{} {}l9 9m0 -9l-9 9" {}</path>')
            return cross.format(round(x - 4.5, 1), round(y - 4.5, 1), said)
        return Markup('<circle cx="{}" cy="{}" r="4.5" {}</circle>').format(x, y, said)


def timeline(reigns: Sequence[Reign], newest: datetime) -> list[Bar]:
    """Each reign on one scale, from the first one's beginning to the newest fact.

    One that has just begun is seen all the same.
    """
    bars = []
    for reign in reigns:
        left = min(_place(reign.since, reigns, newest), LAST)
        right = _place(reign.until or newest, reigns, newest)
        bars.append(Bar(round(left, 2), round(max(right - left, 0.0), 2)))
    return bars


def months(reigns: Sequence[Reign], newest: datetime) -> list[tuple[str, float]]:
    """Where months begin on that scale; a few of them, those with room for a name to the right."""
    first, last = (at.astimezone(UTC) for at in (reigns[0].since, newest))
    begins = []
    year, month = first.year, first.month
    while (at := datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)) < last:
        begins.append(at)
        year, month = at.year, at.month
    placed = [
        (f"{at:%Y-%m}", round(_place(at, reigns, newest), 2))
        for at in begins[:: -(-len(begins) // MONTHS) or 1]
    ]
    return [(name, place) for name, place in placed if place <= ROOM]


def _place(at: datetime, reigns: Sequence[Reign], newest: datetime) -> float:
    first = reigns[0].since
    return (at - first).total_seconds() / ((newest - first).total_seconds() or 1.0) * 100


def parts(values: Iterable[float], whole: float) -> list[float]:
    """Each value in percent of `whole`."""
    return [round(value / whole * 100, 2) if whole > 0 else 0.0 for value in values]


@dataclass(frozen=True)
class Spread:
    """A difference between groups, in percent of the width; `none` is where there is none."""

    value: float
    low: float | None
    high: float | None
    none: float


def measures(found: Groups) -> dict[str, tuple[float, float]]:
    """Every measure that a group has, and the ends of its scale: 0 is on it."""
    known: dict[str, list[float]] = {}
    for values in found.groups.values():
        for name, value in values.items():
            known.setdefault(name, [0.0]).append(value or 0.0)
    return {name: (min(values), max(values)) for name, values in known.items()}


def bar(value: float, ends: tuple[float, float]) -> Bar:
    """From 0 to the value, to whichever side."""
    low, high = ends
    whole = (high - low) or 1.0
    left = (min(value, 0.0) - low) / whole * 100
    return Bar(round(left, 2), round(abs(value) / whole * 100, 2))


def spans(found: Groups) -> dict[str, Spread | None]:
    """The differences of a slice on one scale, with 0 on it."""
    known = [
        number
        for one in found.differences.values()
        for number in (one.value, one.low, one.high)
        if number is not None
    ]
    left, right = min([0.0, *known]), max([0.0, *known])
    whole = (right - left) or 1.0

    def place(number: float) -> float:
        return round(2 + 96 * (number - left) / whole, 2)

    return {
        name: None
        if one.value is None
        else Spread(
            value=place(one.value),
            low=None if one.low is None or one.high is None else place(one.low),
            high=None if one.low is None or one.high is None else place(one.high),
            none=place(0.0),
        )
        for name, one in found.differences.items()
    }
