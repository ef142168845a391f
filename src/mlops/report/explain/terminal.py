"""Explanations in a terminal: a table a row, then the inputs of all."""

from pathlib import Path

from rich.table import Table
from rich.text import Text

from mlops.explain.result import Result, Row
from mlops.progress import console
from mlops.report import wording
from mlops.report.explain import wording as words
from mlops.report.untrusted import clean

MOST = 8  # contributions shown one by one
INPUTS = 10  # of the overall picture


def show(result: Result, folder: Path) -> None:
    """Print the rows, the inputs that matter most overall, and where the page is."""
    for row in result.rows:
        console.print(of_row(result, row))
        if warning := words.anothers(result, row):
            console.print(Text(warning, "bold red"))
    console.print(of_all(result))
    console.print(f"{words.METHODS[result.method]} {folder / 'explain.html'} draws it")


def of_row(result: Result, row: Row) -> Table:
    """From the base, by what each input adds, to the score and what it says."""
    told, places = row.likeliest, words.places(result)
    table = Table(title=_text(f"{words.output(result, told)}: {words.name(row)}"))
    table.add_column("input")
    table.add_column("value", justify="right")
    table.add_column(Text(words.unit(result)), justify="right")
    base = words.means(result, result.base.prediction, told)
    start = wording.number(result.base.score[told], places)
    table.add_row("base", Text(base), Text(start), style="dim")
    for line in words.lines(row, told, MOST):
        adds = Text(wording.signed(line.adds, places), "red" if line.adds > 0 else "blue")
        table.add_row(_text(line.name), _text(line.value), adds)
    table.add_section()
    end = wording.number(row.score[told], places)
    table.add_row("score", Text(words.means(result, row.prediction, told)), Text(end), style="bold")
    return table


def of_all(result: Result) -> Table:
    """The inputs that move predictions most, beside what their loss costs."""
    table = Table(title=f"mean of {result.overall.rows:,} held-out rows")
    table.add_column("input")
    table.add_column(Text(f"moves by, in {words.unit(result)}"), justify="right")
    table.add_column(f"loss in {result.metric} when shuffled", justify="right")
    places = words.sizes(result.overall)
    for one in result.overall.inputs[:INPUTS]:
        size, loss = wording.number(one.contribution, places), wording.number(one.loss, 4)
        table.add_row(_text(one.input), size, loss)
    return table


def _text(text: str) -> Text:
    return Text(clean(text, 110))
