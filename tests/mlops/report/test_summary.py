"""The table that ends `make run`."""

import io
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from rich.text import Text

from mlops import params
from mlops.errors import DataError
from mlops.params import Params
from mlops.report.summary import show, table
from tests.conftest import ROOT

TEST: dict[str, Any] = {
    "roc_auc": 0.740954,
    "brier": 0.172978,
    "f1": 0.54366,
    "interval": {
        "roc_auc": {"low": 0.7126, "high": 0.7674},
        "brier": {"low": 0.1614, "high": 0.185},
        "f1": {"low": 0.489, "high": 0.5953},
    },
    "rows": 57049,
    "blocks": 62,
}
BASELINES = {
    "linear": {"roc_auc": 0.7313, "brier": 0.1755, "f1": 0.5287},
    "dummy": {"roc_auc": 0.5, "brier": 0.2039, "f1": 0.0},
}


def knobs(**floors: float) -> Params:
    given = params.load(ROOT / "params.yaml")
    return given.model_copy(update={"gates": given.gates.model_copy(update={"floors": floors})})


def lines(test: dict[str, Any], **floors: float) -> list[str]:
    out = io.StringIO()
    Console(file=out, width=120).print(table(test, BASELINES, knobs(**floors)))
    return out.getvalue().splitlines()


def cells(test: dict[str, Any], metric: str, **floors: float) -> list[str]:
    line = next(line for line in lines(test, **floors) if metric in line)
    return [cell.strip() for cell in line.strip("│").split("│")]


def style_of(test: dict[str, Any], place: int, **floors: float) -> str:
    value = list(table(test, BASELINES, knobs(**floors)).columns[1].cells)[place]
    assert isinstance(value, Text)
    return str(value.style)


def test_a_metric_has_value_interval_baselines_and_floor() -> None:
    found = cells(TEST, "roc_auc", roc_auc=0.66)

    assert found == ["roc_auc", "0.7410", "0.7126 to 0.7674", "0.7313", "0.5000", "0.66"]


def test_a_metric_without_a_floor_has_a_dash() -> None:
    assert cells(TEST, "f1", roc_auc=0.66)[-1] == "–"


def test_the_title_says_what_was_tested_on_how_much() -> None:
    assert "gradient_boosting on 57,049 held-out rows, 62 blocks" in lines(TEST)[0]
    assert "95 % interval" in "".join(lines(TEST))


@pytest.mark.parametrize(("floor", "missed"), [(0.74, False), (0.75, True)])
def test_a_value_under_its_floor_stands_out(floor: float, missed: bool) -> None:
    assert ("red" in style_of(TEST, 0, roc_auc=floor)) == missed


@pytest.mark.parametrize(("floor", "missed"), [(0.18, False), (0.17, True)])
def test_where_less_is_better_a_value_over_its_floor_stands_out(floor: float, missed: bool) -> None:
    assert ("red" in style_of(TEST, 1, brier=floor)) == missed


def test_a_value_that_is_missing_is_a_dash_and_misses_its_floor() -> None:
    without = TEST | {"roc_auc": None}
    without["interval"] = TEST["interval"] | {"roc_auc": {"low": None, "high": None}}

    assert cells(without, "roc_auc", roc_auc=0.66)[1:3] == ["–", "– to –"]
    assert "red" in style_of(without, 0, roc_auc=0.66)
    assert style_of(without, 0) == ""


@pytest.mark.usefixtures("repository")
def test_before_the_first_run_there_is_nothing_to_show() -> None:
    Path("metrics/test.json").unlink(missing_ok=True)

    with pytest.raises(DataError, match=r"metrics/test.json is missing; run `make run` first"):
        show()
