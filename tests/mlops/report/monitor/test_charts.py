"""Small charts: everything lies where its number says."""

import re
import xml.etree.ElementTree as ET

import pytest

from mlops.monitor.result import Check, Concept, Estimated, Histogram
from mlops.report.monitor import charts as monitor_charts
from tests.mlops.report import monitored


def drawn(column: str = "temp", distance: float | None = 2.81) -> ET.Element:
    chart = monitor_charts.over_time(monitored.column(column, distance=distance), 0.1, 2)
    return ET.fromstring(str(chart))


def test_a_window_is_a_dot_as_high_as_its_distance() -> None:
    column = monitored.column("temp", distance=2.81)
    dots = drawn().findall("circle")
    rules = {float(line.attrib["y1"]) for line in drawn().findall("line[@class='grid']")}

    floor, top = max(rules), min(rules)
    assert [text.text for text in drawn().findall("text")][:3] == ["0", "2", "4"]
    for dot, window in zip(dots, column.windows, strict=True):
        height = (floor - float(dot.attrib["cy"])) / (floor - top) * 4
        assert height == pytest.approx(window.distance, abs=0.03)
    across = [float(dot.attrib["cx"]) for dot in dots]
    assert across == sorted(across)


def test_the_newest_windows_of_a_drifted_column_are_marked() -> None:
    assert [dot.attrib["class"] for dot in drawn().findall("circle")] == [
        *("challenger", "challenger"),
        *("fail", "fail"),
    ]
    assert {dot.attrib["class"] for dot in drawn(distance=None).findall("circle")} == {"challenger"}


def test_what_is_usual_and_the_least_that_matters_are_lines() -> None:
    chart = drawn("carrier", None)

    assert len(chart.findall("line[@class='usual']")) == 4
    (least,) = chart.findall("line[@class='least']")
    rules = {float(line.attrib["y1"]) for line in chart.findall("line[@class='grid']")}
    assert float(least.attrib["y1"]) == min(rules)  # 10 % is the top, where nothing moved
    assert [text.text for text in chart.findall("text")] == [
        *("0 %", "5 %", "10 %"),
        *("2013-09-03", "2013-09-30"),
    ]


def test_a_dot_says_what_it_is() -> None:
    titles = [title.text for title in drawn().iter("title")]

    assert titles[-1] == "2013-09-24 to 2013-09-30: 3.02 SD, usually 0.32 SD, p < 0.001"


def test_without_windows_nothing_is_drawn() -> None:
    assert monitor_charts.over_time(monitored.column("temp", untold=True), 0.1, 2) == ""


def test_a_window_that_lies_nowhere_near_is_drawn_all_the_same() -> None:
    column = monitored.column("temp").model_copy(
        update={
            "windows": [
                window.model_copy(update={"distance": 0.0, "usual": None})
                for window in monitored.column("temp").windows
            ]
        }
    )

    chart = ET.fromstring(str(monitor_charts.over_time(column, 0.0, 2)))

    assert len(chart.findall("circle")) == 4
    assert not chart.findall("line[@class='usual']")


def test_bars_are_as_long_as_their_shares() -> None:
    found = Histogram(labels=["a", "<b>", "gaps"], before=[0.5, 0.5, 0], now=[0.25, 0.7, 0.05])

    html = str(monitor_charts.histogram(found))

    widths = [float(width) for width in re.findall(r"width:([\d.]+)%", html)]
    assert widths == pytest.approx([71.4, 35.7, 71.4, 100, 0, 7.1])
    assert re.findall(r'title="([^"]*)"', html) == ["a", "&lt;b&gt;", "gaps"]
    assert re.findall(r'<td class="n">([^<]*)', html) == ["25.0 %", "70.0 %", "5.0 %"]


def test_many_bars_are_cut_and_counted() -> None:
    labels = [f"v{n}" for n in range(25)]

    html = str(monitor_charts.histogram(Histogram(labels=labels, before=[0] * 25, now=[0] * 25)))

    assert html.count("<tr>") == monitor_charts.BARS + 1
    assert "and 5 more" in html


def test_an_estimate_lies_between_its_ends_and_beside_the_truth() -> None:
    at = monitor_charts.spread(
        Estimated(name="brier", value=0.2, low=0.15, high=0.3, truth=0.1, held_out=0.25)
    )

    assert at is not None
    assert [at.truth, at.low, at.value, at.held_out, at.high] == [4.0, 27.0, 50.0, 73.0, 96.0]


@pytest.mark.parametrize(
    "changed", [{"low": None}, {"value": None}, {"low": 0.2, "high": 0.2}], ids=str
)
def test_an_estimate_without_an_interval_is_not_drawn(changed: dict[str, float | None]) -> None:
    metric = Estimated(name="brier", value=0.2, low=0.15, high=0.3)

    assert monitor_charts.spread(metric.model_copy(update=changed)) is None


@pytest.mark.parametrize(
    ("value", "limit", "reach", "beyond"),
    [(50, 100, 25, False), (100, 100, 50, False), (150, 100, 75, True), (900, 100, 100, True)],
)
def test_a_count_reaches_as_far_as_its_part_of_the_limit(
    value: float, limit: float, reach: float, beyond: bool
) -> None:
    at = monitor_charts.meter(Check(name="p99_ms", value=value, limit=limit))

    assert at == monitor_charts.Meter(reach=reach, beyond=beyond)


def test_a_count_without_a_limit_is_not_drawn() -> None:
    assert monitor_charts.meter(Check(name="p50_ms", value=2.0)) is None


def test_differences_count_in_margins_and_take_their_colour_from_the_state() -> None:
    tracks = monitor_charts.forest(monitored.performance(lost=0.013).metrics)

    assert [track.outcome for track in tracks if track] == ["pass", "pass", "fail", "pass", "pass"]
    brier = tracks[2]
    assert brier
    assert brier.margin
    assert brier.high < brier.margin < 50  # surely worse by more than the margin
    moved = monitor_charts.shift(Concept(state="alarm", shift=0.06, low=0.03, high=0.09))
    assert moved
    assert 50 < moved.low < moved.middle < moved.high
