"""Which blocks are held out."""

from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops.errors import TrainingError
from mlops.params import Split
from mlops.training.split import held_out

DAYS = pd.Series(pd.date_range("2013-01-01", "2013-08-31").strftime("%Y-%m-%d"))


def split(**knobs: Any) -> Split:
    return Split.model_validate({"rule": "time", "test_months": 2, "test_share": 0.25} | knobs)


@pytest.mark.parametrize(
    ("months", "first"), [(1, "2013-08-01"), (2, "2013-07-01"), (7, "2013-02-01")]
)
def test_the_newest_months_are_held_out_whole(months: int, first: str) -> None:
    test = held_out(DAYS, split(test_months=months))

    assert test.tolist() == [day >= first for day in DAYS]


def test_the_order_of_the_rows_does_not_matter() -> None:
    shuffled = pd.concat([DAYS, DAYS]).sample(frac=1, random_state=0)

    test = held_out(shuffled, split())

    assert test.index.equals(shuffled.index)
    assert (test == (shuffled >= "2013-07")).all()


def test_months_are_those_that_have_rows_across_years() -> None:
    days = pd.Series(["2012-11-30", "2013-01-01", "2012-12-31", "2013-03-05"])

    assert held_out(days, split()).tolist() == [False, True, False, True]


@pytest.mark.parametrize("months", [8, 12])
def test_at_least_a_month_is_left_to_train_on(months: int) -> None:
    with pytest.raises(
        TrainingError, match=f"test_months: expected fewer than the 8 .*found {months}"
    ):
        held_out(DAYS, split(test_months=months))


@pytest.mark.parametrize("block", ["patient 17", "17", "20130701", "2013-7-1", "01-07-2013"])
def test_the_rule_time_wants_dates(block: str) -> None:
    with pytest.raises(TrainingError, match=rf"split.rule: .*YYYY-MM-DD, found '{block}'"):
        held_out(pd.concat([DAYS, pd.Series([block])]), split())


@given(st.sets(st.text(min_size=1), max_size=30), st.sets(st.text(min_size=1), max_size=30))
def test_new_blocks_leave_the_old_ones_where_they_were(old: set[str], new: set[str]) -> None:
    rule = split(rule="random", test_share=0.4)
    before = pd.Series(sorted(old), dtype="str")
    after = pd.Series(sorted(old | new, reverse=True), dtype="str")

    then, now = (dict(zip(part, held_out(part, rule), strict=True)) for part in (before, after))

    assert {block: now[block] for block in then} == then


@pytest.mark.parametrize("share", [0.1, 0.25, 0.6])
def test_the_share_of_blocks_held_out_is_close_to_that_asked_for(share: float) -> None:
    blocks = pd.Series([f"patient {number}" for number in range(4000)])

    test = held_out(blocks, split(rule="random", test_share=share))

    assert test.mean() == pytest.approx(share, abs=3 * (share * (1 - share) / 4000) ** 0.5)


def test_a_block_is_never_on_both_sides() -> None:
    visits = pd.Series([f"patient {number % 50}" for number in range(1000)])

    test = held_out(visits, split(rule="random", test_share=0.5))

    assert not set(visits[test]) & set(visits[~test])
    assert set(visits[test]) | set(visits[~test]) == set(visits)


def test_a_greater_share_holds_the_same_blocks_and_more() -> None:
    little, much = (held_out(DAYS, split(rule="random", test_share=s)) for s in (0.2, 0.5))

    assert much[little].all()
    assert much.sum() > little.sum()


def test_where_a_block_goes_never_changes() -> None:
    """`printf BLOCK | sha256sum` starts with c, 7, b, 4 and 6: the half is below 8."""
    blocks = pd.Series(["2013-01-01", "2013-01-02", "patient 17", "17", "ü"])

    test = held_out(blocks, split(rule="random", test_share=0.5))

    assert test.tolist() == [False, True, False, True, True]


def test_blocks_may_be_numbers() -> None:
    test = held_out(pd.Series([17, 3, 17]), split(rule="random", test_share=0.5))

    named = held_out(pd.Series(["17", "3", "17"]), split(rule="random", test_share=0.5))
    assert test.tolist() == named.tolist()
