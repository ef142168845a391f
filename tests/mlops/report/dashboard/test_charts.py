"""Where marks, bars and intervals stand."""

import re
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from mlops.dashboard.cards import Difference, Groups
from mlops.dashboard.reigns import Reign
from mlops.report.dashboard import charts
from mlops.report.dashboard.charts import Mark, bar, measures, months, over, parts, spans, timeline

FIRST = datetime(2013, 9, 10, tzinfo=UTC)


def mark(place: int, value: float, style: str = "past", half: float | None = None) -> Mark:
    low, high = (None, None) if half is None else (value - half, value + half)
    return Mark(place, value, low, high, style, f"figure.{place}", "so much")


def heights(svg: str) -> list[tuple[float, float]]:
    """The value and the place of every tick of the upright axis."""
    found = re.findall(r'class="tick" x="38" y="([\d.]+)" text-anchor="end">([^<]*)', svg)
    return [(float(text), float(y) - 4) for y, text in found]


def test_a_mark_stands_at_its_value_on_the_axis() -> None:
    values = [0.712, 0.75, 0.731]
    svg = over("roc_auc", ["1", "2", "3"], [mark(n, v, half=0.02) for n, v in enumerate(values)])

    ticks = np.array(heights(svg))
    slope, start = np.polyfit(ticks[:, 0], ticks[:, 1], 1)
    places = [float(y) for y in re.findall(r'<circle cx="[\d.]+" cy="([\d.]+)"', svg)]
    assert np.allclose(places, slope * np.array(values) + start, atol=0.2)
    ends = re.findall(
        r'class="interval past" x1="([\d.]+)" x2="\1" y1="([\d.]+)" y2="([\d.]+)"', svg
    )
    lows = [float(low) for _, low, _ in ends]
    assert np.allclose(lows, slope * (np.array(values) - 0.02) + start, atol=0.2)
    assert len(ends) == 3


def test_the_line_goes_through_the_marks_and_the_crosses() -> None:
    marks = [mark(0, 0.7), mark(1, 0.8, "undone"), mark(3, 0.6, "champion")]
    svg = over("roc_auc", list("abcd"), marks)

    line = re.search(r'class="line arrived" points="([^"]*)"', svg)
    assert line
    corners = [tuple(map(float, pair.split(","))) for pair in line[1].split()]
    circles = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"', svg)
    cross = re.search(r'<path d="M([\d.]+) ([\d.]+)l9 9m0 -9l-9 9" class="mark undone"', svg)
    assert cross
    assert [corners[0], corners[2]] == [(float(x), float(y)) for x, y in circles]
    assert corners[1] == pytest.approx((float(cross[1]) + 4.5, float(cross[2]) + 4.5))
    step = (charts.WIDTH - charts.LEFT - charts.RIGHT) / 4
    assert np.diff([x for x, _ in corners]) == pytest.approx([step, 2 * step], abs=0.11)


def test_each_kind_has_a_line_of_its_own_and_a_level_is_drawn() -> None:
    marks = [mark(0, 0.7), mark(0, 0.74, "held"), mark(1, 0.72, "alarm"), mark(1, 0.74, "held")]
    svg = over("roc_auc", ["a", "b"], marks, level=0.6)

    assert len(re.findall(r'<polyline class="line (arrived|held)"', svg)) == 2
    assert svg.count('class="level"') == 1
    assert re.findall(r'class="mark (\w+)"', svg) == [*("held", "held", "past", "alarm")]


def test_without_a_mark_there_is_no_chart() -> None:
    assert over("roc_auc", ["1"], []) == ""


@pytest.mark.parametrize("value", [0.0, 0.5, 1e6])
def test_one_value_is_drawn_all_the_same(value: float) -> None:
    svg = over("rmse", ["1.0.0"], [mark(0, value)])

    assert "nan" not in svg
    assert re.search(r'<circle cx="[\d.]+" cy="([\d.]+)"', svg)


@pytest.mark.parametrize("count", [1, 2, 5, 9, 40])
def test_names_have_room_and_the_newest_has_one(count: int) -> None:
    names = [f"1.{n}.0" for n in range(count)]
    svg = over("roc_auc", names, [mark(n, 0.7) for n in range(count)])

    found = re.findall(r'class="tick" x="([\d.]+)" y="181" text-anchor="middle">([^<]*)', svg)
    assert found[-1][1] == names[-1]
    assert all(np.diff([float(x) for x, _ in found]) > 6 * charts.LETTER * 0.9)
    assert all(float(x) + len(name) * 3.5 <= charts.WIDTH for x, name in found)


def reign(since: float, until: float | None) -> Reign:
    return Reign(
        number=1,
        version="1.0.0",
        since=FIRST + timedelta(days=since),
        until=None if until is None else FIRST + timedelta(days=until),
        kind="promotion",
        reason="",
        by="",
        ended=None,
    )


def test_reigns_share_a_scale_that_ends_with_the_newest_fact() -> None:
    reigns = [reign(0, 25), reign(25, 40), reign(60, None)]

    bars = timeline(reigns, FIRST + timedelta(days=100))
    assert [(one.left, one.width) for one in bars] == [(0, 25), (25, 15), (60, 40)]
    just_begun = timeline([*reigns, reign(100, None)], FIRST + timedelta(days=100))[-1]
    assert (just_begun.left, just_begun.width) == (charts.LAST, 100 - charts.LAST)
    assert timeline([reign(0, None)], FIRST) == [charts.Bar(0, 0)]


def test_months_stand_where_they_begin() -> None:
    reigns = [reign(0, None)]

    assert months(reigns, FIRST + timedelta(days=100)) == [
        ("2013-10", 21),
        ("2013-11", 52),
        ("2013-12", 82),
    ]
    assert months(reigns, FIRST + timedelta(days=3)) == []
    assert months(reigns, FIRST) == []
    many = months(reigns, FIRST + timedelta(days=3650))
    assert 2 <= len(many) <= charts.MONTHS
    assert all(place <= charts.ROOM for _, place in many)


def test_parts_add_up_to_the_whole() -> None:
    assert parts([1.0, 3.0], 8.0) == [12.5, 37.5]
    assert parts([0.0], 0.0) == [0.0]


def test_bars_of_a_measure_go_from_nothing_to_the_value() -> None:
    found = Groups(
        groups={"a": {"rows": 3, "gap": -0.1}, "b": {"rows": 9, "gap": 0.3}, "c": {"rows": 1}}
    )

    scales = measures(found)
    assert scales == {"rows": (0.0, 9.0), "gap": (-0.1, 0.3)}
    assert bar(3, scales["rows"]) == charts.Bar(0.0, 33.33)
    assert bar(-0.1, scales["gap"]) == charts.Bar(0.0, 25.0)
    assert bar(0.3, scales["gap"]) == charts.Bar(25.0, 75.0)
    assert bar(0.0, (0.0, 0.0)) == charts.Bar(0.0, 0.0)


def test_differences_of_a_slice_share_a_scale_with_nothing_on_it() -> None:
    found = Groups(
        groups={},
        differences={
            "a": Difference(value=0.1, low=-0.1, high=0.3),
            "b": Difference(value=0.2),
            "c": Difference(value=None),
        },
    )

    drawn = spans(found)
    assert drawn["a"] == charts.Spread(value=50, low=2, high=98, none=26)
    assert drawn["b"] == charts.Spread(value=74, low=None, high=None, none=26)
    assert drawn["c"] is None
