"""Measure what a promotion adds to running the pipeline and building the image, which it must do.

Run from the repository: `make bench-promotion`. Prints tables, writes
benchmarks/results/promotion.json, and ends with 1 when a goal is missed. `--quick PATH` promotes
once, and writes there.

Every step is the command that the workflow runs. Each promotion is of a new commit, on a machine
that has neither a DVC cache nor images: first the model as it is, then with more trees, and at
last with more trees still, whose outputs the author has pushed to a DVC remote. Beside them, on
such a machine, the second one's pipeline and image are made without a promotion around them.
"""

import json
import os
import platform
import re
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import claims
from rich.console import Console
from rich.table import Table

from promotion.world import World, world

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "benchmarks" / "results" / "promotion.json"
STEPS = ("plan", "judge", "package", "verify", "smoke", "release", "champion", "outcome")
FIRST, AGAINST, REMOTE = "first", "against a champion", "against a champion, with a DVC remote"
PIPELINE, IMAGE, PUSH = "cold pipeline", "image build", "push"
GOAL = 60.0  # seconds
Seconds = dict[str, float]
console = Console(highlight=False, soft_wrap=True)
began = time.perf_counter()


def say(what: str) -> None:
    console.print(f"[dim]{time.perf_counter() - began:5.0f} s  {what}[/dim]")


def measured(quick: bool) -> dict[str, Any]:
    """Seconds of every step of each promotion, and of what it could not do without."""
    promotions: dict[str, Seconds] = {}
    inside: dict[str, Seconds] = {}
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, world(Path(folder)) as around:
        say("the first commit: its pipeline")
        around.run(around.author, "mlops", "run")
        around.commit("the first")
        promotions[FIRST], inside[FIRST] = promote(around, FIRST)
        if not quick:
            more_trees(around, 10)
            around.commit("more trees")
            promotions[AGAINST], inside[AGAINST] = promote(around, AGAINST)
        alone = without_a_promotion(around)
        if not quick:
            remote = {"MLOPS_REMOTE": str(Path(folder) / "remote")}
            more_trees(around, 20)
            around.run(around.author, "mlops", "push", **remote)
            around.commit("more trees still")
            promotions[REMOTE], inside[REMOTE] = promote(around, REMOTE, **remote)
    return {"promotions": promotions, "inside": inside, "alone": alone}


def promote(around: World, name: str, **environment: str) -> tuple[Seconds, Seconds]:
    """Promote main on a new machine: the seconds of each step, and of what the steps report."""
    folder = around.clone(name.replace(", ", "-").replace(" ", "-"))
    told = around.delivering | environment
    taken: Seconds = {}
    said = ""
    for step in STEPS:
        say(f"{name}: promote {step}")
        jobs = json.dumps({"release": {"result": "success", "outputs": {"ending": ending(said)}}})
        done = around.run(folder, "mlops", "promote", step, **told, MLOPS_JOBS=jobs)
        taken[step] = round(done.seconds, 2)
        said += done.said
    if "MLOPS_REMOTE" in environment:
        say(f"{name}: push")
        taken[PUSH] = round(around.run(folder, "mlops", "push", **told).seconds, 2)
    if not ending(said):
        sys.exit(f"{name}: nothing was promoted:\n{said}")
    return taken, reported(said)


def ending(said: str) -> str:
    """The line by which the last step says that there is a new champion."""
    found = re.search(r"^promoted as .+$", said, flags=re.MULTILINE)
    return found[0] if found else ""


def reported(said: str) -> Seconds:
    """What the commands themselves say that they took, by what they were doing."""
    lines = re.findall(r"^  (.+): ([\d.]+) s$", said, flags=re.MULTILINE)
    return {doing: float(seconds) for doing, seconds in lines}


def without_a_promotion(around: World) -> Seconds:
    """The pipeline and the image of the newest commit, each from nothing."""
    folder = around.clone("alone")
    say("the pipeline alone")
    pipeline = around.run(folder, "mlops", "run").seconds
    say("the image alone")
    image = around.run(folder, "mlops", "image", "--builder", "podman", "--no-cache").seconds
    return {PIPELINE: round(pipeline, 2), IMAGE: round(image, 2)}


def more_trees(around: World, count: int) -> None:
    """Let the author train a slightly larger model, which changes nothing that judges it."""
    say(f"the author trains with {count} more trees")
    file = around.author / "params.yaml"
    had = re.search(r"max_iter: (\d+)", file.read_text("utf-8"))
    if had is None:
        sys.exit("params.yaml says no max_iter")
    more = f"max_iter: {int(had[1]) + count}"
    file.write_text(file.read_text("utf-8").replace(had[0], more), "utf-8")
    around.run(around.author, "mlops", "run")


def judged(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What each promotion adds, in seconds; all are upper bounds."""
    alone = found["alone"]
    asked: list[tuple[str, claims.Bound, float, float]] = []
    for name, taken in found["promotions"].items():
        needed = {IMAGE: alone[IMAGE]} if name == REMOTE else alone
        added = sum(taken.values()) - sum(needed.values())
        asked.append((f"{name}: seconds beyond {' and '.join(needed)}", "at most", GOAL, added))
    return claims.judged(asked)


def show(found: dict[str, Any]) -> None:
    """Print all of it as tables."""
    promotions, alone = found["promotions"], found["alone"]
    table = Table("step", *promotions, title="A promotion, seconds")
    for step in dict.fromkeys(step for taken in promotions.values() for step in taken):
        table.add_row(step, *(f"{taken.get(step, 0):.1f}" for taken in promotions.values()))
    table.add_section()
    table.add_row("in all", *(f"{sum(taken.values()):.1f}" for taken in promotions.values()))
    console.print(table)
    console.print(", ".join(f"{name} alone {seconds:.1f} s" for name, seconds in alone.items()))

    for name, parts in found["inside"].items():
        table = Table("what the commands say they did", "seconds", title=name)
        for doing, seconds in sorted(parts.items(), key=lambda part: -part[1]):
            if seconds >= 1:
                table.add_row(doing, f"{seconds:.1f}")
        console.print(table)

    console.print(claims.table(found["goals"]))


def main() -> None:
    quick = sys.argv[1:2] == ["--quick"]
    result: dict[str, Any] = {
        "machine": {
            "cores": os.cpu_count(),
            "threads": 1,  # of OpenMP, see world.py
            "architecture": platform.machine(),
            "python": platform.python_version(),
        }
    }
    result |= measured(quick)
    result |= {"goals": judged(result), "seconds": round(time.perf_counter() - began)}
    show(result)
    target = Path(sys.argv[2]) if quick else RESULTS
    target.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    sys.exit(claims.ending(result["goals"]))


if __name__ == "__main__":
    main()
