"""Measure the pipeline: against a bare script, its checks against reading, and as data grows.

Run from the repository with its data in place: `make bench-pipeline`. Prints a table, writes
benchmarks/results/pipeline.json, and ends with 1 when a goal is missed. `--quick` measures once, up
to four times the rows, and writes nothing.
"""

import json
import math
import os
import platform
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import claims
from measure import HERE, ROOT, Cost, copy_of_the_repository, forget, python
from rich.console import Console
from rich.table import Table

RESULTS = ROOT / "benchmarks" / "results" / "pipeline.json"
RESAMPLES = 2000  # as params.yaml has it
STAGES = {  # and the modules of the problem that each loads
    "validate": ("schema", "source"),
    "features": ("features", "schema"),
    "split": ("features",),
    "train": ("features", "model", "schema"),
    "evaluate": ("behaviour", "features", "model", "schema", "slices"),
    "audit": ("features", "model", "schema"),
    "card": ("features",),
}
Costs = dict[str, dict[str, float]]
console = Console(highlight=False, soft_wrap=True)
began = time.perf_counter()


def say(what: str) -> None:
    console.print(f"[dim]{time.perf_counter() - began:5.0f} s  {what}[/dim]")


def middle(values: Iterable[float]) -> float:
    return round(statistics.median(values), 3)


def stages(folder: Path) -> dict[str, Cost]:
    """Run every stage directly, without DVC."""
    return {name: python(folder, "-m", f"mlops.stages.{name}") for name in STAGES}


def medians(runs: list[dict[str, Cost]]) -> Costs:
    """The median cost of each stage, and of all: the sum of the times, the largest peak."""
    kinds: dict[str, Callable[[Iterable[float]], float]]
    kinds = {"wall": sum, "cpu": sum, "peak_mb": max}
    costs = {
        stage: {kind: middle(getattr(run[stage], kind) for run in runs) for kind in kinds}
        for stage in STAGES
    }
    total = {kind: round(add(c[kind] for c in costs.values()), 3) for kind, add in kinds.items()}
    return costs | {"total": total}


def cold(folder: Path, repeats: int) -> tuple[dict[str, Any], Costs]:
    """The cold pipeline, the bare script and the stages without DVC, in turns.

    Ends with a message when the bare script does not reach the pipeline's ROC AUC.
    """
    pipeline, intervals, bare, bare_intervals, direct = [], [], [], [], []
    for turn in range(repeats):
        say(f"cold pipeline, turn {turn + 1} of {repeats}")
        forget(folder)
        run = python(folder, "-m", "dvc", "repro")
        pipeline.append(run.wall)
        said = re.search(r"resamples of whole blocks: ([\d.]+) s", run.said)
        intervals.append(float(said.group(1)) if said else math.nan)
        say(f"bare script, turn {turn + 1} of {repeats}")
        script = python(folder, str(HERE / "bare.py"), str(RESAMPLES))
        found = json.loads(script.said.splitlines()[-1])
        bare.append(script.wall)
        bare_intervals.append(found["interval_seconds"])
        reached = json.loads((folder / "metrics" / "test.json").read_text("utf-8"))["roc_auc"]
        if abs(reached - found["model"]["roc_auc"]) > 1e-4:
            sys.exit(f"not the same work: ROC AUC {reached}, bare {found['model']['roc_auc']}")
        say(f"stages without DVC, turn {turn + 1} of {repeats}")
        direct.append(stages(folder))
    costs = medians(direct)
    wall = {"pipeline": middle(pipeline), "bare": middle(bare)}
    parts = {"pipeline_intervals": middle(intervals), "bare_intervals": middle(bare_intervals)}
    without = {
        f"{who}_without_intervals": middle([wall[who] - parts[f"{who}_intervals"]]) for who in wall
    }
    alone = [sum(cost.wall for cost in run.values()) for run in direct]
    overhead = {"dvc": middle(all_of_it - a for all_of_it, a in zip(pipeline, alone, strict=True))}
    imports = {"imports": start_up(folder, repeats)}
    return wall | parts | without | overhead | imports | {"roc_auc": reached}, costs


def start_up(folder: Path, repeats: int) -> dict[str, float]:
    """Seconds from the start of a process to the end of a stage's imports."""
    say("start-up and imports of every stage")
    code = {
        stage: ";".join([f"import mlops.stages.{stage}", *(f"import problem.{m}" for m in modules)])
        for stage, modules in STAGES.items()
    }
    turns = [{s: python(folder, "-c", c).wall for s, c in code.items()} for _ in range(repeats)]
    return {stage: middle(turn[stage] for turn in turns) for stage in STAGES}


def grown(folder: Path, times: int, repeats: int) -> Costs:
    """What the stages cost on `times` the rows."""
    say(f"making {times} times the rows")
    python(folder, str(HERE / "grow.py"), str(times))
    runs = []
    for turn in range(repeats):
        say(f"stages on {times} times the rows, turn {turn + 1} of {repeats}")
        runs.append(stages(folder))
    return medians(runs)


def size(folder: Path) -> dict[str, int]:
    """How much data the last run in a folder had."""
    data, test = (
        json.loads((folder / f"metrics/{n}.json").read_text("utf-8")) for n in ("data", "test")
    )
    distinct = (
        "import pandas; p = pandas.read_parquet('artifacts/predictions.parquet')['prediction'];"
        "print(p.nunique())"
    )
    return {
        "raw_rows": sum(data["rows"].values()),
        "test_rows": test["rows"],
        "test_days": test["blocks"],
        "distinct_predictions": int(python(folder, "-c", distinct).said),
    }


def ratios(scale: dict[int, Costs]) -> dict[str, Any]:
    """Cost against rows: by size its ratio to one time the rows, and the log-log slopes."""
    found: dict[str, Any] = {}
    sizes = sorted(scale)
    for kind in ("wall", "cpu", "peak_mb"):
        for part in [*STAGES, "total"]:
            cost = [scale[times][part][kind] for times in sizes]
            log = [math.log(c) for c in cost]
            x = [math.log(times) for times in sizes]
            found.setdefault(kind, {})[part] = {
                "ratio": {str(t): round(c / cost[0], 2) for t, c in zip(sizes, cost, strict=True)},
                "exponent": round(statistics.linear_regression(x, log).slope, 2),
                "last_exponent": round((log[-1] - log[-2]) / (x[-1] - x[-2]), 2),
            }
    return found


def judged(result: dict[str, Any]) -> claims.Goals:
    """Every goal with what was measured; all are upper bounds."""
    cold_run, growth, one = result["cold"], result["growth"], result["scale"]["1"]
    validation = result["validation"]
    goals = {
        "cold pipeline / bare script": (1.5, cold_run["pipeline"] / cold_run["bare"]),
        "checking / reading": (0.5, validation["check"] / validation["read"]),
        "largest peak of a stage, GB": (1.5, one["total"]["peak_mb"] / 1000),
    }
    for times in sorted(map(int, result["scale"]))[1:]:
        for kind, name in {"wall": "time", "peak_mb": "memory"}.items():
            by_part = {p: found["ratio"][str(times)] for p, found in growth[kind].items()}
            goals[f"{name}, {times} times the rows"] = (times, by_part["total"])
            worst = max((p for p in by_part if p != "total"), key=lambda p: by_part[p])
            goals[f"{name}, {times} times the rows, worst stage"] = (times, by_part[worst])
    return claims.judged(
        [(name, "at most", goal, measured) for name, (goal, measured) in goals.items()]
    )


def show(result: dict[str, Any]) -> None:
    """Print all of it as tables."""
    cold_run, scale, growth = result["cold"], result["scale"], result["growth"]
    total = cold_run["pipeline"]
    table = Table("cold run", "seconds", "ratio", title="The pipeline against a bare script")
    for name in ("", "_intervals", "_without_intervals"):
        ours, theirs = cold_run[f"pipeline{name}"], cold_run[f"bare{name}"]
        table.add_row(f"pipeline{name.replace('_', ' ')}", f"{ours:.1f}", f"{ours / theirs:.2f}")
        table.add_row(f"bare{name.replace('_', ' ')}", f"{theirs:.1f}", "")
    imports = sum(cold_run["imports"].values())
    table.add_row("of the pipeline: start-up, imports", f"{imports:.1f}", f"{imports / total:.0%}")
    table.add_row(
        "of the pipeline: DVC", f"{cold_run['dvc']:.1f}", f"{cold_run['dvc'] / total:.0%}"
    )
    console.print(table)

    sizes = list(scale)
    table = Table("stage", *(f"{t}x s" for t in sizes), *(f"{t}x MB" for t in sizes), "exponent")
    table.title = "Stages as rows grow; exponent of wall time over all sizes, and of the last step"
    for stage in [*STAGES, "total"]:
        found = growth["wall"][stage]
        table.add_row(
            stage,
            *(f"{scale[t][stage]['wall']:.1f}" for t in sizes),
            *(f"{scale[t][stage]['peak_mb']:,.0f}" for t in sizes),
            f"{found['exponent']:.2f}, {found['last_exponent']:.2f}",
        )
    console.print(table)
    for times, rows in result["sizes"].items():
        console.print(f"{times}x:", ", ".join(f"{n:,} {name}" for name, n in rows.items()))

    console.print(claims.table(result["goals"]))


def main() -> None:
    quick = "--quick" in sys.argv[1:]
    repeats = 1 if quick else 3
    result: dict[str, Any] = {
        "machine": {
            "cores": os.cpu_count(),
            "threads": 1,  # of OpenMP, see measure.py
            "architecture": platform.machine(),
            "python": platform.python_version(),
        },
        "repeats": repeats,
    }
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        real = copy_of_the_repository(Path(scratch) / "real")
        say("checking against reading")
        checks = python(real, str(HERE / "validation.py"), str(3 if quick else 9))
        result["validation"] = json.loads(checks.said.splitlines()[-1])
        result["cold"], one = cold(real, repeats)
        scale, result["sizes"] = {1: one}, {"1": size(real)}
        for times, turns in ({4: 1} if quick else {4: repeats, 16: 1}).items():
            folder = copy_of_the_repository(Path(scratch) / str(times))
            scale[times] = grown(folder, times, turns)
            result["sizes"][str(times)] = size(folder)
    result["scale"] = {str(times): costs for times, costs in scale.items()}
    result["growth"] = ratios(scale)
    result["seconds"] = round(time.perf_counter() - began)
    result["goals"] = judged(result)
    show(result)
    if not quick:
        RESULTS.parent.mkdir(parents=True, exist_ok=True)
        RESULTS.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    sys.exit(claims.ending(result["goals"]))


if __name__ == "__main__":
    main()
