"""Measure batch scoring: its rate against a bare loop, and its memory as rows grow.

Run from the repository after `make run`: `make bench-batch`. Prints a table, writes
benchmarks/results/batch.json, and ends with 1 when a goal is missed. `--quick PATH` takes
far fewer rows, once, and writes there. Rows are the test rows, repeated.
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import claims
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[2]
ARTIFACTS = ROOT / "artifacts"
RESULTS = ROOT / "benchmarks" / "results" / "batch.json"
FORMATS = (".csv", ".parquet")
console = Console(highlight=False, soft_wrap=True)
began = time.perf_counter()


@dataclass(frozen=True)
class Cost:
    """Seconds of the work, without start-up and imports; CPU seconds and peak of the process."""

    seconds: float
    cpu: float
    peak_mb: float


def say(what: str) -> None:
    console.print(f"[dim]{time.perf_counter() - began:5.0f} s  {what}[/dim]")


def child(*arguments: object) -> Cost:
    """Run batch.child. It inherits the peak of this process, which therefore stays small.

    Raises SystemExit, with what the process said, when it fails.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "batch.child", *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(map(str, arguments))} ended with {process.returncode}:\n{said}")
    return Cost(float(said), usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def rates(folder: Path, rows: int, turns: int) -> dict[str, Any]:
    """Rows a second of both, in turns, for each format; the best of the turns.

    Ends with a message when the two do not write the same.
    """
    found = {}
    say(f"making {rows:,} rows")
    child("grow", rows, ARTIFACTS / "test.parquet", *(folder / f"rows{s}" for s in FORMATS))
    for suffix in FORMATS:
        file = folder / f"rows{suffix}"
        costs: dict[str, list[Cost]] = {"ours": [], "bare": []}
        for turn in range(turns):
            for who, of in costs.items():
                say(f"{rows:,} rows of {suffix}, {who}, turn {turn + 1} of {turns}")
                of.append(child(who, file, folder / f"{who}{suffix}", ARTIFACTS / "export"))
        child("same", folder / f"ours{suffix}", folder / f"bare{suffix}")
        found[suffix] = {
            who: {
                "rows_a_second": round(rows / min(c.seconds for c in of)),
                "cpu_seconds": round(min(c.cpu for c in of), 2),
                "peak_mb": round(max(c.peak_mb for c in of)),
            }
            for who, of in costs.items()
        }
        file.unlink()
    return found


def peaks(folder: Path, sizes: list[int]) -> dict[str, dict[str, int]]:
    """Peak memory and rate by the number of rows, from Parquet to Parquet."""
    found = {}
    for rows in sizes:
        file = folder / "many.parquet"
        say(f"making {rows:,} rows")
        child("grow", rows, ARTIFACTS / "test.parquet", file)
        say(f"scoring {rows:,} rows")
        cost = child("ours", file, folder / "many_scored.parquet", ARTIFACTS / "export")
        found[str(rows)] = {
            "peak_mb": round(cost.peak_mb),
            "rows_a_second": round(rows / cost.seconds),
        }
    return found


def judged(result: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Every goal with what was measured."""
    memory = [size["peak_mb"] for size in result["memory"].values()]
    sizes = [int(rows) for rows in result["memory"]]
    asked: list[tuple[str, claims.Bound, float, float]] = [
        (
            f"rate against the bare loop, {suffix}",
            "at least",
            0.8,
            of["ours"]["rows_a_second"] / of["bare"]["rows_a_second"],
        )
        for suffix, of in result["rates"].items()
    ]
    name = f"peak memory, {sizes[-1] // sizes[0]} times the rows"
    return claims.judged([*asked, (name, "at most", 1.1, memory[-1] / memory[0])])


def show(result: dict[str, Any]) -> None:
    """Print all of it as tables."""
    table = Table("format", "", "rows a second", "CPU s", "peak MB", title="Batch scoring")
    for suffix, of in result["rates"].items():
        for who, cost in of.items():
            name = {"ours": "mlops predict", "bare": "bare loop"}[who]
            values = (f"{cost[k]:,}" for k in ("rows_a_second", "cpu_seconds", "peak_mb"))
            table.add_row(suffix, name, *values)
    console.print(table)

    table = Table("rows", "peak MB", "rows a second", title="From Parquet to Parquet, as rows grow")
    for rows, size in result["memory"].items():
        table.add_row(f"{int(rows):,}", f"{size['peak_mb']:,}", f"{size['rows_a_second']:,}")
    console.print(table)

    console.print(claims.table(result["goals"]))


def main() -> None:
    quick = sys.argv[1:2] == ["--quick"]
    rows, turns, sizes = (50_000, 1, [300_000, 600_000])
    if not quick:
        rows, turns, sizes = 1_000_000, 3, [1_000_000, 20_000_000]
    if not (ARTIFACTS / "export" / "manifest.json").is_file():
        sys.exit("no artifacts/export; make it with `mlops run`")
    with tempfile.TemporaryDirectory() as folder:
        result: dict[str, Any] = {
            "machine": {
                "cores": os.cpu_count(),
                "architecture": platform.machine(),
                "python": platform.python_version(),
            },
            "rows": rows,
            "turns": turns,
            "rates": rates(Path(folder), rows, turns),
            "memory": peaks(Path(folder), sizes),
        }
    result |= {"goals": judged(result), "seconds": round(time.perf_counter() - began)}
    show(result)
    target = Path(sys.argv[2]) if quick else RESULTS
    target.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    sys.exit(claims.ending(result["goals"]))


if __name__ == "__main__":
    main()
