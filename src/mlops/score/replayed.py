"""What a replay of the past has shown: `mlops backtest`, or the benchmark that keeps it in git."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlops.backtest import result
from mlops.errors import DataError

MINE = result.FOLDER / "backtest.json"
KEPT = Path("benchmarks/results/backtest.json")
RETRAINED = "gated over never"


@dataclass(frozen=True)
class Replayed:
    """Which periods were replayed, what retraining was worth, which promotions proved bad."""

    file: str
    periods: list[str]
    gains: dict[str, dict[str, float | None]]
    """By metric, what the promoted models were better by than the first one: value, low, high."""
    promoted: int
    mistakes: list[str]
    """Versions that proved significantly worse than what they replaced, on what they served."""


def read(periods: list[str]) -> Replayed | None:
    """The replay of this problem, whose source has these periods; None where there is none.

    That of another problem, which a copy may have kept, counts for nothing.
    """
    found = (kind() for kind in (_mine, _kept))
    return next((r for r in found if r and r.periods and set(r.periods) <= set(periods)), None)


def _mine() -> Replayed | None:
    try:
        replayed = result.read(MINE)
    except DataError:
        return None
    overall: Any = replayed.overall
    return Replayed(
        MINE.as_posix(),
        [period.name for period in replayed.periods],
        {name: gain.model_dump() for name, gain in overall.get(RETRAINED, {}).items()},
        sum(bool(period.judgement.promoted) for period in replayed.periods),
        [one.version for one in replayed.mistakes],
    )


def _kept() -> Replayed | None:
    try:
        content = json.loads(KEPT.read_text(encoding="utf-8"))
        return Replayed(
            KEPT.as_posix(),
            list(content["periods"]),
            content["overall"][RETRAINED],
            sum(period["gates"] == "accepted" for period in content["periods"].values()),
            list(content["mistakes"]),
        )
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None
