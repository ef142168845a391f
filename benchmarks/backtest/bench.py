"""Replay the year of flights, and measure what the gates were worth, and how long it took.

Run from the repository: `make bench-backtest`. Prints tables, writes
benchmarks/results/backtest.json, and ends with 1 when a goal is missed.

It is `mlops backtest`, nothing else; reports/backtest/ holds all of it.
"""

import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import claims
from rich.console import Console

from mlops.backtest import result as results
from mlops.backtest.result import Result

RESULTS = Path(__file__).parents[1] / "results" / "backtest.json"
SUMMER = ("2013-06", "2013-07", "2013-08")
MINUTES = 20.0
console = Console(highlight=False, soft_wrap=True)


def judged(found: Result, minutes: float) -> claims.Goals:
    """What a replay of the example's year is to show; a gain above 0 is a better Brier score."""
    asked: list[tuple[str, claims.Bound, float, float]] = [("minutes", "at most", MINUTES, minutes)]
    for period in found.periods:
        if period.name in SUMMER:
            gain = period.differences["gated over never"]["brier"].value
            name = f"Brier gained by gated over never retraining, {period.name}"
            asked.append((name, "at least", 0.0, gain if gain is not None else float("nan")))
    overall = found.overall["gated over never"]["brier"].low
    name = "lower end of that gain over all periods"
    asked.append((name, "at least", 0.0, overall if overall is not None else float("nan")))
    return claims.judged(asked)


def summary(found: Result) -> dict[str, Any]:
    """The figures of each period that are quoted."""
    return {
        "periods": {
            period.name: {
                "served": period.serving,
                "monitor": period.look.outcome,
                "gates": period.judgement.decision,
                "blocking": [one.gate for one in period.judgement.blocking],
                **{
                    name: {line: value[name] for line, value in period.scores.items()}
                    for name in (metric.name for metric in found.metrics if metric.drawn)
                },
            }
            for period in found.periods
        },
        "overall": {
            pair: {name: gain.model_dump() for name, gain in gains.items()}
            for pair, gains in found.overall.items()
        },
        "mistakes": {one.version: one.worse for one in found.mistakes},
    }


def main() -> None:
    began = time.perf_counter()
    done = subprocess.run([Path(sys.executable).parent / "mlops", "backtest"], check=False)
    if done.returncode:
        sys.exit(done.returncode)
    minutes = (time.perf_counter() - began) / 60
    found = results.read()
    goals = judged(found, minutes)
    content = {
        "machine": {
            "cores": os.cpu_count(),
            "architecture": platform.machine(),
            "python": platform.python_version(),
        },
        "minutes": round(minutes, 1),
        **summary(found),
        "goals": goals,
    }
    console.print(claims.table(goals))
    RESULTS.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    sys.exit(claims.ending(goals))


if __name__ == "__main__":
    main()
