"""The ML Test Score in a terminal, and as Markdown."""

from collections.abc import Iterator

from rich.table import Table
from rich.text import Text

from mlops.progress import console
from mlops.score.evidence import Evidence
from mlops.score.manual import VALID
from mlops.score.score import Point, Score

STYLES = {"automated": "green", "manual": "yellow", "no": "bold red"}
HEADINGS = ("test", "asks that", "points", "evidence")


def show(score: Score) -> None:
    """Print a table for each section, then the score and what it means."""
    for section, points in score.sections.items():
        console.print(_table(f"{section}: {score.by_section[section]:g} of 7", points))
    console.print(Text(_total(score), "bold"))


def markdown(score: Score) -> str:
    """The same as a page."""
    lines = ["# ML Test Score", "", f"{_total(score)}."]
    for section, points in score.sections.items():
        lines += ["", f"## {section}: {score.by_section[section]:g} of 7", ""]
        lines += ["| " + " | ".join(HEADINGS) + " |", "|---|---|--:|---|"]
        for point in points:
            cells = [point.test.name, point.test.asks, _earned(point), "<br>".join(_lines(point))]
            lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines)


def _table(title: str, points: list[Point]) -> Table:
    table = Table(title=title, show_lines=True)
    table.add_column("points", justify="right")
    table.add_column("test, and evidence", overflow="fold")
    for point in points:
        told = Text(f"{point.test.name}: {point.test.asks}", "bold")
        told.append("\n" + "\n".join(_lines(point)), "not bold")
        table.add_row(Text(f"{point.points:g}", STYLES[point.how]), told)
    return table


def _earned(point: Point) -> str:
    return f"{point.points:g}, {point.how}"


def _lines(point: Point) -> Iterator[str]:
    """A line for each piece of evidence; what is missing comes first, with what to do."""
    if point.declared:
        said = point.declared
        until = said.when + VALID
        yield f"+ {said.who}, {said.when}: {said.what} ({said.link}); counts until {until}"
    for one in sorted(point.evidence, key=lambda one: one.holds):
        yield f"+ {one.says}" if one.holds else f"– {_missing(one)}"


def _missing(one: Evidence) -> str:
    return f"{one.says} → {one.remedy}"


def _total(score: Score) -> str:
    worst = min(score.by_section, key=lambda name: score.by_section[name])
    return f"ML Test Score {score.total:g} of 7, that of {worst.lower()}: {score.meaning}"
