"""A look at a model, told: monitor.md, monitor.html, and a table in the terminal."""

from pathlib import Path

from rich.table import Table
from rich.text import Text

from mlops.files import write_text
from mlops.monitor.result import FOLDER, Result
from mlops.progress import console
from mlops.report.monitor import markdown, page
from mlops.report.monitor import wording as words
from mlops.report.untrusted import clean

STYLES = {
    "steady": "green",
    "alarm": "bold red",
    "untold": "dim",
    "no data": "yellow",
    "failed": "bold red",
}
REASON = 300  # characters


def write(result: Result, folder: Path = FOLDER) -> str:
    """Write monitor.md and monitor.html into `folder`, and return the Markdown.

    Raises OSError where the folder cannot be written.
    """
    text = markdown.render(result)
    write_text(folder / "monitor.md", text)
    write_text(folder / "monitor.html", page.render(result))
    return text


def show(result: Result) -> None:
    """Print each part in a line, then why there is an alarm, and what to do."""
    table = Table(title=Text(f"monitor of {clean(result.model, 80)}"))
    for heading in ("part", "state", "what was found"):
        table.add_column(heading)
    for part in words.told(result):
        state = Text(part.state, STYLES[part.state])
        table.add_row(part.name, state, Text(clean(part.what, 110)))
    if table.row_count:
        console.print(table)
    style = STYLES[result.outcome]
    headline = words.HEADLINES[result.outcome].lower()
    if not words.in_reasons(result):
        console.print(Text(f"{headline}: ", style) + Text(clean(result.summary, REASON), "bold"))
    for reason in result.reasons:
        console.print(Text(f"  {reason.section}: {clean(reason.what, REASON)}"))
    if result.outcome != "steady":
        for remedy in words.remedies(result):
            console.print(Text(f"  → {remedy.replace('`', '')}"))
