"""Histograms are shares: of the same bars before and now, told by labels that can be read."""

from math import nan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mlops.evaluation.predict import Array
from mlops.monitor.drift.histogram import BARS, BINS, of_numbers, of_text

SOME = arrays(np.float64, st.integers(0, 40), elements=st.just(nan) | st.floats(-1e3, 1e3))


def test_numbers_are_shown_by_tenths_of_what_was_before() -> None:
    before = np.arange(1000) / 10

    found = of_numbers(before, np.array([-5.0, 12.0, 12.0, nan]))

    assert len(found.labels) == BINS + 1
    assert found.labels[0].startswith("under 9.99")
    assert found.labels[-2:] == ["89.91 and over", "missing"]
    assert found.before == pytest.approx([0.1] * BINS + [0], abs=0.001)
    assert found.now == [0.25, 0.5, *[0] * (BINS - 2), 0.25]


def test_few_values_are_shown_one_by_one() -> None:
    found = of_numbers(np.array([1.0, 2.0, 2.0, 6.0]), np.array([2.0, 5.0, 7.0, 1.0]))

    assert found.labels == ["1", "2", "6", "others"]
    assert found.before == [0.25, 0.5, 0.25, 0]
    assert found.now == [0.25, 0.25, 0, 0.5]


def test_a_value_that_most_rows_have_does_not_hide_the_others() -> None:
    rain = np.concatenate([np.zeros(900), np.linspace(0.1, 5, 100)])

    found = of_numbers(rain, rain)

    assert len(found.labels) >= BINS / 2
    assert found.before[0] >= 0.9
    assert min(found.before) > 0


@settings(deadline=None)
@given(SOME, SOME)
def test_shares_of_numbers_add_up(before: Array, now: Array) -> None:
    found = of_numbers(before, now)

    assert len(found.labels) == len(found.before) == len(found.now) <= BARS + 2
    for side, rows in ((found.before, before), (found.now, now)):
        assert sum(side) == pytest.approx(1 if len(rows) else 0)
    if "missing" in found.labels and len(now):
        assert found.now[-1] == pytest.approx(np.isnan(now).mean())


def test_categories_beyond_the_most_frequent_are_others() -> None:
    names = [f"c{i}" for i in range(20)] + ["x" * 300]

    found = of_text(np.arange(21), np.array([0, 0, 20, -1]), names)
    one = of_text(np.array([0]), np.array([0]), ["x" * 300])

    assert found.labels == [*names[:BARS], "others", "missing"]
    assert found.now == [0.5, *[0] * (BARS - 1), 0.25, 0.25]
    assert [len(label) for label in one.labels] == [60]


def test_a_category_may_be_called_like_what_is_left_out() -> None:
    found = of_text(np.array([0, 1]), np.array([0, 1]), ["missing", "others"])

    assert found.labels == ["missing", "others"]
    assert found.now == [0.5, 0.5]
