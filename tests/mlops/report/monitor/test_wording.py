"""What is said of a look, wherever it is shown."""

import pytest

from mlops.monitor.result import Reason, Result
from mlops.report.monitor import wording as words
from tests.mlops.report import monitored


def lines(result: Result) -> dict[str, tuple[str, str]]:
    return {part.name: (part.state, part.what) for part in words.told(result)}


def test_every_part_is_told_in_a_line() -> None:
    assert lines(monitored.alarm()) == {
        "quality": ("steady", "nothing wrong"),
        "drift": ("alarm", "2 of 15 inputs drifted: temp, carrier"),
        "predictions": ("steady", "moved 0.36 SD where 0.40 SD is usual"),
        "label": ("steady", "moved 0.25 SD where 0.28 SD is usual"),
        "performance": ("alarm", "brier 0.1892, 0.1730 held out; roc_auc 0.7321, 0.7410 held out"),
        "concept": ("alarm", "shift +0.0612 (+0.0362 to +0.0862)"),
        "estimate": (
            "steady",
            "roc_auc 0.7361 (0.7021 to 0.7701); average_precision 0.5352 (0.5012 to 0.5692)",
        ),
        "serving": ("alarm", "120,431 requests, beyond its limit: p99_ms"),
    }


def test_what_cannot_be_told_says_why_not() -> None:
    told = lines(monitored.waiting())

    assert told["drift"] == (
        "untold",
        "1 block is there, monitor.window × monitor.windows = 14 are needed",
    )
    assert told["predictions"] == ("untold", "cannot be told yet")
    assert told["performance"] == ("untold", "no row has a label yet")
    assert told["serving"] == ("untold", "no metrics were given")
    assert lines(monitored.failed()) == {}


def test_broken_rows_are_counted() -> None:
    told = lines(monitored.broken())

    assert told["quality"] == (
        "alarm",
        "7 findings, 12 repeated rows, 340 rows that the model knows",
    )
    assert told["drift"] == ("alarm", "1 of 15 inputs drifted: humid")


def test_many_drifted_inputs_are_counted_and_the_first_named() -> None:
    drift = monitored.drift(drifted=dict.fromkeys(monitored.NUMBERS, 1.0))

    assert lines(monitored.result(drift=drift))["drift"][1] == (
        "13 of 15 inputs drifted: temp, dewp, humid, wind_speed, pressure and 8 more"
    )


@pytest.mark.parametrize(
    ("sections", "proposed"),
    [
        (["drift"], True),
        (["performance", "concept"], True),
        (["serving"], False),
        (["quality", "drift"], False),
    ],
    ids=str,
)
def test_each_reason_has_its_remedy_and_a_new_model_where_that_may_help(
    sections: list[str], proposed: bool
) -> None:
    reasons = [Reason(section=section, what="x") for section in sections]  # type: ignore[arg-type]

    said = words.remedies(monitored.result(outcome="alarm", reasons=[*reasons, reasons[0]]))

    assert said[: len(sections)] == [words.NEXT[section] for section in sections]  # type: ignore[index]
    assert (words.RETRAIN in said) == proposed
    assert (words.BROKEN in said) == (sections == ["quality", "drift"])


def test_without_an_alarm_nothing_is_decided() -> None:
    assert words.remedies(monitored.steady()) == ["Nothing."]
    for result in (monitored.no_data(), monitored.failed()):
        (said,) = words.remedies(result)
        assert said.startswith("Nothing was decided")


def test_the_worst_slices_come_first_and_those_without_a_score_last() -> None:
    found = monitored.performance().slices

    ranked = [one.name for one in words.worst_slices(found)]
    errors = [
        one.model_copy(
            update={
                "metrics": {"brier": one.metrics.get("brier")},
                "held_out": {"brier": 0.171},
            }
        )
        for one in found
    ]

    assert ranked == [f"carrier = {name}" for name in ("B6", "DL", "UA", "EV", "OO")]
    assert [one.name for one in words.worst_slices(errors)] == ranked  # less is better


def test_numbers_have_their_units() -> None:
    number, text = monitored.column("temp", distance=1.2345), monitored.column("carrier")

    assert words.moved(number, number.distance) == "1.23 SD"
    assert words.moved(text, 0.118) == "11.8 %"
    assert words.moved(text, None) == "–"
    assert [words.share(part) for part in (None, 0.0, 1.0, 0.005)] == ["–", "0 %", "100 %", "0.5 %"]
    assert [words.chance(p) for p in (None, 0.0004, 0.04)] == ["–", "< 0.001", "0.040"]
    assert [words.chance_of(p) for p in (None, 0.0004, 0.04)] == ["p = –", "p < 0.001", "p = 0.040"]
    assert words.counted(1, "row") == "1 row"
    assert words.counted(1_200, "row") == "1,200 rows"
    assert words.span(0.25, None) == "–"
    assert words.level(None) == "–"
    assert words.arrow("brier") == "↓"
    assert words.arrow("roc_auc") == "↑"
    assert words.arrow("unheard of") == ""


def test_the_column_to_draw_is_the_first_that_drifted() -> None:
    drift = monitored.drift(drifted={"seats": 0.9})
    shuffled = [*reversed(drift.columns)]

    assert words.worst(shuffled) == drift.columns[0]
    assert words.worst(monitored.drift(why_not="too short").columns) is None
