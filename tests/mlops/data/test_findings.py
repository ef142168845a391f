"""A finding says file, column, expectation, count, lines and samples, each once and short."""

import pytest

from mlops.data.findings import Finding, examples, wrong_header


def test_a_sentence_says_where_what_and_how_often() -> None:
    finding = Finding("raw/a.csv", "delay", "between 0 and 9", 1234, (2, 5), ("10", "-1"))

    assert finding.sentence() == (
        "raw/a.csv: delay: expected between 0 and 9; not so in 1,234 rows, such as 10, -1 "
        "(lines 2, 5)"
    )


def test_a_single_row_is_in_the_singular() -> None:
    said = Finding("raw/a.csv", "", "days in order", 1, (7,)).sentence()

    assert said == "raw/a.csv: expected days in order; not so in 1 row (line 7)"


def test_where_no_row_is_at_fault_alone_none_is_counted() -> None:
    said = Finding(
        "raw/a.csv", "tail", "missing at most 3.0%", samples=("4.0% missing",)
    ).sentence()

    assert said == "raw/a.csv: tail: expected missing at most 3.0%; found 4.0% missing"


def test_what_is_not_there_is_expected_and_no_more() -> None:
    said = Finding("raw/a.csv", "", "the file, which is missing").sentence()

    assert said == "raw/a.csv: expected the file, which is missing"


def test_examples_are_the_first_distinct_values_and_short() -> None:
    assert examples([3, 1, 3, 2, 9, 8, 7]) == ("3", "1", "2", "9", "8")
    assert examples(["x" * 41, "x" * 40]) == ("x" * 40 + "…", "x" * 40)


@pytest.mark.parametrize(
    ("found", "wrong"),
    [
        (["origin", "dest"], []),
        (["dest", "origin"], []),
        (["origin"], [("dest", "this column; it is missing")]),
        (["origin", "dest", "x"], [("x", "no such column")]),
        (["orign", "dest"], [("origin", "this column; orign is there instead")]),
        (["origin", "dest", "dest"], [("dest", "this column only once")]),
    ],
)
def test_a_header_is_compared_by_name(found: list[str], wrong: list[tuple[str, str]]) -> None:
    findings = wrong_header("a.csv", found, ["origin", "dest"])

    assert [(finding.column, finding.check) for finding in findings] == wrong
