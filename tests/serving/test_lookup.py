"""Table features that a request leaves out."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from serving.errors import Rejected, Unservable
from serving.lookup import Lookup
from serving.manifest import Input, Manifest, Table

DAYS = {
    "keys": [["a", "2013-07-01"], ["a", "2013-07-02"], ["b", "2013-07-01"]],
    "values": [[0.1, 1], [0.2, 2], [None, 3]],
}


@pytest.fixture
def lookup(tmp_path: Path, flights_like: Manifest) -> Any:
    def made(*, carried_forward: bool, nullable: bool = True) -> Lookup:
        table = Table(
            "days",
            "days.json",
            ["shop", "date"],
            ["rate", "count"],
            3,
            time="date",
            newest="2013-07-02",
            carried_forward=carried_forward,
        )
        inputs = [Input(name, "float32", nullable=nullable, table="days") for name in table.columns]
        (tmp_path / "days.json").write_bytes(msgspec.json.encode(DAYS))
        return Lookup.read(
            tmp_path, msgspec.structs.replace(flights_like, inputs=inputs, tables=[table])
        )

    return made


@pytest.mark.parametrize(
    ("shop", "date", "exact", "carried"),
    [
        ("a", "2013-07-01", (0.1, 1), (0.1, 1)),
        ("b", "2013-07-01", (None, 3), (None, 3)),
        ("b", "2013-07-02", (None, None), (None, None)),  # within the table: a gap, as in training
        ("a", "2013-07-03", (None, None), (0.2, 2)),
        ("b", "2013-07-03", (None, None), (None, 3)),
        ("c", "2013-07-03", (None, None), (None, None)),
        ("a", "2013-06-30", (None, None), (None, None)),
        ("a", None, (None, None), (0.2, 2)),
    ],
)
def test_a_row_is_found_by_its_key(
    lookup: Any, shop: str, date: str | None, exact: Any, carried: Any
) -> None:
    columns = {"shop": [shop], "date": [date]}
    for forward, (rate, count) in ((False, exact), (True, carried)):
        filled = lookup(carried_forward=forward).fill(columns, 1)
        assert (filled["rate"], filled["count"]) == ((rate,), (count,))


def test_what_is_given_is_kept(lookup: Any) -> None:
    columns = {"shop": ["a", "b"], "date": ["2013-07-01"] * 2, "rate": [9, None]}

    filled = lookup(carried_forward=False).fill(columns, 2)

    assert (filled["rate"], filled["count"]) == ([9, None], (1, 3))


def test_without_its_key_a_feature_is_a_gap(lookup: Any) -> None:
    filled = lookup(carried_forward=True).fill({"date": ["2013-07-01"]}, 1)

    assert (filled["rate"], filled["count"]) == ((None,), (None,))


def test_a_feature_that_may_have_no_gap_says_what_to_send(lookup: Any) -> None:
    with pytest.raises(Rejected) as refused:
        lookup(carried_forward=False, nullable=False).fill({"shop": ["a"], "date": ["2014"]}, 1)

    assert refused.value.message == (
        "row 0, column 'rate': not given, and shop 'a', date '2014' is not in the table days, "
        "which ends at 2013-07-02; send rate or another key"
    )


@pytest.mark.parametrize("key", [[], {}, {"x": 1}])
def test_a_key_that_is_no_value_is_refused(lookup: Any, key: Any) -> None:
    with pytest.raises(Rejected, match="shop, date: expected plain values"):
        lookup(carried_forward=True).fill({"shop": [key], "date": ["2013-07-01"]}, 1)


@pytest.mark.parametrize("content", [b"", b"[]", b'{"keys": [["a", "b"]], "values": [[1, 2]]}'])
def test_a_file_that_is_not_the_table_is_named(
    tmp_path: Path, flights_like: Manifest, content: bytes
) -> None:
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables/carrier_delays.json").write_bytes(content)

    with pytest.raises(Unservable, match=r"carrier_delays\.json: (not a readable|expected 2 rows)"):
        Lookup.read(tmp_path, flights_like)
