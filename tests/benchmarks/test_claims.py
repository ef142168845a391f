"""What a benchmark says of its goals."""

from typing import Literal

import pytest

from tests.conftest import ROOT

Bound = Literal["at most", "at least"]


@pytest.mark.parametrize(
    ("bound", "measured", "written", "holds"),
    [
        ("at most", 1.0, 1.0, True),
        ("at most", 1.1, 1.1, True),
        ("at most", 1.1004, 1.1, True),
        ("at most", 1.1006, 1.101, False),
        ("at least", 1.2, 1.2, True),
        ("at least", 1.1, 1.1, True),
        ("at least", 1.0996, 1.1, True),
        ("at least", 1.0994, 1.099, False),
    ],
)
def test_a_goal_is_judged_by_the_figure_that_is_written(
    monkeypatch: pytest.MonkeyPatch, bound: Bound, measured: float, written: float, holds: bool
) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import claims

    goals = claims.judged([("ratio", bound, 1.1, measured)])

    assert goals == {"ratio": {"goal": 1.1, "bound": bound, "measured": written, "holds": holds}}
    assert claims.ending(goals) == (0 if holds else 1)
