"""Columns to matrices: what is let through, what is flagged, what is refused."""

from typing import Any

import msgspec
import numpy as np
import pytest

from serving.errors import Rejected
from serving.inputs import Inputs
from serving.lookup import Lookup
from serving.manifest import Input, Manifest, Policy

GOOD: dict[str, Any] = {
    "carrier": ["UA", "AA"],
    "origin": ["EWR", None],
    "distance": [1000, 200.5],
    "temp": [None, 50.0],
    "carrier_late_7d": [0.5, 0.25],
}


@pytest.fixture
def inputs(flights_like: Manifest) -> Inputs:
    return Inputs(flights_like, Lookup([]))


def refusal(inputs: Inputs, **changed: Any) -> Rejected:
    with pytest.raises(Rejected) as refused:
        inputs.prepare(GOOD | changed, 2)
    return refused.value


def test_each_kind_becomes_a_matrix_in_the_order_of_the_manifest(inputs: Inputs) -> None:
    batch = inputs.prepare(GOOD, 2)

    assert batch.feeds["text"].tolist() == [["UA", "EWR"], ["AA", ""]]
    expected = np.array([[1000, np.nan, 0.5], [200.5, 50, 0.25]], dtype=np.float32)
    np.testing.assert_array_equal(batch.feeds["float32"], expected)
    assert batch.feeds["float32"].dtype == np.float32
    assert all(matrix.flags.c_contiguous for matrix in batch.feeds.values())
    assert batch.flags == ()


def test_arrays_are_as_good_as_lists(inputs: Inputs) -> None:
    arrays = {
        name: np.array(values, dtype=object if name in ("carrier", "origin") else np.float64)
        for name, values in GOOD.items()
    }

    listed, stacked = inputs.prepare(GOOD, 2), inputs.prepare(arrays, 2)

    for kind, matrix in listed.feeds.items():
        np.testing.assert_array_equal(matrix, stacked.feeds[kind])


@pytest.mark.parametrize(
    ("changed", "reason", "said"),
    [
        ({"distance": [1000, 0]}, "range", "row 1, column 'distance': expected 1 to 6000, found 0"),
        ({"distance": [6000.5, 1]}, "range", "row 0, column 'distance': expected 1 to 6000, found"),
        ({"temp": [1e400, 1]}, "range", "row 0, column 'temp': expected -60 to 130, found inf"),
        ({"temp": [10**400, 1]}, "range", "row 0, column 'temp': the number is too large"),
        (
            {"distance": [None, 1]},
            "missing",
            "row 0, column 'distance': expected a number, found n",
        ),
        ({"distance": [1, "far"]}, "type", "row 1, column 'distance': expected a number, found 'f"),
        ({"distance": [1, "2"]}, "type", "row 1, column 'distance': expected a number, found '2'"),
        (
            {"distance": [True, 1]},
            "type",
            "row 0, column 'distance': expected a number, found True",
        ),
        ({"distance": [[1], 1]}, "type", "row 0, column 'distance': expected a number, found [1]"),
        ({"carrier": ["UA", 7]}, "type", "row 1, column 'carrier': expected a text, found 7"),
        ({"carrier": ["UA", {}]}, "type", "row 1, column 'carrier': expected a text, found {}"),
        ({"carrier": ["UA", None]}, "missing", "row 1, column 'carrier': expected a text, found n"),
        ({"carrier": ["U", "UA"]}, "category", "row 0, column 'carrier': expected to match ^[A-Z0"),
        ({"origin": ["LGA", None]}, "category", "row 0, column 'origin': expected one of EWR, JFK"),
    ],
)
def test_what_must_not_be_is_refused_with_its_place(
    inputs: Inputs, changed: dict[str, Any], reason: str, said: str
) -> None:
    refused = refusal(inputs, **changed)

    assert (refused.reason, refused.status) == (reason, 400)
    assert refused.message.startswith(said)


def test_bounds_belong_to_what_is_allowed(inputs: Inputs) -> None:
    inputs.prepare(GOOD | {"distance": [1, 6000], "temp": [-60, 130]}, 2)


def test_a_text_that_training_did_not_have_is_flagged(inputs: Inputs) -> None:
    batch = inputs.prepare(GOOD | {"carrier": ["ZZ", "AA"]}, 2)

    said = "row 0, column 'carrier': 'ZZ' was not among the rows the model learned from"
    assert (batch.flags, batch.flagged) == ((said,), 1)


def test_the_manifest_says_whether_to_flag_or_to_reject(flights_like: Manifest) -> None:
    turned = msgspec.structs.replace(flights_like, policy=Policy(unknown="reject", outside="flag"))
    inputs = Inputs(turned, Lookup([]))

    batch = inputs.prepare(GOOD | {"distance": [0, 1e39], "origin": ["LGA", None]}, 2)

    assert batch.flagged == 3
    assert np.isfinite(batch.feeds["float32"][:, 0]).all()
    assert refusal(inputs, carrier=["ZZ", "AA"]).reason == "category"


def test_many_flags_are_counted_and_the_first_are_told(inputs: Inputs) -> None:
    columns = {name: values * 20 for name, values in GOOD.items()} | {"carrier": ["ZZ"] * 40}

    batch = inputs.prepare(columns, 40)

    assert (len(batch.flags), batch.flagged) == (10, 40)


def test_a_column_that_is_missing_is_named_with_all_that_are_needed(inputs: Inputs) -> None:
    with pytest.raises(Rejected) as refused:
        inputs.prepare({"carrier": ["UA"], "temp": [1.0]}, 1)

    assert refused.value.message == (
        "missing: distance, origin. The model needs carrier, distance, origin, temp; looked up "
        "when left out: carrier_late_7d"
    )


def test_whole_numbers_and_truth_values(diabetes_like: Manifest) -> None:
    inputs = Inputs(diabetes_like, Lookup([]))

    batch = inputs.prepare({"bmi": [0.5], "age": [30], "smokes": [True]}, 1)

    assert {kind: m.tolist() for kind, m in batch.feeds.items()} == {
        "float64": [[0.5]],
        "int64": [[30]],
        "bool": [[True]],
    }
    with pytest.raises(
        Rejected, match="row 0, column 'smokes': expected true or false, found 'no'"
    ):
        inputs.prepare({"bmi": [0.5], "age": [30], "smokes": ["no"]}, 1)
    with pytest.raises(Rejected, match=r"row 0, column 'age': expected a whole number, found 1\.5"):
        inputs.prepare({"bmi": [0.5], "age": [1.5], "smokes": [True]}, 1)


def test_numbers_without_bounds_must_still_fit_their_type(flights_like: Manifest) -> None:
    free = msgspec.structs.replace(
        flights_like,
        inputs=[Input("x", "float32")],
        tables=[],
    )
    inputs = Inputs(free, Lookup([]))

    assert inputs.prepare({"x": [3e38]}, 1).feeds["float32"][0, 0] == np.float32(3e38)
    with pytest.raises(Rejected, match="expected a finite number"):
        inputs.prepare({"x": [3.5e38]}, 1)
