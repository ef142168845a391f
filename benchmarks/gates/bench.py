"""Measure the gates: how often they err, whether their intervals cover, and how fast they are.

Run from the repository: `make bench-gates`. Prints tables, writes benchmarks/results/gates.json,
and ends with 1 when a goal is missed. `--quick PATH` runs a fortieth of the trials, knows the
models by fewer flights, measures the speed once, and writes there.

The world is made up (world.py); the standard errors of its paired differences are those measured on
the example between models of one kind, in the upper part of their range. Every gate is asked with
the thresholds of params.yaml; what needs a repository gets evidence with nothing wrong in it.
"""

import json
import os
import platform
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from statistics import mean
from typing import Any

import claims
from rich.console import Console
from rich.progress import track
from rich.table import Table

from gates.speed import measured
from gates.trials import A_DAY, DAYS, ENOUGH, SMALLEST, Tally, World, trial
from mlops import params
from mlops.evaluation.names import headline
from mlops.judge.gates import GATES
from mlops.judge.statistics import level
from mlops.params import Params

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "benchmarks" / "results" / "gates.json"
SEED = 20130701
AT_A_TIME = 5  # trials that a worker is handed
FEWEST = 5  # trials of a plan
LOSS = 0.03  # of ROC AUC, which the gates must not let through
EXAMPLE = {  # standard errors between models of one kind on the example: least, most
    "roc_auc": (0.0022, 0.0038),
    "average_precision": (0.004, 0.007),
    "brier": (0.0009, 0.0015),
    "log_loss": (0.0021, 0.0035),
    "carrier: FL, roc_auc": (0.007, 0.011),
    "carrier: FL, brier": (0.003, 0.0045),
    "time_of_day: 9 to 12, roc_auc": (0.006, 0.0096),
    "time_of_day: 9 to 12, brier": (0.001, 0.002),
}
console = Console(highlight=False, soft_wrap=True)
began = time.perf_counter()


@dataclass(frozen=True)
class Plan:
    """A challenger that loses so much ROC AUC, judged in so many trials."""

    name: str
    trials: int
    loss: float
    by_row: bool = False
    ask: tuple[str, ...] = tuple(GATES)


def planned(margin: float, times: float) -> list[Plan]:
    """What is simulated, each `times` as often as it should be."""
    at_margin, champion = "loses the margin, champion alone", ("champion",)
    plans = [
        Plan("equal, by days", 500, 0.0),
        Plan(f"loses {LOSS}, by days", 500, LOSS),
        Plan("equal, by rows", 100, 0.0, by_row=True),
        Plan(f"{at_margin}, by days", 200, margin, ask=champion),
        Plan(f"{at_margin}, by rows", 200, margin, by_row=True, ask=champion),
    ]
    return [replace(plan, trials=max(FEWEST, round(times * plan.trials))) for plan in plans]


def say(what: str) -> None:
    console.print(f"[dim]{time.perf_counter() - began:5.0f} s  {what}[/dim]")


def knobs_of_the_trials() -> Params:
    """Those of params.yaml, but for the rows that a slice needs."""
    knobs = params.load(ROOT / "params.yaml")
    evaluate = knobs.evaluate.model_copy(update={"minimum_slice": SMALLEST})
    return knobs.model_copy(update={"evaluate": evaluate})


def some_trials(world: World, plan: Plan, seeds: range) -> Tally:
    """Run in a worker."""
    knobs, tally = knobs_of_the_trials(), Tally()
    for seed in seeds:
        tally.add(trial(world, plan.loss, seed, knobs, by_row=plan.by_row, ask=plan.ask))
    return tally


def simulated(workers: ProcessPoolExecutor, world: World, plan: Plan) -> Tally:
    """The tally of all trials of a plan."""
    say(f"{plan.trials} trials: {plan.name}")
    seeds = range(plan.trials)
    parts = [
        workers.submit(some_trials, world, plan, seeds[first : first + AT_A_TIME])
        for first in seeds[::AT_A_TIME]
    ]
    tally = Tally()
    for part in track(parts, console=console, transient=True, description=plan.name):
        tally.add(part.result())
    return tally


def summary(tally: Tally, truth: dict[str, float], at: float) -> dict[str, Any]:
    """What came of a plan, as JSON."""
    return {
        "trials": tally.trials,
        "decisions": {d: round(tally.share(d), 4) for d in ("accepted", "inconclusive", "refused")},
        "gates": tally.rates(),
        "called_better": round(tally.better(at), 4),
        "coverage_of_95": {
            name: round(tally.coverage(name, truth[name]), 4) for name in tally.differences
        },
        "true_difference": {name: round(truth[name], 5) for name in tally.differences},
    }


def errors(tally: Tally) -> dict[str, dict[str, Any]]:
    """Mean standard errors beside those of the example."""
    found = tally.errors | {name: [d.error for d in of] for name, of in tally.differences.items()}
    return {
        name: {"here": round(mean(found[name]), 5), "example": list(ends)}
        for name, ends in EXAMPLE.items()
    }


def judged(
    found: dict[str, Any], speed: dict[str, float], metric: str
) -> dict[str, dict[str, Any]]:
    """Every goal with what was measured; of coverages, that of the metric which is the worst."""
    equal, worse = found["equal, by days"], found[f"loses {LOSS}, by days"]
    by_rows = found["equal, by rows"]["coverage_of_95"]
    asked: list[tuple[str, claims.Bound, float, float]] = [
        ("equal models, refused", "at most", 0.05, equal["decisions"]["refused"]),
        ("equal models, accepted", "at least", 0.8, equal["decisions"]["accepted"]),
        (f"loss of {LOSS} {metric}, accepted", "at most", 0.05, worse["decisions"]["accepted"]),
        ("95 % intervals by days cover", "at least", 0.92, min(equal["coverage_of_95"].values())),
        ("95 % intervals by rows cover", "at most", 0.85, max(by_rows.values())),
        ("seconds for all paired resamples", "at most", 5, speed["seconds"]),
        ("times as fast as a plain loop", "at least", 30, speed["times_faster"]),
    ]
    return claims.judged(asked)


def show(result: dict[str, Any]) -> None:
    """Print all of it as tables."""
    scenarios = result["scenarios"]
    names = ("trials", "accepted", "inconclusive", "refused", "called better", "95 % covers")
    table = Table("scenario", *names, title="What the gates decide, and how often intervals cover")
    for name, found in scenarios.items():
        covers = [f"{share:.0%}" for share in found["coverage_of_95"].values()]
        said = [f"{s:.1%}" for s in (*found["decisions"].values(), found["called_better"])]
        table.add_row(name, str(found["trials"]), *said, f"{min(covers)} to {max(covers)}")
    console.print(table)

    whole = {name: found["gates"] for name, found in scenarios.items() if len(found["gates"]) > 1}
    table = Table("gate", *whole, title="Pass / inconclusive / fail; the other gates pass")
    for gate in GATES:
        shares = [of[gate] for of in whole.values()]
        if any(set(of) & {"inconclusive", "fail"} for of in shares):
            outcomes = [[of.get(o, 0.0) for o in ("pass", "inconclusive", "fail")] for of in shares]
            table.add_row(gate, *(" / ".join(f"{s:.1%}" for s in cell) for cell in outcomes))
    console.print(table)

    table = Table("metric", "here", "example", title="Standard error of a paired difference")
    for name, error in result["standard_errors"].items():
        table.add_row(name, f"{error['here']:.4f}", "{} to {}".format(*error["example"]))
    console.print(table)

    table = Table("speed", "", title="Paired resamples of whole days, four metrics, one core")
    for name, value in result["speed"].items():
        table.add_row(name.replace("_", " "), f"{value:,}")
    console.print(table)

    console.print(claims.table(result["goals"]))


def main() -> None:
    quick = sys.argv[1:2] == ["--quick"]
    os.environ["OMP_NUM_THREADS"] = "1"  # a worker a core: more threads would fight over them
    knobs, metric = knobs_of_the_trials(), headline("binary")
    margin, at = knobs.gates.margins[metric], level(knobs.gates.level, 1)
    plans = planned(margin, 0.025 if quick else 1)
    known_by = (1_500, 90) if quick else ENOUGH
    times = 1 if quick else 3
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as workers:
        say("the models of the world")
        world = workers.submit(World.made, [margin, LOSS], SEED, known_by).result()
        say("speed")
        speed = workers.submit(measured, world, knobs, SEED, times, times).result()
        tallies = {plan.name: simulated(workers, world, plan) for plan in plans}
    scenarios = {p.name: summary(tallies[p.name], world.truth[p.loss], at) for p in plans}
    result: dict[str, Any] = {
        "machine": {
            "cores": os.cpu_count(),
            "architecture": platform.machine(),
            "python": platform.python_version(),
        },
        "days": DAYS,
        "flights_a_day": A_DAY,
        "smallest_slice": SMALLEST,
        "level": at,
        "margins": knobs.gates.margins,
        "slice_margins": knobs.gates.slice_margins,
        "scenarios": scenarios,
        "standard_errors": errors(tallies["equal, by days"]),
        "speed": speed,
        "goals": judged(scenarios, speed, metric),
        "seconds": round(time.perf_counter() - began),
    }
    show(result)
    target = Path(sys.argv[2]) if quick else RESULTS
    target.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    sys.exit(claims.ending(result["goals"]))


if __name__ == "__main__":
    main()
