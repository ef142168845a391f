"""The sentence that goes on from the decision."""

import pandas as pd
import pytest

from mlops.judge import verdict
from mlops.judge.champion import Answer
from mlops.judge.conclusion import _summary
from mlops.judge.gates.answers import gate
from mlops.judge.verdict import Override
from tests.mlops.judge.conftest import Make

PASSED = gate("floors", "Is it so?", "pass", "it is so")
OPEN = gate("champion", "Is it so?", "inconclusive", "it cannot be told")
APPROVED = OPEN.model_copy(
    update={
        "override": Override(label="inconclusive-approved", by="maintainer", reason="a holiday")
    }
)


def promoted(why_not: str = "") -> verdict.Champion:
    return verdict.Champion(origin="promoted", version="1.2.0", commit="0" * 40, why_not=why_not)


def test_it_tells_the_difference_and_the_version_that_it_was_measured_against(
    evidence: Make,
) -> None:
    told = _summary(evidence(answer=Answer(promoted(), pd.DataFrame())), [PASSED])

    assert "+0.0000 against the champion 1.2.0 (" in told


def test_before_the_first_promotion_no_version_is_named(evidence: Make) -> None:
    assert " against the champion (" in _summary(evidence(), [PASSED])


def test_without_a_champion_there_is_none_to_compare_with(alone: Make) -> None:
    told = _summary(alone(), [PASSED])

    assert told == "every gate that applies passes; there is no champion to compare with"


@pytest.mark.parametrize(
    ("why_not", "mismatch"),
    [("its packages are gone", ""), ("", "it shares no held-out row with the challenger")],
)
def test_a_champion_that_shares_no_row_is_told_and_not_denied(
    evidence: Make, why_not: str, mismatch: str
) -> None:
    answer = Answer(promoted(why_not), None if why_not else pd.DataFrame())

    told = _summary(evidence(answer=answer, match=None, mismatch=mismatch), [PASSED, APPROVED])

    assert told == (
        "every gate that applies passes or is accepted; the champion 1.2.0 cannot be compared "
        f"with: {why_not or mismatch}"
    )


def test_what_blocks_comes_first(evidence: Make) -> None:
    failed = gate("floors", "Is it so?", "fail", "it is not")

    assert _summary(evidence(), [OPEN, failed]) == "floors, champion: it is not"
