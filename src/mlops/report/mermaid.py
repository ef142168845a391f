"""Charts of a verdict as mermaid, which GitHub draws in comments and summaries."""

from collections.abc import Iterable

import numpy as np

from mlops.judge.verdict import Chart, Curve
from mlops.report.untrusted import label

COLOURS = {
    "blue": "#2f81f7",
    "orange": "#d9822b",
    "grey": "#8b949e",
    "green": "#3fb950",
    "red": "#e5534b",
    "purple": "#a371f7",
}
POINTS = 31  # of a line
_SETTINGS = (
    '%%{{init: {{"xyChart": {{"width": 620, "height": 380}}, '
    '"themeVariables": {{"xyChart": {{"plotColorPalette": "{palette}"}}}}}}}}%%'
)


def lines(chart: Chart) -> str:
    """The chart as an `xychart-beta`; empty when its curves share no stretch of the x axis.

    The lines of such a diagram have points at even distances, so the curves are interpolated. The
    first curve is drawn last, on top of the others.
    """
    curves = drawable(chart)
    grid = shared(curves, POINTS)
    if grid is None:
        return ""
    heights = [along(curve, grid) for curve in curves]
    bottom, top = min(map(min, heights)), max(map(max, heights))
    if bottom == top:
        bottom, top = bottom - 0.5, top + 0.5
    drawn = [
        _SETTINGS.format(palette=", ".join(list(COLOURS.values())[len(curves) - 1 :: -1])),
        "xychart-beta",
        f'    title "{_spoken(chart.title)}"',
        f'    x-axis "{_spoken(chart.x)}" {_plain(grid[0])} --> {_plain(grid[-1])}',
        f'    y-axis "{_spoken(chart.y)}" {_plain(bottom)} --> {_plain(top)}',
    ]
    drawn += [f"    line [{', '.join(map(_plain, height))}]" for height in reversed(heights)]
    return "\n".join(drawn)


def table(chart: Chart, rows: int = 6) -> list[tuple[float, list[float]]]:
    """Some x and the height of every drawable curve there; empty when there is no chart."""
    curves = drawable(chart)
    grid = shared(curves, rows)
    return [] if grid is None else [(x, [along(c, [x])[0] for c in curves]) for x in grid]


def drawable(chart: Chart) -> list[Curve]:
    """Curves with two points or more, without what is no number, sorted by x."""
    found = []
    for curve in chart.curves:
        points = sorted(
            ((x, y) for x, y in zip(curve.x, curve.y, strict=False) if max(abs(x), abs(y)) < 1e12),
            key=lambda point: point[0],
        )
        if len(points) > 1:
            found.append(Curve(name=curve.name, x=[x for x, _ in points], y=[y for _, y in points]))
    return found


def shared(curves: Iterable[Curve], points: int) -> list[float] | None:
    """Even steps over the stretch of the x axis that all curves have; none when there is none."""
    ends = [(curve.x[0], curve.x[-1]) for curve in curves]
    if not ends:
        return None
    first, last = max(a for a, _ in ends), min(b for _, b in ends)
    return list(map(float, np.linspace(first, last, points))) if first < last else None


def along(curve: Curve, grid: list[float]) -> list[float]:
    """Heights of the curve at the places of the grid."""
    return list(map(float, np.interp(grid, curve.x, curve.y)))


def _spoken(name: str) -> str:
    return label(name.replace("_", " ")) or "-"  # an empty text is a syntax error


def _plain(value: float) -> str:
    return np.format_float_positional(float(f"{value:.5g}"), trim="-")
