"""Distances from counts, against scipy on the values themselves and against sums by hand."""

from math import nan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import wasserstein_distance

from mlops.evaluation.predict import Array
from mlops.monitor.drift.distance import (
    CELLS,
    REACH,
    WIDTH,
    Scale,
    between,
    gaps,
    number_cells,
    per_block,
    text_cells,
    totals,
    used,
    within,
)


def counted(standard: Array) -> Array:
    return np.bincount(number_cells(standard), minlength=CELLS + 1).astype(float)


@settings(deadline=None)
@given(st.integers(0, 1000))
def test_numbers_lie_as_far_apart_as_scipy_says(seed: int) -> None:
    rng = np.random.default_rng(seed)
    centres = -REACH + WIDTH * (np.arange(CELLS) + 0.5)
    before, now = rng.integers(0, 9, (2, CELLS)) * (rng.random((2, CELLS)) < 0.3)
    before[0], now[-1] = 1, 1

    found = between("number")(np.append(before, 0.0), np.append(now, 0.0))

    expected = wasserstein_distance(centres, centres, before, now)
    assert found == pytest.approx(expected, abs=1e-9)


def test_cells_without_rows_are_left_out_at_the_ends_only() -> None:
    before, now = counted(np.array([0.0, 1.0, nan])), counted(np.array([-1.0, 0.5]))

    kept = used(before[None], now[None])

    assert [side.shape for side in kept] == [(1, 2 / WIDTH + 2)] * 2
    assert between("number")(*kept) == pytest.approx(between("number")(before, now))
    assert [side.sum() for side in used(np.zeros((2, CELLS + 1)))] == [0]


def test_cells_cost_less_than_their_width() -> None:
    rng = np.random.default_rng(0)
    before, now = rng.normal(size=5000), rng.normal(0.4, 1.5, 4000)

    found = between("number")(counted(before), counted(now))

    assert found == pytest.approx(wasserstein_distance(before, now), abs=0.02)


def test_what_lies_beyond_reach_counts_as_there() -> None:
    assert between("number")(counted(np.zeros(3)), counted(np.full(3, 1e9))) == 8 - WIDTH
    assert number_cells(np.array([-np.inf, np.inf, nan])).tolist() == [0, CELLS - 1, CELLS]


def test_gaps_come_on_top() -> None:
    before = counted(np.array([0.1, 0.1, 0.1, nan]))
    now = counted(np.array([0.1, nan, nan, nan]))

    assert between("number")(before, now) == pytest.approx(0.5)
    assert gaps(before, now) == pytest.approx(0.5)


def test_without_values_on_a_side_only_gaps_lie_apart() -> None:
    only_gaps = counted(np.full(4, nan))

    assert between("number")(counted(np.zeros(4)), only_gaps) == 1
    assert between("number")(only_gaps, only_gaps) == 0
    assert between("number")(np.zeros(CELLS + 1), only_gaps) == 1  # no rows at all


@settings(deadline=None)
@given(st.lists(st.sampled_from("abcd"), min_size=1), st.lists(st.sampled_from("abcd"), min_size=1))
def test_texts_lie_as_far_apart_as_rows_that_would_change(
    before: list[str], now: list[str]
) -> None:
    counts = [np.array([float(side.count(c)) for c in "abcd"]) for side in (before, now)]

    by_hand = sum(max(0.0, before.count(c) / len(before) - now.count(c) / len(now)) for c in "abcd")
    assert between("text")(*counts) == pytest.approx(by_hand)


def test_rare_categories_share_a_cell_and_gaps_have_one() -> None:
    assert text_cells(np.array([0, 1, 2, 7, -1]), 2).tolist() == [0, 1, 2, 2, 3]


@pytest.mark.parametrize(
    ("values", "mean", "deviation"),
    [
        ([1.0, 3.0, nan], 2.0, 1.0),
        ([5.0, 5.0], 5.0, 5e-6),  # any other value than this one is far
        ([0.0, 0.0], 0.0, 1.0),
        ([nan, nan], 0.0, 1.0),
        ([], 0.0, 1.0),
    ],
)
def test_a_scale_is_never_nil(values: list[float], mean: float, deviation: float) -> None:
    scale = Scale.of(np.array(values))

    assert (scale.mean, scale.deviation) == pytest.approx((mean, deviation))


def test_counts_by_block_add_up_over_runs() -> None:
    rng = np.random.default_rng(1)
    cells, block = rng.integers(0, 4, 200), rng.integers(-1, 6, 200)

    counts = per_block(cells, block, (6, 4))
    found = within(totals(counts), np.array([[0, 6], [2, 5], [3, 3]]))

    for run, of_run in zip([(0, 6), (2, 5), (3, 3)], found, strict=True):
        inside = cells[(block >= run[0]) & (block < run[1])]
        assert of_run.tolist() == np.bincount(inside, minlength=4).tolist()
    assert counts.sum() == (block >= 0).sum()
