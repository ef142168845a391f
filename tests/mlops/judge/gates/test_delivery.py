"""Is what is served what was judged?"""

from typing import Any

import pytest

from mlops.judge.gates.delivery import parity
from tests.mlops.judge.conftest import Make


def compared(**found: Any) -> dict[str, Any]:
    equal = {"rows": 500, "largest_difference": 1e-6, "flipped": 0, "looked_up_otherwise": 0}
    return {"parity": equal | found}


def test_two_models_that_agree_pass(evidence: Make) -> None:
    assert parity(evidence(metrics=compared())).outcome == "pass"


@pytest.mark.parametrize(
    ("found", "named"),
    [
        ({"largest_difference": 1.1e-5}, "largest difference"),
        ({"flipped": 1}, "decisions that flip"),
        ({"looked_up_otherwise": 1}, "rows looked up otherwise than in training"),
    ],
)
def test_each_way_to_differ_fails(evidence: Make, found: dict[str, Any], named: str) -> None:
    asked = parity(evidence(metrics=compared(**found)))

    assert asked.outcome == "fail"
    assert asked.reason == f"the two differ: {named}"


def test_a_difference_at_the_limit_passes(evidence: Make) -> None:
    assert parity(evidence(metrics=compared(largest_difference=1e-5))).outcome == "pass"


def test_a_row_that_the_server_would_refuse_fails(evidence: Make) -> None:
    asked = parity(evidence(metrics={"parity": {"rows": 5, "refused": "row 0, column 'age'"}}))

    assert asked.outcome == "fail"
    assert asked.reason == "the server would refuse a held-out row: row 0, column 'age'"


def test_without_an_export_the_question_does_not_arise(halted: Make) -> None:
    assert parity(halted()).outcome == "not applicable"
