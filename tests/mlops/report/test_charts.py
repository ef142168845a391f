"""Charts of the page: the places of lines, bars and intervals."""

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
from markupsafe import Markup

from mlops.contract import Task
from mlops.evaluation.curves import curves
from mlops.evaluation.metrics import Truth
from mlops.report import charts
from mlops.report.charts import Series, forest, lines
from tests.mlops.report import verdicts
from tests.mlops.report.rendered import Page


def points(svg: str, style: str) -> np.ndarray[Any, Any]:
    """The corners of a line, in the chart's own coordinates."""
    found = re.search(rf'class="line {style}" points="([^"]*)"', svg)
    assert found
    return np.array([[float(v) for v in pair.split(",")] for pair in found[1].split()])


def test_a_line_goes_from_corner_to_corner() -> None:
    svg = lines([Series("challenger", "challenger", [0, 0.5, 1], [0, 0.75, 1])], "x", "y")

    drawn = points(svg, "challenger")
    left, right = charts.LEFT, charts.WIDTH - charts.RIGHT
    top, bottom = charts.TOP, charts.HEIGHT - charts.BOTTOM
    assert drawn.tolist() == [
        [left, bottom],
        [(left + right) / 2, pytest.approx(bottom - 0.75 * (bottom - top), abs=0.1)],
        [right, top],
    ]


def test_a_tick_stands_at_its_number() -> None:
    svg = lines([Series("a", "other", [0, 1], [-0.2, 0.2])], "x", "y")

    found = re.findall(r'class="tick" x="([\d.]+)" y="[\d.]+" text-anchor="(\w+)">([^<]*)', svg)
    across = {text: float(x) for x, anchor, text in found if anchor == "middle"}
    assert list(across) == ["0", "0.2", "0.4", "0.6", "0.8", "1"]
    assert np.allclose(np.diff(list(across.values())), 59.6, atol=0.11)
    assert [text for _, anchor, text in found if anchor == "end"] == [
        *("−0.2", "−0.1", "0", "0.1", "0.2")
    ]


@pytest.mark.parametrize(("low", "high"), [(0, 1), (0.08, 0.93), (-3, 1e6), (1e-6, 2e-6), (5, 5.5)])
def test_there_are_a_few_ticks_on_any_axis(low: float, high: float) -> None:
    svg = lines([Series("a", "other", [low, high], [low, high])], "x", "y")

    assert 3 <= svg.count('text-anchor="end"') <= 11


def test_what_is_no_number_is_not_drawn() -> None:
    nan = float("nan")

    assert lines([Series("a", "other", [nan], [1])], "x", "y") == ""
    assert (
        len(points(lines([Series("a", "other", [0, nan, 1], [0, 5, 1])], "x", "y"), "other")) == 2
    )


def test_names_are_escaped() -> None:
    svg = lines([Series("a", "other", [0, 1], [0, 1])], "<script>", '"onload="x')

    assert isinstance(svg, Markup)
    assert "<script>" not in svg
    assert {name for name, _ in Page(svg).tags} == {"svg", "line", "text", "g", "polyline"}
    assert all("onload" not in attrs for _, attrs in Page(svg).tags)


def test_intervals_with_margins_share_an_axis_that_counts_in_margins() -> None:
    one, two = forest([(-0.03, -0.01, 0.01, 0.06, "pass"), (-0.3, -0.1, 0.1, 0.6, "fail")])

    assert one is not None
    assert two is not None
    assert (one.low, one.middle, one.high, one.margin) == (
        two.low,
        two.middle,
        two.high,
        two.margin,
    )
    assert (one.outcome, two.outcome) == ("pass", "fail")
    assert one.margin == pytest.approx(50 - 50 / 1.2, abs=0.01)
    assert one.middle == pytest.approx(50 - 50 / 1.2 / 6, abs=0.01)
    assert one.low < one.middle < 50 < one.high


def test_an_interval_far_outside_is_cut_and_says_so() -> None:
    wide, narrow = forest([(-9.0, -5.0, 9.0, 1.0, "fail"), (-0.5, 0.0, 0.5, 1.0, "pass")])

    assert wide is not None
    assert narrow is not None
    assert (wide.low, wide.high, wide.cut_low, wide.cut_high) == (0, 100, True, True)
    assert narrow.margin == pytest.approx(50 - 50 / charts.REACH, abs=0.01)
    assert not narrow.cut_low


def test_without_a_margin_an_interval_has_its_own_scale() -> None:
    drawn, none, flat = forest(
        [(-2.0, 0.0, 1.0, None, None), (None, 1.0, 2.0, 1.0, None), (0.0, 0.0, 0.0, None, None)]
    )

    assert drawn is not None
    assert drawn.low == pytest.approx(2.38, abs=0.01)
    assert drawn.middle == 50
    assert drawn.margin is None
    assert none is None
    assert flat is None


def plots(task: Task, classes: list[Any]) -> dict[str, dict[str, pd.DataFrame]]:
    """As the stage `evaluate` makes them, for two models."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, len(classes), 300).astype(float) if classes else rng.normal(size=300)
    found: dict[str, dict[str, pd.DataFrame]] = {}
    for who in ("challenger", "champion"):
        p: Any = y + rng.normal(size=300)
        if classes:
            p = 0.5 * np.eye(len(classes))[y.astype(int)] + 0.5 * rng.dirichlet(
                np.ones(len(classes)), 300
            )
        p = p[:, 1] if task == "binary" else p
        for name, frame in curves(task, Truth(y, len(classes), 0.5), p, classes).items():
            found.setdefault(name, {})[who] = frame
    return found


@pytest.mark.parametrize(
    ("task", "classes", "titles"),
    [
        (
            "binary",
            [0, 1],
            [
                *("ROC curve", "Precision and recall", "Calibration"),
                *("Confusion, challenger", "Confusion, champion"),
            ],
        ),
        (
            "multiclass",
            ["ash", "oak"],
            [
                *("ROC curve: ash", "ROC curve: oak", "Calibration"),
                *("Confusion, challenger", "Confusion, champion"),
            ],
        ),
        ("regression", [], ["Calibration", "Residuals"]),
    ],
)
def test_every_plot_of_a_task_is_drawn_for_both_models(
    task: Task, classes: list[Any], titles: list[str]
) -> None:
    drawn = charts.drawings(plots(task, classes))

    assert [drawing.title for drawing in drawn] == titles
    for drawing in drawn:
        if "<svg" in drawing.body:
            assert 'challenger"' in drawing.body
            assert 'champion"' in drawing.body
            assert [name for _, name in drawing.legend] == ["challenger", "champion"]


def test_a_champion_may_be_missing() -> None:
    alone = {name: {"challenger": of["challenger"]} for name, of in plots("binary", [0, 1]).items()}

    drawn = charts.drawings(alone)

    assert [drawing.title for drawing in drawn][-1] == "Confusion, challenger"
    assert all("champion" not in drawing.body for drawing in drawn)
    assert charts.drawings({"roc": {"champion": pd.DataFrame({"x": [1], "y": [1]})}}) == []


def test_importances_are_bars_in_proportion() -> None:
    frame = pd.DataFrame({"feature": ["temp", "<b>", "wind"], "loss": [0.2, 0.05, -0.1]})

    (drawing,) = charts.drawings({"importance": {"challenger": frame}})

    assert re.findall(r"width:([\d.]+)%", drawing.body) == ["100.0", "25.0", "0.0"]
    assert "<b>" not in drawing.body
    assert "−0.1000" in drawing.body


def test_the_confusion_has_the_share_of_every_class() -> None:
    rows = [("ash", "ash")] * 3 + [("ash", "oak")] + [("oak", "oak")] * 2
    frame = pd.DataFrame(rows, columns=["actual", "predicted"])

    (drawing,) = charts.drawings({"confusion": {"challenger": frame}})

    assert re.findall(r"(\d+)%</td>", drawing.body) == ["75", "25", "0", "100"]


@pytest.mark.parametrize("name", ["roc", "importance", "confusion", "residuals", "other"])
def test_a_table_that_is_not_what_its_name_says_is_left_out(name: str) -> None:
    for frame in (pd.DataFrame({"a": ["x"]}), pd.DataFrame({"a": ["x"], "b": [None]})):
        assert charts.drawings({name: {"challenger": frame}}) == []


def test_many_classes_are_named_and_not_all_drawn() -> None:
    labels = [f"class {n}" for n in range(12) for _ in range(2)]
    frame = pd.DataFrame({"x": [0, 1] * 12, "y": [0, 1] * 12, "label": labels})

    drawn = charts.drawings({"roc": {"challenger": frame}})

    assert len(drawn) == charts.CLASSES
    assert drawn[-1].title == "ROC curve: class 8 (the first 9 of 12 classes)"


def test_the_small_charts_of_a_verdict_can_be_drawn_too() -> None:
    drawn = charts.of_verdict(verdicts.charts())

    assert [(d.title, len(d.legend)) for d in drawn] == [("ROC", 3), ("Calibration", 3)]
