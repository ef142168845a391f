"""The verdict in a terminal: a line a gate, and what to do."""

from rich.table import Table
from rich.text import Text

from mlops.judge.verdict import Gate, Verdict
from mlops.progress import console

STYLES = {"pass": "green", "fail": "bold red", "inconclusive": "yellow", "not applicable": "dim"}


def show(verdict: Verdict) -> None:
    """Print the gates, then the remedy of each that did not pass, or that all is accepted."""
    table = Table(title="gates", show_lines=False)
    for heading in ("gate", "outcome", "what was found"):
        table.add_column(heading)
    for gate in verdict.gates:
        table.add_row(gate.name, _outcome(gate), Text(_short(gate.reason)))
    console.print(table)
    for gate in verdict.gates:
        if gate.blocks:
            console.print(Text(f"{gate.name}: {gate.reason}", "bold"))
            console.print(Text(f"  → {gate.remedy}"))
    if verdict.decision == "accepted":
        console.print(Text(f"accepted: {verdict.summary}", "bold"))


def _outcome(gate: Gate) -> Text:
    if gate.override:
        return Text(f"{gate.outcome}, accepted by {gate.override.by}", "yellow")
    return Text(gate.outcome, STYLES[gate.outcome])


def _short(text: str) -> str:
    return text if len(text) <= 110 else text[:109] + "…"
