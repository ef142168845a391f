"""Explanations in a terminal."""

from pathlib import Path

import pytest

from mlops.report.explain.terminal import show
from tests.mlops.report.explain.examples import binary, multiclass, regression


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What was printed, without the drawing of tables."""
    drawn = str.maketrans("│┃", "||")
    return [
        " ".join(line.translate(drawn).replace("|", " ").split())
        for line in capsys.readouterr().out.splitlines()
    ]


def test_a_row_goes_from_the_base_to_the_score(capsys: pytest.CaptureFixture[str]) -> None:
    show(binary(), Path("reports/explain"))

    found = lines(capsys)
    first = found.index("late: date 2013-08-01, flight 11")
    assert [found[first + at] for at in (2, 4, 5, 6, 7, 8, 10)] == [
        "input value log-odds",
        "base probability 0.2689 −1.0000",
        "hour 1855 +1.2500",
        "wind missing −0.5000",
        "carrier B6 +0.2500",
        "age not shown 0.0000",
        "score probability 0.5000 0.0000",
    ]
    assert "late: row 1,234" in found
    assert any(line.startswith("The answer recorded was probability 0.3000") for line in found)
    assert "hour 0.5000 0.0200" in found
    assert "age 0.0000 –" in found
    assert "reports/explain/explain.html draws it" in found[-1]


def test_of_several_classes_the_likeliest_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    show(multiclass(), Path("reports/explain"))

    found = lines(capsys)
    assert "cultivar is white: wine wine-001" in found
    assert "hue 0.8 +2.0000" in found
    assert "score probability 0.9420 2.5000" in found


def test_a_number_is_not_told_twice(capsys: pytest.CaptureFixture[str]) -> None:
    show(regression(), Path("reports/explain"))

    found = lines(capsys)
    assert "base 150.00" in found
    assert "size −3.5 −12.25" in found
    assert "score 140.25" in found
