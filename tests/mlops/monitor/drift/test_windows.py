"""Windows of blocks and the replay of the past, against plain loops over the calendar."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from mlops.monitor.drift.windows import DRAWS, FEWEST, Blocks, enough, plan, timeline


def days(first: str, count: int, *, without: tuple[int, ...] = ()) -> pd.Series:
    """A row a day from a day on, some left out."""
    start = date.fromisoformat(first)
    kept = [i for i in range(count) if i not in without]
    return pd.Series([str(start + timedelta(i)) for i in kept])


def both(reference: pd.Series, batch: pd.Series) -> tuple[Blocks, Blocks]:
    return timeline(reference, batch)


def test_days_are_placed_by_the_calendar() -> None:
    known, new = both(pd.Series(["2013-01-03", "2013-01-01", None]), pd.Series(["2013-02-01"]))

    assert known.names == ["2013-01-01", "2013-01-03"]
    assert known.codes.tolist() == [1, 0, -1]
    assert (known.at - known.at[0]).tolist() == [0, 2]
    assert (new.at - known.at[0]).tolist() == [31]


def test_timestamps_read_like_their_days() -> None:
    known, new = both(pd.Series(pd.to_datetime(["2013-01-01"])), pd.Series(["2013-01-02"]))

    assert known.names == ["2013-01-01"]
    assert new.at - known.at == 1


@pytest.mark.parametrize(
    ("names", "order"),
    [
        ([10, 9, 2], ["2", "9", "10"]),
        (["b", "ten letter", "2013-01-01"], ["2013-01-01", "b", "ten letter"]),
    ],
)
def test_other_blocks_are_sorted_and_follow_the_reference(
    names: list[object], order: list[str]
) -> None:
    known, new = both(pd.Series(names), pd.Series(names))

    assert known.names == new.names == order
    assert known.at.tolist() == [0, 1, 2]
    assert new.at.tolist() == [3, 4, 5]


def test_whole_windows_end_with_the_newest_block() -> None:
    known, new = both(days("2013-01-01", 100), days("2013-04-11", 17))

    found = plan(known, new, 7, 28)

    assert [c.window for c in found.comparisons] == [(3, 10), (10, 17)]
    assert [c.before for c in found.comparisons] == [(72, 100), (72, 100)]
    assert [c.season for c in found.comparisons] == [(0, 0), (0, 0)]


def test_the_past_is_replayed_at_the_same_lag_whatever_days_are_missing() -> None:
    reference = days("2013-01-01", 150, without=(40, 41, 77, 120))
    batch = days("2013-06-05", 20, without=(3,))
    known, new = both(reference, batch)

    for compared in plan(known, new, 7, 28).comparisons:
        first = date.fromisoformat(new.names[compared.window[0]])
        lag = first - date.fromisoformat(known.names[-1])
        expected = []
        for end in range(28, len(known.names)):
            wanted = date.fromisoformat(known.names[end - 1]) + lag
            start = next((i for i, n in enumerate(known.names) if n >= str(wanted)), 10**6)
            if start + 7 <= len(known.names):
                expected.append(((end - 28, end), (start, start + 7)))
        replay = compared.replay
        runs = zip(map(tuple, replay.before), map(tuple, replay.windows), strict=True)
        assert list(runs) == expected
        span = expected[-1][1][0] - expected[0][1][0]
        assert replay.independent == span // 7 + 1
        assert replay.tells


def test_a_short_reference_is_compared_by_fewer_blocks_and_at_last_tells_nothing() -> None:
    batch = days("2014-01-01", 14)
    lengths = {}
    for length in (100, 62, 49, 42, 41, 5):
        reference = pd.Series(sorted(days("2013-01-01", 365))[-length:])
        newest = plan(*both(reference, batch), 7, 28).comparisons[-1]
        lengths[length] = newest.before[1] - newest.before[0], newest.replay.tells

    assert lengths == {
        100: (28, True), 62: (21, True), 49: (14, True), 42: (7, True), 41: (7, False),
        5: (5, False),
    }  # fmt: skip
    assert enough(*both(reference, batch), 7) == 7 + (1 + FEWEST) * 7


def test_a_season_is_that_of_the_year_before() -> None:
    known, new = both(days("2012-01-01", 731), days("2014-01-01", 14))

    compared = plan(known, new, 7, 28).comparisons[-1]

    begin, end = compared.season
    assert known.names[begin] == str(date(2014, 1, 8) - timedelta(364 + 14))
    assert known.names[end - 1] == str(date(2014, 1, 14) - timedelta(364 - 14))
    replay = compared.replay
    assert (replay.season[:, 1] > 0).any()
    for window, before, season in zip(replay.windows, replay.before, replay.season, strict=True):
        if season[1]:
            assert season[1] <= before[1]
            assert season.tolist() == [max(0, window[0] - 364 - 14), window[1] - 364 + 14]


def test_only_days_have_seasons() -> None:
    known, new = both(pd.Series(range(800)), pd.Series(range(800, 814)))

    found = plan(known, new, 7, 28).comparisons

    assert [compared.season for compared in found] == [(0, 0), (0, 0)]
    assert not any(compared.replay.season.any() for compared in found)


def test_a_gap_of_a_year_leaves_nothing_to_replay() -> None:
    known, new = both(days("2012-01-01", 366), days("2014-01-01", 14))

    compared = plan(known, new, 7, 28).comparisons[-1]

    assert compared.replay.independent == 0
    assert enough(known, new, 7) > 366


def test_rows_that_are_known_already_lie_at_no_lag() -> None:
    known, new = both(days("2013-01-01", 100), days("2013-03-01", 14))

    assert {c.replay.independent for c in plan(known, new, 7, 28).comparisons} == {10}


def test_blocks_without_an_order_are_drawn() -> None:
    known, new = both(pd.Series(range(100)), pd.Series(range(100, 120)))

    found = plan(known, new, 7, 28, seed=1)

    newest = found.comparisons[-1]
    assert len(newest.replay.windows) == DRAWS
    assert newest.replay.independent == (100 - 28) // 7
    drawn = {
        *map(frozenset, (found.order[a:b] for a, b in newest.replay.before)),
        frozenset(found.order[slice(*newest.before)]),
    }
    assert len(drawn) == DRAWS + 1  # all by chance
    for before, window in zip(newest.replay.before, newest.replay.windows, strict=True):
        together = found.order[before[0] : window[1]]
        assert len(np.unique(together)) == 35 == len(together)
    assert (plan(known, new, 7, 28, seed=1).order == found.order).all()


def test_too_few_blocks_without_an_order_tell_nothing() -> None:
    known, new = both(pd.Series(range(9)), pd.Series(range(100, 120)))

    found = plan(known, new, 7, 28, seed=1)

    assert [c.replay.tells for c in found.comparisons] == [False, False]
    assert enough(known, new, 7, ordered=False) == (1 + FEWEST) * 7


def test_nothing_known_or_nothing_new_plans_nothing() -> None:
    nothing, some = pd.Series([], dtype=object), days("2013-01-01", 30)

    assert plan(*both(nothing, some), 7, 28).comparisons == []
    assert plan(*both(some, nothing), 7, 28).comparisons == []
    assert enough(*both(nothing, some), 7) == (1 + FEWEST) * 7
