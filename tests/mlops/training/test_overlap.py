"""What a split shares, on a handful of rows."""

from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from mlops.contract import Features
from mlops.training.overlap import overlap

FEATURES = Features.model_validate(
    SimpleNamespace(
        KEY=("carrier", "flight"),
        BLOCK="date",
        TASK="binary",
        TARGET="late",
        TABLES={},
        CARRIED_FORWARD=(),
        rows=dict,
        tables=dict,
    )
)
TRAIN = [
    ("UA", 1, "2013-06-29", 1.5, "EWR", 0),
    ("UA", 2, "2013-06-30", float("nan"), "JFK", 1),
    ("AA", 1, "2013-06-30", 2.5, None, 0),
]
TEST = [
    ("UA", 3, "2013-07-01", 3.5, "EWR", 0),
    ("AA", 2, "2013-07-02", 4.5, "JFK", 1),
]


def shared(test: list[Any], train: list[Any] = TRAIN) -> dict[str, Any]:
    columns = ["carrier", "flight", "date", "temp", "origin", "late"]
    known, asked = (pd.DataFrame(rows, columns=columns) for rows in (train, test))
    return overlap(known, asked, FEATURES, ["temp", "origin"])


def test_a_clean_split_shares_nothing_and_says_where_it_lies() -> None:
    assert shared(TEST) == {
        "rows": 0,
        "blocks": 0,
        "twins": 0,
        "later_blocks": 0,
        "last_train_block": "2013-06-30",
        "first_test_block": "2013-07-01",
    }


def test_a_row_is_known_by_its_whole_key() -> None:
    assert shared([*TEST, ("UA", 2, "2013-07-03", 0.0, "LGA", 0)])["rows"] == 1
    assert shared([*TEST, ("AA", 9, "2013-07-03", 0.0, "LGA", 0)])["rows"] == 0


def test_a_block_in_both_is_counted_once_and_is_not_before_the_test() -> None:
    found = shared([*TEST, *[("UA", n, "2013-06-30", 1.0, "LGA", 0) for n in (7, 8)]])

    assert (found["blocks"], found["later_blocks"]) == (1, 1)
    assert found["first_test_block"] == "2013-06-30"


def test_training_on_days_after_the_first_test_day_is_counted_by_day() -> None:
    after = [("B6", n, f"2013-07-1{n}", 0.0, "LGA", 0) for n in (1, 1, 2)]

    found = shared(TEST, [*TRAIN, *after])

    assert (found["blocks"], found["later_blocks"]) == (0, 2)
    assert found["last_train_block"] == "2013-07-12"


@pytest.mark.parametrize(
    ("inputs", "late", "twins"),
    [
        ((1.5, "EWR"), 0, 1),
        ((1.5, "EWR"), 1, 0),  # another outcome
        ((1.5, "JFK"), 0, 0),
        ((float("nan"), "JFK"), 1, 1),  # a gap equals a gap
        ((2.5, None), 0, 1),
    ],
)
def test_a_twin_has_the_inputs_and_the_outcome_of_a_training_row_under_another_key(
    inputs: tuple[float, str | None], late: int, twins: int
) -> None:
    found = shared([*TEST, ("B6", 99, "2013-07-03", *inputs, late)])

    assert (found["twins"], found["rows"]) == (twins, 0)


def test_blocks_that_are_numbers_are_told_as_text() -> None:
    train = [(*row[:2], n, *row[3:]) for n, row in enumerate(TRAIN)]
    test = [(*row[:2], n + 3, *row[3:]) for n, row in enumerate(TEST)]

    found = shared(test, train)

    assert (found["last_train_block"], found["first_test_block"]) == ("2", "3")
