"""What is said of an explanation."""

import pytest

from mlops.report.explain import wording as words
from tests.mlops.report.explain.examples import binary, multiclass, regression, wide


def test_the_largest_contributions_come_first_and_the_rest_in_one_line() -> None:
    found = words.lines(binary().rows[0], 0, 2)

    assert [(line.name, line.value, line.adds) for line in found] == [
        ("hour", "1855", 1.25),
        ("wind", "missing", -0.5),
        ("2 other inputs", "", 0.25),
    ]


@pytest.mark.parametrize(("inputs", "shown"), [(7, 7), (8, 8), (9, 9), (10, 9), (40, 9)])
def test_lines_add_up_to_the_score_however_many_are_shown(inputs: int, shown: int) -> None:
    found = wide(inputs)

    lines = words.lines(found.rows[0], 0, 8)

    assert len(lines) == shown
    total = found.base.score[0] + sum(line.adds for line in lines)
    assert total == pytest.approx(found.rows[0].score[0])


def test_each_output_has_an_order_of_its_own() -> None:
    row = (
        multiclass()
        .rows[0]
        .model_copy(
            update={
                "contributions": [
                    one.model_copy(update={"adds": [one.adds[0], one.adds[1], at * 9.0]})
                    for at, one in enumerate(multiclass().rows[0].contributions)
                ]
            }
        )
    )

    assert [line.name for line in words.lines(row, 1, 8)] == ["hue", "ash"]
    assert [line.name for line in words.lines(row, 2, 8)] == ["ash", "hue"]


def test_a_row_is_named_by_its_key_or_its_number() -> None:
    first, second = binary().rows

    assert words.name(first) == "date 2013-08-01, flight 11"
    assert words.name(second) == "row 1,234"


def test_values_are_written_as_a_person_would() -> None:
    hour, wind, carrier, age = binary().rows[0].contributions

    assert [words.value_of(one) for one in (hour, wind, carrier, age)] == [
        *("1855", "missing", "B6", "not shown")
    ]
    assert words.shown(-73.123456789) == "−73.1235"
    assert words.shown(False) == "False"


def test_predictions_are_probabilities_or_values() -> None:
    first = multiclass().rows[0]

    assert words.said(binary(), [0.5], 0) == "probability 0.5000"
    assert words.said(multiclass(), first.prediction, 1) == "probability 0.9420"
    assert words.output(multiclass(), 2) == "cultivar is 3"
    assert words.said(regression(), [140.25], 0) == "140.25"
    assert (words.unit(regression()), words.unit(binary())) == ("price", "log-odds")


def test_what_a_score_says_is_not_repeated_where_it_is_the_same() -> None:
    assert words.means(binary(), [0.5], 0) == "probability 0.5000"
    assert words.means(regression(), [140.25], 0) == ""


def test_another_models_answer_is_told_and_the_same_is_not() -> None:
    first, second = binary().rows

    assert words.anothers(binary(), first) == ""
    assert words.anothers(binary(), second) == (
        "The answer recorded was probability 0.3000: another model's, of which this is no "
        "explanation."
    )
    same = second.model_copy(update={"recorded": [0.11921]})
    assert words.anothers(binary(), same) == ""
