"""A backtest, told: backtest.html, backtest.svg, and a table in the terminal."""

from pathlib import Path

from rich.table import Table
from rich.text import Text

from mlops.backtest.result import FOLDER, Gain, Period, Result
from mlops.files import write_text
from mlops.progress import console
from mlops.report import wording
from mlops.report.backtest import drawing, page
from mlops.report.backtest.drawing import DECIDED, LINES

STYLES = {"accepted": "green", "refused": "bold red", "inconclusive": "yellow"}
SEEN = {"steady": "green", "alarm": "bold red", "no data": "yellow", "failed": "bold red"}


def write(result: Result, folder: Path = FOLDER) -> None:
    """Write backtest.html and backtest.svg into `folder`."""
    write_text(folder / "backtest.html", page.render(result))
    write_text(folder / "backtest.svg", drawing.alone(result))


def show(result: Result) -> None:
    """Print each line's metrics by period, then what the gates were worth, and the mistakes."""
    for metric in (one for one in result.metrics if one.drawn):
        console.print(_table(result, metric.name))
    for metric in (one for one in result.metrics if one.drawn):
        gain = result.overall["gated over never"].get(metric.name)
        lag = result.overall["whole over gated"].get(metric.name)
        console.print(
            f"{metric.name}: the gates' models were better than the first by {_gain(gain)}; the "
            f"hold-out cost {_gain(lag)}"
        )
    if not result.mistakes:
        console.print(
            f"none of {len(result.successions)} promoted models proved significantly worse than "
            f"the one it replaced"
        )
    for one in result.mistakes:
        what = (
            f"{one.version} proved significantly worse than {one.replaced}: {', '.join(one.worse)}"
        )
        console.print(Text(what, "bold red"))


def _table(result: Result, name: str) -> Table:
    table = Table(title=f"{name} of {result.model}, by who would have served")
    for heading in ("period", *LINES, "monitor", "gates"):
        table.add_column(heading, justify="right" if heading in LINES else "left")
    for period in result.periods:
        values = (wording.number(period.scores[line][name], 4) for line in LINES)
        table.add_row(
            period.name,
            *values,
            Text(period.look.outcome, SEEN[period.look.outcome]),
            _decision(period),
        )
    return table


def _decision(period: Period) -> Text:
    judged = period.judgement
    blocked = ", ".join(one.gate for one in judged.blocking)
    what = f"{DECIDED[judged.decision]} {judged.promoted or blocked}"
    return Text(what, STYLES[judged.decision])


def _gain(gain: Gain | None) -> str:
    if gain is None:
        return wording.NONE
    return f"{wording.signed(gain.value, 4)} ({wording.interval(gain.low, gain.high, 4)})"
