"""What was found, as tables."""

from typing import Any

import claims
from rich.console import Console
from rich.table import Table
from rounds import LOADS, LOOKED_UP
from servers import OURS


def show(result: dict[str, Any], console: Console) -> None:
    """Print all of it as tables."""
    columns = (
        "req/s",
        "p50 ms",
        "p99 ms",
        "CPU µs",
        "p50 ms alone",
        "1,000-row req/s",
        "cold s",
        "MB",
    )
    table = Table("server", title="One row a request over 16 connections, then the other loads")
    for name in columns:
        table.add_column(name, justify="right")
    for name, of in result["servers"].items():
        many, one, large = (of["loads"][kind] for kind in LOADS)
        figures = [f"{many['rate']:,.0f}", f"{many['p50_ms']:.2f}", f"{many['p99_ms']:.1f}"]
        figures += [f"{many['cpu_us_per_request']:,.0f}", f"{one['p50_ms']:.2f}"]
        figures += [f"{large['rate']:,.1f}", f"{of['cold_seconds']:.2f}", f"{of['rss_mb']:.0f}"]
        table.add_row(name, *figures)
    console.print(table)

    ours = result["servers"][OURS]["loads"]
    table = Table("this server", "req/s", "p50 ms", "p99 ms", "CPU µs", title="Tables looked up")
    for name in (n for given, (keyed, _) in LOOKED_UP.items() for n in (given, keyed)):
        if name in ours:
            of = ours[name]
            shown = [f"{of[k]:.3f}" for k in ("p50_ms", "p99_ms")]
            table.add_row(name, f"{of['rate']:,.0f}", *shown, f"{of['cpu_us_per_request']:.0f}")
    console.print(table)

    calls = list(dict.fromkeys(call for of in result["floors"].values() for call in of))
    table = Table("microseconds a call", *result["floors"], title="Floors: no HTTP")
    for call in calls:
        cells = [f"{of[call]:,.0f}" if call in of else "" for of in result["floors"].values()]
        table.add_row(call, *cells)
    console.print(table)

    table = claims.table(result["goals"])
    for name, ratio in result["ratios"].items():
        if name not in result["goals"]:
            table.add_row(name, "", f"{ratio:.3f}", "")
    if aim := result["aim"]:
        table.add_row("aim: times mlflow's rate", f"{aim['aim']}", f"{aim['measured']:g}", "")
    console.print(table)
