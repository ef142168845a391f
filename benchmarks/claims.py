"""What a benchmark is to show, beside what it measured."""

from collections.abc import Sequence
from typing import Any, Literal

from rich.table import Table

Bound = Literal["at most", "at least"]
Goals = dict[str, dict[str, Any]]


def judged(asked: Sequence[tuple[str, Bound, float, float]]) -> Goals:
    """By name the goal, its bound, what was measured, and whether that, as written, holds."""
    rounded = [(name, bound, goal, round(value, 3)) for name, bound, goal, value in asked]
    return {
        name: {
            "goal": goal,
            "bound": bound,
            "measured": value,
            "holds": value <= goal if bound == "at most" else value >= goal,
        }
        for name, bound, goal, value in rounded
    }


def table(goals: Goals) -> Table:
    """A line a goal."""
    shown = Table("goal", "", "measured", "holds", title="Goals")
    for name, goal in goals.items():
        holds = "yes" if goal["holds"] else "[red]no[/red]"
        shown.add_row(name, f"{goal['bound']} {goal['goal']:g}", f"{goal['measured']:g}", holds)
    return shown


def ending(goals: Goals) -> int:
    """The exit code: 1 when a goal is missed."""
    return 0 if all(goal["holds"] for goal in goals.values()) else 1
