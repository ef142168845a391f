"""The picture says what the figures say: heights in the order of the values, a mark a decision."""

import re
import xml.etree.ElementTree as ET
from typing import Any

import pytest

from mlops.backtest.result import Line
from mlops.report.backtest import drawing
from tests.mlops.report import backtested
from tests.mlops.report.test_untrusted import ATTACKS

SVG = "{http://www.w3.org/2000/svg}"


def panel(number: int = 0, **changed: Any) -> ET.Element:
    drawn = drawing.panels(backtested.result(**changed))[number]
    return ET.fromstring(str(drawn))


def points(found: ET.Element, line: Line) -> list[list[tuple[float, float]]]:
    """The runs of a line, a list of places each."""
    runs = [e for e in found.iter("polyline") if e.attrib["class"] == f"line {line}"]
    return [
        [
            (float(x), float(y))
            for x, y in (pair.split(",") for pair in run.attrib["points"].split())
        ]
        for run in runs
    ]


def test_there_is_a_panel_for_each_metric_that_is_drawn() -> None:
    names = [found.attrib["aria-label"].split(",")[0] for found in (panel(0), panel(1))]

    assert names == ["roc_auc", "brier"]
    assert len(drawing.panels(backtested.result())) == 2


@pytest.mark.parametrize(("number", "higher_is_up"), [(0, True), (1, True)])
def test_a_greater_value_stands_higher(number: int, higher_is_up: bool) -> None:
    found = panel(number)
    metric = ("roc_auc", "brier")[number]

    for place, one in enumerate(backtested.result().periods):
        by_value = sorted(drawing.LINES, key=lambda line: one.scores[line][metric] or 0)
        heights = [points(found, line)[0][place][1] for line in by_value]
        assert heights == sorted(heights, reverse=higher_is_up)


def test_values_stand_in_proportion() -> None:
    (run,) = points(panel(), "gated")
    values = [one.scores["gated"]["roc_auc"] or 0 for one in backtested.result().periods]

    rise = [
        (run[0][1] - y) / (v - values[0]) for (_, y), v in zip(run[1:], values[1:], strict=True)
    ]
    assert rise[0] == pytest.approx(rise[1], rel=0.02)


def test_a_missing_value_breaks_the_line() -> None:
    lacking = backtested.scores(0.7)
    lacking["gated"] = {**lacking["gated"], "roc_auc": None}
    first, second, third = backtested.result().periods
    found = panel(periods=[first, second.model_copy(update={"scores": lacking}), third])

    assert [len(run) for run in points(found, "gated")] == [1, 1]
    assert [len(run) for run in points(found, "never")] == [3]


def test_a_dot_stands_where_a_promoted_model_serves_first() -> None:
    (dot,) = panel().iter("circle")

    (run,) = points(panel(), "gated")
    assert (float(dot.attrib["cx"]), float(dot.attrib["cy"])) == run[1]
    assert dot.findtext("title") == "1.0.0 serves"


def test_every_period_has_a_mark_of_the_monitor_and_of_the_gates() -> None:
    marks = [e for e in panel().iter("text") if e.attrib["class"].startswith("mark")]

    assert [m.text for m in marks] == ["○", "✓", "▲", "✕", "○", "✓"]
    assert marks[2].findtext("title") == "2013-05: alarm, drift of seats"


def test_alone_it_is_a_document_with_a_legend_in_both_schemes() -> None:
    text = drawing.alone(backtested.result())

    document = ET.fromstring(text)
    assert document.tag == f"{SVG}svg"
    keys = [e.text for e in document.iter(f"{SVG}text") if e.attrib["class"] == "key"]
    assert keys == list(drawing.LINES.values())
    assert "prefers-color-scheme: dark" in text
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)|url\(|@import|<script|href", text)
    _, _, width, height = map(float, document.attrib["viewBox"].split())
    for text_element in document.iter(f"{SVG}text"):
        assert 0 <= float(text_element.attrib["x"]) <= width
        assert 0 <= float(text_element.attrib["y"]) <= height


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_text_becomes_markup(attack: str) -> None:
    found = backtested.result(model=attack[:200])
    hostile = found.periods[0].model_copy(update={"name": attack[:200], "serving": attack[:200]})
    drawn = drawing.alone(found.model_copy(update={"periods": [hostile, *found.periods[1:]]}))

    tags = {element.tag.removeprefix(SVG) for element in ET.fromstring(drawn).iter()}
    assert tags <= {"svg", "style", "rect", "g", "text", "line", "polyline", "circle", "title"}
