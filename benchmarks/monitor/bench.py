"""Measure drift detection: how fast it is beside Evidently, what both find, and when they alarm.

Run from the repository: `make bench-monitor`. Prints tables, writes
benchmarks/results/monitor.json, and ends with 1 when a goal is missed.

Both get the same frames: a month of flights, about 28,000 rows of 15 inputs, and all the months
before. Both are measured with what they do to the reference; reading files and importing packages
are left out. Things are planted into September, and the months from April to December are looked
at as they were: nothing is wrong with them but the weather.
"""

import json
import os
import platform
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import claims
import pandas as pd
from rich.console import Console
from rich.table import Table

from mlops.monitor.drift.moved import drift
from mlops.monitor.result import Drift
from mlops.monitor.rows import Problem, Reference
from monitor.peer import ALL_DRIFTED, PACKAGES, asked, interpreter
from monitor.year import COLUMNS, MONTH, MONTHS, PLANTED, before, flights, of, problem

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "benchmarks" / "results" / "monitor.json"
KEPT = ROOT / ".mlops" / "benchmarks"
TURNS = 7
FASTEST, TIMES = 1.0, 5.0  # seconds at most, and times as fast as the peer at least
UNSEEN = "gaps"  # of what is planted, the peer leaves these out of the rows
console = Console(highlight=False, soft_wrap=True)
began = time.perf_counter()


def say(what: str) -> None:
    console.print(f"[dim]{time.perf_counter() - began:5.0f} s  {what}[/dim]")


def looked(asking: Problem, reference: pd.DataFrame, batch: pd.DataFrame) -> Drift:
    """Inputs only, as the peer does."""
    return drift(asking, Reference(reference, reference.iloc[:0]), batch)


def drifted(found: Drift) -> list[str]:
    """Columns, in any view."""
    return sorted({column.name for column in found.columns if column.drifted})


def batches(rows: pd.DataFrame) -> dict[str, tuple[pd.DataFrame, pd.DataFrame]]:
    """Every pair that both are asked about: the months, and what is planted into one."""
    pairs = {month: (before(rows, month), of(rows, month)) for month in MONTHS}
    reference, batch = pairs[MONTH]
    for planted in PLANTED:
        changed = batch.assign(**{planted.column: planted.change(batch[planted.column])})
        pairs[planted.name] = reference, changed
    return pairs | {"speed": pairs[MONTH]}


def of_peer(pairs: dict[str, tuple[pd.DataFrame, pd.DataFrame]], turns: int) -> dict[str, Any]:
    """Its seconds, and by pair the columns that drifted; it gets the inputs alone."""
    names: list[tuple[str, str]] = []
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        for number, sides in enumerate(pairs.values()):
            names.append((f"reference-{number}.parquet", f"batch-{number}.parquet"))
            for name, side in zip(names[-1], sides, strict=True):
                side[COLUMNS].to_parquet(Path(folder) / name, index=False)
        found = asked(interpreter(KEPT / "evidently"), Path(folder), names, turns)
    by_pair = dict(zip(pairs, found["drifted"], strict=True))
    return {"seconds": found["seconds"], "drifted": by_pair}


def measured(rows: pd.DataFrame, turns: int) -> dict[str, Any]:
    """All that was found of both, as JSON."""
    asking, pairs = problem(), batches(rows)
    reference, batch = pairs[MONTH]
    say(f"{len(batch):,} rows beside {len(reference):,}, {turns} times")
    seconds = []
    for _ in range(turns):
        start = time.perf_counter()
        looked(asking, reference, batch)
        seconds.append(time.perf_counter() - start)
    say(f"{len(pairs) - 1} looks of ours")
    ours = {name: drifted(looked(asking, *sides)) for name, sides in pairs.items()}
    say(f"{len(pairs) - 1} looks of {PACKAGES[0]}, and {turns} to measure")
    peer = of_peer(pairs, turns)
    return {
        "rows": {"batch": len(batch), "reference": len(reference), "columns": len(COLUMNS)},
        "seconds": {"ours": rounded(seconds), PACKAGES[0]: rounded(peer["seconds"])},
        "planted": {
            p.name: {
                "column": p.column,
                "ours": p.column in ours[p.name],
                "peer": p.column in peer["drifted"][p.name],
                "also_ours": [c for c in ours[p.name] if c != p.column],
                "also_peer": [c for c in peer["drifted"][p.name] if c != p.column],
            }
            for p in PLANTED
        },
        "months": {
            month: {"ours": ours[month], "peer": sorted(peer["drifted"][month])} for month in MONTHS
        },
    }


def rounded(seconds: list[float]) -> dict[str, Any]:
    return {"median": round(median(seconds), 3), "all": [round(s, 3) for s in seconds]}


def judged(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Every goal with what was measured.

    The peer drops gaps before it compares, so its verdict on planted gaps is shown and not counted.
    """
    ours, peer = (of["median"] for of in found["seconds"].values())
    planted = found["planted"]
    shared = {name: of for name, of in planted.items() if name != UNSEEN}
    same = sum(of["ours"] == of["peer"] for of in shared.values())
    named = sum(of["ours"] for of in planted.values())
    alarms = sum(bool(month["ours"]) for month in found["months"].values())
    asked: list[tuple[str, claims.Bound, float, float]] = [
        ("seconds", "at most", FASTEST, ours),
        ("times as fast as the peer", "at least", TIMES, round(peer / ours, 1)),
        ("planted columns named", "at least", len(planted), named),
        ("same verdict as the peer, but for gaps", "at least", len(shared), same),
        ("months with an alarm, nothing planted", "at most", 0, alarms),
    ]
    return claims.judged(asked)


def show(found: dict[str, Any]) -> None:
    """Print all of it as tables."""
    table = Table("planted", "column", "ours", "Evidently", title="Verdicts; other columns drifted")
    for name, of_one in found["planted"].items():
        said = [
            f"{'drifted' if of_one[who] else 'steady'}; {len(of_one[f'also_{who}'])}"
            for who in ("ours", "peer")
        ]
        table.add_row(name, of_one["column"], *said)
    console.print(table)

    columns = found["rows"]["columns"]
    table = Table(
        "month", "ours", "Evidently", "", title=f"Drifted of {columns} columns, nothing planted"
    )
    for month, of_one in found["months"].items():
        share = len(of_one["peer"]) / columns
        whole = "all drifted" if share >= ALL_DRIFTED else ""
        table.add_row(
            month, f"{len(of_one['ours'])}", f"{len(of_one['peer'])} ({share:.0%})", whole
        )
    console.print(table)

    table = Table(
        "", "seconds, median", title="{batch:,} rows beside {reference:,}".format(**found["rows"])
    )
    for who, taken in found["seconds"].items():
        table.add_row(who, f"{taken['median']:.2f}")
    console.print(table)

    console.print(claims.table(found["goals"]))


def main() -> None:
    os.environ["OMP_NUM_THREADS"] = "1"
    say("a year of flights")
    rows = flights(KEPT / "flights-of-a-year.parquet")
    found: dict[str, Any] = {
        "machine": {
            "cores": os.cpu_count(),
            "architecture": platform.machine(),
            "python": platform.python_version(),
        }
    }
    found |= measured(rows, TURNS)
    found |= {"goals": judged(found), "seconds_in_all": round(time.perf_counter() - began)}
    show(found)
    RESULTS.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    sys.exit(claims.ending(found["goals"]))


if __name__ == "__main__":
    main()
