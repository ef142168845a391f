"""What a column becomes before it is compared: counts by block, gaps, and a histogram."""

from math import nan

import numpy as np
import pandas as pd

from mlops.monitor.drift.distance import CATEGORIES
from mlops.monitor.drift.views import Side, View, views


def side(blocks: int, **columns: object) -> Side:
    """As many rows in each block, all of them shown."""
    rows = pd.DataFrame(columns)
    return Side(rows, np.arange(len(rows)) % blocks, blocks, np.arange(len(rows)))


def seen(reference: Side, batch: Side, *, as_text: bool = False) -> dict[tuple[str, str], View]:
    names = [*reference.rows, "missing"]
    found = views(names, reference, batch, relations=True, as_text=as_text)
    return {(view.name, view.view): view for view in found}


def test_the_reference_says_what_a_number_is() -> None:
    found = seen(
        side(2, number=[1, 2, 3, 4], flag=[True, False, True, True], text=["a", "b", "a", None]),
        side(1, number=["5", "six"], flag=[1, 0], text=[1, 2]),
    )

    assert {key: view.kind for key, view in found.items()} == {
        ("text", "values"): "text",
        ("number", "values"): "number",
        ("flag", "values"): "number",
        ("number", "relation"): "number",
        ("flag", "relation"): "number",
    }
    assert found["number", "values"].gaps_now == 0.5
    assert found["text", "values"].gaps_before == 0.25


def test_every_row_is_counted_once_and_gaps_have_no_relation() -> None:
    known = side(3, a=[1.0, 2, 3, nan, 5, 6], b=[2.0, 1, 4, 3, nan, 5], c=list("xyxyxy"))

    found = seen(known, side(1, a=[1.0, nan], b=[1.0, 2.0], c=["z", None]))

    assert found["a", "values"].reference.sum(axis=1).tolist() == [2, 2, 2]
    assert found["a", "relation"].reference.sum() == 5
    assert found["a", "values"].batch[0, -1] == 1
    assert found["c", "values"].reference.tolist() == [[1, 1, 0, 0]] * 3
    assert found["c", "values"].batch.tolist() == [[0, 0, 1, 1]]  # another, and a gap


def test_an_empty_column_relates_to_nothing() -> None:
    known = side(1, a=[1.0, 2.0], b=[1.0, 2.0], c=[0.0, 1.0])

    found = seen(known, side(1, a=[nan, nan], b=[1.0, 2.0], c=[0.0, 1.0]))

    assert ("a", "values") in found
    assert {name for name, view in found if view == "relation"} == {"b", "c"}


def test_rare_categories_are_counted_together() -> None:
    many = [f"c{i}" for i in range(200)] * 2 + ["c7"]

    found = seen(side(1, x=many), side(1, x=["c7", "c199"]))["x", "values"]

    assert found.reference.shape == (1, CATEGORIES + 2)
    assert found.reference[0, 0] == 3  # the most frequent is first
    assert found.reference[0, -2:].tolist() == [2 * (200 - CATEGORIES), 0]
    assert found.batch[0, [0, -2]].tolist() == [1, 1]


def test_numbers_may_be_read_as_text() -> None:
    found = seen(side(1, x=[1, 2, 2]), side(1, x=[1.0, nan, 2.0]), as_text=True)["x", "values"]

    assert found.kind == "text"
    assert found.histogram.labels == ["2", "1", "missing"]
    assert found.batch.tolist() == [[1, 1, 0, 1]]
