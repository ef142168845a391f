"""This server against the others, and what was to be reached."""

import statistics
from typing import Any

import claims
from rounds import LARGE, LOOKED_UP, MANY, ONE
from servers import BEST, DEFAULT, EMPTY, OURS

AIM = 100  # times mlflow's rate
TIMES = "one row, times mlflow's rate"


def ratios(servers: dict[str, dict[str, Any]]) -> dict[str, float]:
    """This server against the others and the empty endpoint; what was not measured is left out."""
    us, empty = servers[OURS], servers[EMPTY]["loads"]
    ours = us["loads"]
    peers = {n: of["loads"] for n, of in servers.items() if n not in (OURS, EMPTY)}
    found = {
        "of the empty endpoint's rate, 16 connections": ours[MANY]["rate"] / empty[MANY]["rate"],
        "of the empty endpoint's rate, 1 connection": ours[ONE]["rate"] / empty[ONE]["rate"],
        "one row, times the best peer's rate": ours[MANY]["rate"]
        / max(of[MANY]["rate"] for of in peers.values()),
    }
    if DEFAULT in peers:
        default = peers[DEFAULT]
        found |= {
            TIMES: ours[MANY]["rate"] / default[MANY]["rate"],
            "one row, mlflow's p99 over ours": default[MANY]["p99_ms"] / ours[MANY]["p99_ms"],
            "1,000 rows, times mlflow's rate": ours[LARGE]["rate"] / default[LARGE]["rate"],
        }
    if BEST in peers:
        best = peers[BEST][MANY]["rate"]
        found["one row, times the rate of mlflow's best setting"] = ours[MANY]["rate"] / best
    for load_name, (keyed, _) in LOOKED_UP.items():
        if keyed in ours:
            connections = load_name.partition(", ")[2]
            name = f"tables looked up, p50 over that with all inputs given, {connections}"
            pairs = zip(ours[keyed]["rounds"], ours[load_name]["rounds"], strict=True)
            found[name] = statistics.median(k["p50_ms"] / given["p50_ms"] for k, given in pairs)
    return found


def judged(servers: dict[str, dict[str, Any]], ratio: dict[str, float]) -> claims.Goals:
    """Every goal that could be measured, with what was."""
    goals: dict[str, tuple[claims.Bound, float]] = {
        TIMES: ("at least", 60),
        "one row, times the rate of mlflow's best setting": ("at least", 25),
        "one row, times the best peer's rate": ("at least", 1),
        "one row, mlflow's p99 over ours": ("at least", 40),
        "1,000 rows, times mlflow's rate": ("at least", 3),
        "cold start, seconds": ("at most", 1),
        "resident memory, MB": ("at most", 120),
    }
    goals |= {name: ("at most", 1.1) for name in ratio if name.startswith("tables looked up")}
    values = ratio | {
        "cold start, seconds": servers[OURS]["cold_seconds"],
        "resident memory, MB": servers[OURS]["rss_mb"],
    }
    asked = [
        (name, bound, goal, values[name]) for name, (bound, goal) in goals.items() if name in values
    ]
    return claims.judged(asked)


def aim(ratio: dict[str, float]) -> dict[str, Any]:
    """How far it is to what would be better still; nothing when mlflow was not asked."""
    if TIMES not in ratio:
        return {}
    return {"aim": AIM, "measured": round(ratio[TIMES], 3), "reached": ratio[TIMES] >= AIM}
