"""Charts as mermaid: lines through even steps of a shared stretch."""

import json
import re

import numpy as np
import pytest

from mlops.judge.verdict import Chart, Curve
from mlops.report import mermaid


def chart(*curves: tuple[list[float], list[float]], title: str = "t") -> Chart:
    named = [Curve(name=f"c{n}", x=x, y=y) for n, (x, y) in enumerate(curves)]
    return Chart(name="n", title=title, x="false_positive_rate", y="y", curves=named)


def heights(diagram: str) -> list[list[float]]:
    return [json.loads(line) for line in re.findall(r"^ *line (\[.*\])$", diagram, re.MULTILINE)]


def test_every_line_is_interpolated_where_all_of_them_are() -> None:
    diagram = mermaid.lines(chart(([0, 0.5, 1], [0, 0.8, 1]), ([0.2, 0.8], [0.1, 0.7])))

    assert 'x-axis "false positive rate" 0.2 --> 0.8' in diagram
    lower, upper = heights(diagram)  # the first curve on top
    grid = np.linspace(0.2, 0.8, mermaid.POINTS)
    assert np.allclose(upper, np.interp(grid, [0, 0.5, 1], [0, 0.8, 1]), atol=1e-4)
    assert np.allclose(lower, grid - 0.1, atol=1e-4)


def test_a_colour_belongs_to_its_curve() -> None:
    diagram = mermaid.lines(chart(([0, 1], [0, 1]), ([0, 1], [1, 0])))

    first, second = list(mermaid.COLOURS.values())[:2]
    assert f'"plotColorPalette": "{second}, {first}"' in diagram
    assert heights(diagram)[0][0] == 1


def test_points_in_disorder_are_sorted() -> None:
    diagram = mermaid.lines(chart(([1, 0, 0.5], [2, 1, 1.5])))

    assert np.allclose(heights(diagram)[0], np.linspace(1, 2, mermaid.POINTS), atol=1e-4)


@pytest.mark.parametrize(
    "curves",
    [[], [([], [])], [([1], [1])], [([1, 1], [1, 2])], [([0, 1], [0, 1]), ([2, 3], [0, 1])]],
    ids=["none", "empty", "a point", "upright", "apart"],
)
def test_without_a_shared_stretch_there_is_no_chart(
    curves: list[tuple[list[float], list[float]]],
) -> None:
    assert mermaid.lines(chart(*curves)) == ""
    assert mermaid.table(chart(*curves)) == []


def test_a_level_line_has_an_axis_around_it() -> None:
    assert 'y-axis "y" 2.5 --> 3.5' in mermaid.lines(chart(([0, 1], [3, 3])))


def test_numbers_have_no_exponent() -> None:
    diagram = mermaid.lines(chart(([0, 1e-7], [1e11, -1e-9])))

    assert not re.search(r"\de", diagram.split("xychart-beta")[1].replace("line", ""))


def test_the_title_keeps_only_harmless_characters() -> None:
    diagram = mermaid.lines(chart(([0, 1], [0, 1]), title='a"]\n```\n<b>%%{x}'))

    assert '    title "a b x"' in diagram.splitlines()


def test_a_text_of_which_nothing_is_left_is_a_hyphen() -> None:
    assert '    title "-"' in mermaid.lines(chart(([0, 1], [0, 1]), title="<>")).splitlines()


def test_the_table_has_the_same_heights() -> None:
    rows = mermaid.table(chart(([0, 1], [0, 2]), ([0, 1], [1, 1])), rows=3)

    assert rows == [(0.0, [0.0, 1.0]), (0.5, [1.0, 1.0]), (1.0, [2.0, 1.0])]
