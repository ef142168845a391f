"""All servers started, checked and loaded in turns: what each takes and reaches."""

import statistics
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import load
from load import Load
from questions import Questions
from servers import OURS, Running, Server

MANY, ONE, LARGE = "one row, 16 connections", "one row, 1 connection", "1,000 rows, 4 connections"
LOADS = {MANY: Load("row", 16), ONE: Load("row", 1), LARGE: Load("rows", 4)}
LOOKED_UP = {  # only this server looks up, right after the same load with all inputs given
    MANY: ("keys given, 16 connections", Load("keys", 16)),
    ONE: ("keys given, 1 connection", Load("keys", 1)),
}
Round = dict[str, float]


@dataclass(frozen=True)
class Plan:
    """How often each server is started, and how often and long, in seconds, each load runs."""

    starts: int
    rounds: int
    seconds: int


def measured(
    servers: list[Server],
    questions: dict[str, Questions],
    plan: Plan,
    *,
    start: Callable[[Server], Running],
    scratch: Path,
    say: Callable[[str], None],
) -> dict[str, dict[str, Any]]:
    """Of each server: `cold_seconds`, `rss_mb`, `pss_mb`, and of each load what it found."""
    bodies = {kind: scratch / f"{kind}.txt" for kind in questions}
    for kind, of in questions.items():
        bodies[kind].write_bytes(b"\n".join(of.bodies) + b"\n")
    up: dict[str, Running] = {}
    found: dict[str, dict[str, Any]] = {}
    with ExitStack() as stack:
        for server in servers:
            say(f"starting {server.name}")
            running, cold = started(partial(start, server), plan.starts, questions["row"], stack)
            up[server.name], found[server.name] = running, {"cold_seconds": cold}
        for name, running in up.items():
            say(f"checking the answers of {name}")
            for kind, of in questions.items():
                if kind != "keys" or name == OURS:
                    running.check(of)
            loaded(running, LOADS[MANY], bodies["row"], 1)
        of_rounds = in_turns(up, bodies, plan, say)
        for name, running in up.items():
            used = running.memory()
            found[name] |= {"rss_mb": used.rss, "pss_mb": used.pss}
            found[name]["loads"] = {kind: middle(r) for kind, r in of_rounds[name].items()}
        say("stopping the servers")
    return found


def started(
    start: Callable[[], Running], times: int, first: Questions, stack: ExitStack
) -> tuple[Running, float]:
    """The last of so many starts of a server, and the median seconds to a right answer."""
    seconds = []
    for turn in range(times):
        running = start()
        stack.callback(running.stop)
        seconds.append(running.first_answer(first))
        if turn < times - 1:
            running.stop()
    return running, statistics.median(seconds)


def loaded(running: Running, of: Load, bodies: Path, seconds: int) -> Round:
    before = running.cpu()
    found = load.run(running.address, bodies, of.connections, seconds)
    used = running.cpu() - before
    running.rest()
    return {
        "rate": found.rate,
        "p50_ms": found.p50,
        "p99_ms": found.p99,
        "cpu_us_per_request": 1e6 * used / found.requests,
        "wrk_cpu_share": found.wrk,
    }


def middle(rounds: list[Round]) -> dict[str, Any]:
    """The median of every figure, and what all rounds found."""
    medians = {name: statistics.median(r[name] for r in rounds) for name in rounds[0]}
    return medians | {"rounds": rounds}


def in_turns(
    up: dict[str, Running], bodies: dict[str, Path], plan: Plan, say: Callable[[str], None]
) -> dict[str, dict[str, list[Round]]]:
    """By server and load, what each round found."""
    found: dict[str, dict[str, list[Round]]] = {name: {} for name in up}
    for turn in range(plan.rounds):
        for name, of in LOADS.items():
            say(f"round {turn + 1} of {plan.rounds}: {name}")
            for server, running in up.items():
                once = loaded(running, of, bodies[of.requests], plan.seconds)
                found[server].setdefault(name, []).append(once)
                if server == OURS and name in LOOKED_UP and "keys" in bodies:
                    other, keys = LOOKED_UP[name]
                    once = loaded(running, keys, bodies["keys"], plan.seconds)
                    found[server].setdefault(other, []).append(once)
    return found
