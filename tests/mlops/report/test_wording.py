"""Numbers and words of a verdict."""

import pytest

from mlops.judge.verdict import Champion, Measure, Metric
from mlops.report import wording
from tests.mlops.report import verdicts


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.74104, "0.7410"),
        (-0.0028, "−0.0028"),
        (0.0, "0"),
        (50.0, "50"),
        (57_049.0, "57,049"),
        (54.3127, "54.313"),
        (123_456.78, "123,456.8"),
        (0.00003, "3e-05".replace("-", "−")),
        (1e300, "1e+300"),
        (None, "–"),
        (float("nan"), "–"),
        (float("inf"), "–"),
    ],
)
def test_a_number_has_the_digits_that_suit_it(value: float | None, shown: str) -> None:
    assert wording.number(value) == shown


def test_a_difference_has_a_sign_and_the_digits_of_what_differs() -> None:
    places = wording.decimals([54.3, 54.7, None])

    assert wording.signed(0.459, places) == "+0.459"
    assert wording.signed(-0.0028) == "−0.0028"
    assert wording.signed(0.0) == "0.0000"
    assert wording.signed(0.000002, 4) == "+0.0000"
    assert wording.signed(None) == "–"
    assert wording.interval(-0.1, 0.25, 2) == "−0.10 to +0.25"
    assert wording.interval(None, 0.25) == "–"


@pytest.mark.parametrize(
    ("level", "shown"),
    [(0.95, "95 %"), (0.975, "97.5 %"), (0.9917, "99.2 %"), (0.99999, "99.999 %"), (0.5, "50 %")],
)
def test_a_level_never_reads_as_certainty(level: float, shown: str) -> None:
    assert wording.percent(level) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.42, "0.4 s"), (12.4, "12 s"), (200.4, "3 min 20 s"), (None, "–"), (-1, "–"), (1e99, "–")],
)
def test_durations(value: float | None, shown: str) -> None:
    assert wording.seconds(value) == shown


@pytest.mark.parametrize(
    ("low", "high", "margin", "reads"),
    [
        (0.001, 0.02, None, "better"),
        (0.001, 0.02, 0.01, "better"),
        (0.0, 0.02, None, "open"),
        (0.0, 0.02, 0.01, "no worse"),
        (-0.01, 0.02, 0.01, "no worse"),
        (-0.011, 0.02, 0.01, "open"),
        (-0.02, -0.005, 0.01, "open"),
        (-0.02, -0.011, 0.01, "worse"),
        (-0.02, -0.001, None, "worse"),
        (None, None, 0.01, ""),
    ],
)
def test_what_an_interval_lets_one_say(
    low: float | None, high: float | None, margin: float | None, reads: str
) -> None:
    metric = Metric(name="m", better="higher", value=1, difference=0.0, low=low, high=high)

    assert wording.reading(metric, margin) == reads


def test_the_worst_come_first_by_how_far_they_reach_under_their_margin() -> None:
    def measure(name: str, outcome: str, low: float | None, limit: float) -> Measure:
        difference = None if low is None else low + 0.01
        return Measure.model_validate(
            {"name": name, "outcome": outcome, "difference": difference, "low": low, "limit": limit}
        )

    measures = [
        measure("fine", "pass", 0.01, 0.06),
        measure("two margins of brier", "fail", -0.03, 0.015),
        measure("one margin of roc_auc", "fail", -0.06, 0.06),
        measure("open", "inconclusive", -0.5, 0.06),
        measure("no interval", "fail", None, 0.06),
        measure("small", "not applicable", None, 0.06),
    ]

    assert [m.name for m in wording.worst_first(measures)] == [
        *("two margins of brier", "one margin of roc_auc", "no interval"),
        *("open", "fine", "small"),
    ]


def test_comparisons_are_gates_with_intervals_of_something_that_is_no_metric() -> None:
    assert [gate.name for gate in wording.comparisons(verdicts.verdict())] == ["slices"]


def test_a_range_of_one_models_own_is_a_limit_and_no_comparison() -> None:
    slope = Measure(name="slope", outcome="pass", value=1.02, low=0.6, high=1.7)
    error = Measure(name="error", outcome="pass", value=0.03, limit=0.08)
    verdict = verdicts.verdict(
        gates=[verdicts.gate("calibration", measures=[slope, error]), verdicts.gate("protected")]
    )

    assert [wording.limit(measure) for measure in (slope, error)] == ["0.6000 to 1.7000", "0.0800"]
    assert wording.comparisons(verdict) == []


def test_gates_to_explain_begin_with_those_that_block() -> None:
    names = [gate.name for gate in wording.to_explain(verdicts.refused())]

    assert names == ["floors", "slices", "stability", "protected"]


@pytest.mark.parametrize(
    ("origin", "words"),
    [
        ("promoted", "the champion"),
        ("base", "the model of the base branch"),
        ("none", "no champion"),
    ],
)
def test_the_opponent_is_named(origin: str, words: str) -> None:
    assert wording.opponent(Champion.model_validate({"origin": origin})) == words
