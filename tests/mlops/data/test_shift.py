"""The population stability index, against its definition written out, and its limits."""

import math
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops.data.read import RawTable
from mlops.data.shift import psi, shifts

NUMBERS = st.lists(st.one_of(st.none(), st.integers(-50, 50)), min_size=1, max_size=60).filter(
    lambda values: any(value is not None for value in values)
)
TENTHS = np.linspace(0, 1, 11)[1:-1]
TEXTS = st.lists(st.one_of(st.none(), st.sampled_from("abcde")), min_size=1, max_size=60)


def by_definition(reference: list[object], current: list[object]) -> float:
    """Σ (p - q) ln(p / q) over the shares of bins, an empty bin counting as 0.0001."""
    p, q = Counter(reference), Counter(current)
    total = 0.0
    for bin_ in p | q:
        a = max(p[bin_] / len(reference), 1e-4)
        b = max(q[bin_] / len(current), 1e-4)
        total += (a - b) * math.log(a / b)
    return total


def binned(values: list[int | None], edges: list[float]) -> list[object]:
    return ["missing" if v is None else sum(edge <= v for edge in edges) for v in values]


def tenths(values: list[int | None]) -> list[float]:
    """The nine deciles by linear interpolation between order statistics."""
    known = sorted(v for v in values if v is not None)
    edges = []
    for tenth in range(1, 10):
        at = tenth / 10 * (len(known) - 1)
        low = math.floor(at)
        high = min(low + 1, len(known) - 1)
        edges.append(known[low] + (at - low) * (known[high] - known[low]))
    return edges


@given(reference=NUMBERS, current=NUMBERS)
def test_numbers_are_compared_by_the_tenths_of_the_reference(
    reference: list[int | None], current: list[int | None]
) -> None:
    edges = [float(edge) for edge in np.unique(np.nanquantile(_floats(reference), TENTHS))]
    assert np.allclose(sorted(set(tenths(reference))), _merged(edges, tenths(reference)))

    found = psi(pd.Series(_floats(reference)), pd.Series(_floats(current)))

    expected = by_definition(binned(reference, edges), binned(current, edges))
    assert found == pytest.approx(expected, abs=1e-9)


def _floats(values: list[int | None]) -> list[float]:
    return [math.nan if v is None else float(v) for v in values]


def _merged(edges: list[float], like: list[float]) -> list[float]:
    """`edges`, one for each distinct value of `like`: ties differ in the last digit only."""
    return [min(edges, key=lambda edge: abs(edge - value)) for value in sorted(set(like))]


@given(reference=TEXTS, current=TEXTS)
def test_texts_are_compared_value_by_value(
    reference: list[str | None], current: list[str | None]
) -> None:
    found = psi(pd.Series(reference, dtype="str"), pd.Series(current, dtype="str"))

    assert found == pytest.approx(by_definition([*reference], [*current]), abs=1e-9)


def test_the_same_sample_has_no_shift_and_another_order_changes_nothing() -> None:
    values = pd.Series([1.0, 2.0, 3.0, math.nan] * 10)

    assert psi(values, values.iloc[::-1]) == 0


def test_two_halves_that_swap_places_are_a_known_number() -> None:
    reference, current = pd.Series(["a"] * 3 + ["b"]), pd.Series(["a"] + ["b"] * 3)

    assert psi(reference, current) == pytest.approx(math.log(3))  # 2 · ½ · ln 3


def test_a_text_of_more_than_100_values_is_a_name() -> None:
    names = pd.Series([f"N{number}" for number in range(101)])

    assert psi(names, names) is None
    assert psi(names.iloc[:100], names.iloc[:50]) is not None


def table(months: dict[str, list[float]], same: float = 1.0) -> RawTable:
    frame = pd.DataFrame(
        {
            "month": np.repeat([float(m[-2:]) for m in months], [len(v) for v in months.values()]),
            "delay": [value for values in months.values() for value in values],
            "constant": same,
        }
    )
    starts = [0, *np.cumsum([len(v) for v in months.values()])[:-1].tolist()]
    return RawTable(frame, [Path(f"flights-{m}.csv") for m in months], list(months), starts)


def test_the_newest_period_is_held_against_the_training_window_alone() -> None:
    quiet, held_out, newest = [1.0, 2.0, 3.0] * 5, [900.0] * 15, [1.0, 1.0, 2.0] * 5
    flights = table({"2013-01": quiet, "2013-02": quiet, "2013-03": held_out, "2013-04": newest})

    found = shifts({"flights": flights}, held_out=2)

    assert found == {"flights.delay": psi(pd.Series(quiet * 2), pd.Series(newest))}


def test_tables_in_too_few_periods_or_none_are_left_out() -> None:
    two = table({"2013-01": [1.0, 2.0], "2013-02": [3.0, 4.0]})
    whole = RawTable(two.frame, [Path("planes.csv")], [""], [0])

    assert shifts({"two": two, "planes": whole}, held_out=2) == {}
