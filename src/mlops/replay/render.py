"""A replay in a terminal, and as Markdown for a job's summary."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from mlops.files import write_text
from mlops.github.job import summarise
from mlops.progress import console
from mlops.replay.result import FOLDER, Check, Replay, Server, write
from mlops.report.untrusted import code, prose
from mlops.report.verdict_table import STYLES

MARKS = {"pass": "✅", "fail": "❌", "inconclusive": "🟡", "not applicable": "➖"}
KINDS = {"single": "1 row", "batch": "many rows"}


def report(result: Replay) -> None:
    """Write replay.json and replay.md, append it to a job's summary, and show it."""
    text = markdown(result)
    write(result, FOLDER / "replay.json")
    write_text(FOLDER / "replay.md", text)
    summarise(text)
    show(result)


def show(result: Replay) -> None:
    """Print the checks, then the servers."""
    table = Table(title=f"replay of {result.traffic.requests:,} requests, {result.mode}")
    for heading in ("check", "outcome", "what was found", "limit"):
        table.add_column(heading, justify="right" if heading == "limit" else "left")
    for check in result.checks:
        outcome = Text(check.outcome, STYLES[check.outcome])
        table.add_row(check.name, outcome, Text(_short(check.reason)), _limit(check))
    console.print(table)
    for step in result.steps:
        text = f"{step.share:.0%} to the challenger, {step.requests:,} requests: "
        console.print(Text(f"{text}{step.outcome}, {_short(step.reason)}"))
    times = Table(title="milliseconds")
    for heading in ("server", "requests of", "answered", "p50", "p95", "p99"):
        times.add_column(heading, justify="left" if heading == "server" else "right")
    for role, server in _servers(result):
        for latency in server.latency:
            numbers = [f"{ms:.2f}" for ms in (latency.p50, latency.p95, latency.p99)]
            kind, count = KINDS[latency.kind], f"{latency.requests:,}"
            times.add_row(Text(f"{role}: {server.name}"), kind, count, *numbers)
    if times.row_count:
        console.print(times)


def markdown(result: Replay) -> str:
    """The result as Markdown. Nothing that a server said is Markdown in it."""
    asked = result.traffic
    parts = [
        f"## {MARKS[result.outcome]} Replay: {result.outcome}",
        prose(result.summary),
        f"{asked.requests:,} requests, {asked.rows:,} rows, from {code(asked.origin)}",
        _table(
            ("check", "", "what was found", "limit"),
            [
                (code(c.name), MARKS[c.outcome], prose(c.reason, 500), _limit(c))
                for c in result.checks
            ],
        ),
        _table(
            ("challenger's share", "requests", "", "what was found so far"),
            [
                (f"{s.share:.0%}", f"{s.requests:,}", MARKS[s.outcome], prose(s.reason, 500))
                for s in result.steps
            ],
        ),
        _table(
            ("", "server", "version", "requests of", "answered", "p50 ms", "p95 ms", "p99 ms"),
            [
                (
                    role,
                    code(server.name),
                    code(server.version),
                    KINDS[latency.kind],
                    f"{latency.requests:,}",
                    *(f"{ms:.2f}" for ms in (latency.p50, latency.p95, latency.p99)),
                )
                for role, server in _servers(result)
                for latency in server.latency
            ],
        ),
        _table(
            ("", "status", "requests", "what was said"),
            [
                (role, f"{f.status or 'no answer'}", f"{f.requests:,}", prose(f.said, 300))
                for role, server in _servers(result)
                for f in server.failing
            ],
        ),
        *_agreement(result),
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def _agreement(result: Replay) -> list[str]:
    found = result.agreement
    if found is None:
        return []
    other = "the record" if result.mode == "smoke" else "the champion"
    psi = "–" if found.psi is None else f"{found.psi:.4f}"
    text = (
        f"Of {found.rows:,} rows, {found.equal:.2%} agree with {other}. Scores differ by "
        f"{found.mean:.4g} on average, {found.p95:.4g} at the 95th percentile and "
        f"{found.largest:.4g} at most. Population stability index: {psi}."
    )
    rows = [
        (code(d.row), code(d.champion), code(d.challenger), f"{d.difference:.4g}")
        for d in result.disagreements
    ]
    return [text, _table(("row", other, "the challenger", "difference"), rows)]


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Nothing where there are no rows."""
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) if rows else ""


def _servers(result: Replay) -> list[tuple[str, Server]]:
    there = [("champion", result.champion), ("challenger", result.challenger)]
    return [(role, server) for role, server in there if server]


def _limit(check: Check) -> str:
    return "–" if check.limit is None else f"{check.limit:.4g}"


def _short(text: str) -> str:
    return text if len(text) <= 110 else text[:109] + "…"
