"""The findings as tables, or as JSON."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer
from rich.table import Table
from rich.text import Text

from mlops.doctor.finding import GROUPS, LEVELS, Finding, Level, Report
from mlops.progress import console

MARKS: dict[Level, tuple[str, str]] = {
    "ok": ("✓ ok", "green"),
    "note": ("· note", "cyan"),
    "warning": ("! warning", "yellow"),
    "error": ("✗ error", "bold red"),
}


@contextmanager
def looking(checks: int, *, quiet: bool) -> Iterator[Callable[[str], None]]:
    """Show which check was done last, where there is a terminal and somebody looks at it."""
    if quiet or not console.is_terminal:
        yield lambda _: None
        return
    done = 0
    with console.status("looking") as spinner:

        def ahead(name: str) -> None:
            nonlocal done
            done += 1
            spinner.update(f"looking: {name} ({done} of {checks})")

        yield ahead


def show(found: Report, *, as_json: bool) -> None:
    """A table a group, and the sum; or JSON as docs/doctor.schema.json says."""
    if as_json:
        typer.echo(found.model_dump_json(indent=2))
        return
    for group in GROUPS:
        ours = [finding for finding in found.findings if finding.group == group]
        if ours:
            console.print(_table(group, ours))
    counts = Counter(finding.level for finding in found.findings)
    console.print(", ".join(f"{counts[level]} {level}" for level in LEVELS if counts[level]))


def _table(group: str, found: list[Finding]) -> Table:
    table = Table(title=group, title_justify="left")
    table.add_column("", no_wrap=True)
    table.add_column("check", no_wrap=True)
    table.add_column("seen, and what to do", overflow="fold")
    for finding in found:
        mark, style = MARKS[finding.level]
        text = Text(finding.seen)
        if finding.remedy:
            text.append(f"\n→ {finding.remedy}", "bold")
        table.add_row(Text(mark, style), Text(finding.check), text)
    return table
