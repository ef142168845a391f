"""What a column holds, by its values."""

from pathlib import Path

import pytest

from mlops.errors import DataError
from mlops.init.table.columns import Column, columns, dates, named
from mlops.init.table.csvfile import File


def column(*cells: str, name: str = "x", separator: str = ",") -> Column:
    rows = [[cell, "1"] for cell in cells]
    lines = list(range(2, len(cells) + 2))
    return columns(File("data.csv", b"", separator, (name, "other"), rows, lines))[0]


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (("1", "-2", "+3"), "whole"),
        (("1.5", ".5", "1e3"), "number"),
        (("1", "NA", ""), "whole"),
        (("1.0", "inf", "?"), "number"),
        (("True", "False"), "text"),
        (("007", "012"), "text"),
        (("12345678901234567890", "1"), "text"),
        (("1", "2", "X"), "text"),
        (("2024-01-31", "2024-02-01"), "date"),
        (("31.01.2024", "01.02.2024"), "date"),
        (("20240131", "20240201"), "whole"),
        (("1_000", "2"), "text"),
        (("", "null"), "empty"),
    ],
)
def test_the_kind_follows_from_every_value(cells: tuple[str, ...], kind: str) -> None:
    assert column(*cells).kind == kind


def test_digits_are_a_date_where_the_name_says_so() -> None:
    assert column("20240131", "20240201", name="order_date").kind == "date"


def test_numbers_with_a_decimal_comma_get_a_point() -> None:
    found = column("1,5", "-2,25", "3", separator=";")

    assert (found.kind, found.cells) == ("number", ["1.5", "-2.25", "3"])


def test_of_two_readings_of_a_date_that_counts_by_which_the_rows_are_in_order() -> None:
    american = column("01/02/2024", "02/01/2024", "03/01/2024")
    european = column("01/02/2024", "02/02/2024", "03/02/2024")

    assert (american.format, european.format) == ("%m/%d/%Y", "%d/%m/%Y")
    assert american.ambiguous
    assert [day.month for day in dates(european) if day] == [2, 2, 2]


def test_a_text_among_many_numbers_is_told_with_its_line() -> None:
    with pytest.raises(DataError, match=r"line 42, column 'x': expected a number.*'oops'"):
        column(*map(str, range(40)), "oops")


def test_names_are_made_plain_and_differ() -> None:
    odd = ["Total (EUR)", "total_eur", "class", "", "1st", "日本", "prediction", 'a"); x(']

    assert named(odd) == [
        *("total_eur", "total_eur_2", "class", "column_4", "column_1st", "column_6"),
        *("given_prediction", "a_x"),
    ]


def test_no_name_is_longer_than_a_line_can_hold(tmp_path: Path) -> None:
    (name,) = named(["a very long name " * 20])

    assert len(name) <= 40
