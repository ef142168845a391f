"""A backtest as a replay might leave it."""

from typing import Any

from mlops.backtest.result import (
    PAIRS,
    Blocking,
    Gain,
    Judgement,
    Line,
    Look,
    Metric,
    Period,
    Result,
    Succession,
)
from mlops.evaluation.names import BETTER

LINES: dict[Line, float] = {
    "never": 0.0,
    "frozen": 0.01,
    "always": 0.02,
    "gated": 0.03,
    "whole": 0.04,
}
"""How much better each line is than the first."""
NAMES = ("roc_auc", "average_precision", "brier", "log_loss")


def scores(base: float) -> dict[Line, dict[str, float | None]]:
    """Metrics of every line; those that are better when lower fall with the line's worth."""
    return {
        line: {
            name: base + worth if way == "higher" else 0.9 - base - worth
            for name, way in BETTER["binary"].items()
        }
        for line, worth in LINES.items()
    }


def gains(value: float) -> dict[str, Gain]:
    return {name: Gain(value=value, low=value - 0.015, high=value + 0.015) for name in NAMES}


def accepted(champion: str, promoted: str) -> Judgement:
    return Judgement(
        decision="accepted",
        summary="roc_auc 0.7300, +0.0100 against the champion",
        champion=champion,
        promoted=promoted,
    )


def refused(champion: str) -> Judgement:
    return Judgement(
        decision="refused",
        summary="floors: short of the floor: brier",
        champion=champion,
        blocking=[Blocking(gate="floors", outcome="fail", reason="short of the floor: brier")],
    )


def period(name: str, base: float, serving: str, judgement: Judgement, **changed: Any) -> Period:
    content: dict[str, Any] = {
        "name": name,
        "first": f"{name}-01",
        "last": f"{name}-30",
        "rows": 27_000,
        "blocks": 30,
        "serving": serving,
        "trained_through": dict.fromkeys(LINES, "2013-01-31"),
        "scores": scores(base),
        "differences": {p: gains(LINES[a] - LINES[b]) for p, (a, b) in PAIRS.items()},
        "look": Look(outcome="steady", summary="nothing has moved further than it usually does"),
        "judgement": judgement,
        "seconds": {"monitor": 20.0, "retrain": 40.0, "judge": 30.0},
    }
    return Period(**content | changed)


def result(**changed: Any) -> Result:
    """Three periods: promoted, refused, promoted; the first promotion was a mistake."""
    first = "the first model"
    moved = Look(outcome="alarm", summary="drift of seats", reasons=["drift"], drifted=["seats"])
    content: dict[str, Any] = {
        "model": "late-arrival",
        "task": "binary",
        "first_estimator": "logistic_regression",
        "estimator": "gradient_boosting",
        "made": "2026-01-02T03:04:05Z",
        "seconds": 600.0,
        "begin": "2013-03",
        "first_model": refused("none"),
        "level": 0.95,
        "metrics": [
            Metric(name=name, better=way, drawn=name in ("roc_auc", "brier"))
            for name, way in BETTER["binary"].items()
        ],
        "periods": [
            period("2013-04", 0.68, first, accepted(first, "1.0.0")),
            period("2013-05", 0.70, "1.0.0", refused("1.0.0"), look=moved),
            period("2013-06", 0.72, "1.0.0", accepted("1.0.0", "1.0.1")),
        ],
        "overall": {p: gains(LINES[a] - LINES[b]) for p, (a, b) in PAIRS.items()},
        "successions": [
            Succession(
                version="1.0.0",
                replaced=first,
                first="2013-05",
                last="2013-06",
                rows=54_000,
                blocks=60,
                differences=gains(-0.03),
                worse=["brier", "log_loss"],
            )
        ],
    }
    return Result(**content | changed)
