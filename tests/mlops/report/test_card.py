"""The model card of made-up results of each task."""

import re
from typing import Any

import pytest
from jinja2 import UndefinedError

from mlops import params
from mlops.contract import Task
from mlops.evaluation.names import BETTER
from mlops.params import Params
from mlops.report.card import number, render
from tests.conftest import ROOT


@pytest.fixture
def knobs() -> Params:
    return params.load(ROOT / "params.yaml")


def results(task: Task) -> dict[str, Any]:
    """Every metric of a task, each different, with intervals, slices, behaviour and data."""
    values = {name: 0.5 + place / 100 for place, name in enumerate(BETTER[task])}
    return {
        "data": {
            "md5": "0123abcd.dir",
            "rows": {"flights": 224910, "planes": 3322},
            "failed_checks": 0,
            "shifted_columns": 2,
        },
        "test": values
        | {"interval": {name: {"low": v - 0.1, "high": v + 0.1} for name, v in values.items()}}
        | {"rows": 57049, "blocks": 62},
        "baselines": {
            "linear": {name: v - 0.2 for name, v in values.items()},
            "dummy": dict.fromkeys(values, 0.1),
        },
        "slices": {"carrier": {"UA": {"rows": 10056} | values, "OO": {"rows": 4}}},
        "behaviour": {
            "rain": {"kind": "rises", "share": 0.8234, "required": 0.7, "holds": True},
            "sun": {"kind": "low", "share": 0.5, "required": 0.95, "holds": False},
        },
    }


def card(task: Task, knobs: Params, prose: str = "## Intended use\n\nTo plan.", **more: Any) -> str:
    return render(
        task=task,
        params=knobs,
        params_hash="f" * 64,
        prose=prose,
        metrics=results(task) | more,
    )


def rows_of(text: str) -> list[list[str]]:
    """The cells of every row of every table."""
    lines = [line.strip() for line in text.splitlines() if line.startswith("|")]
    return [[c.strip() for c in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


@pytest.mark.parametrize("task", list(BETTER))
def test_every_metric_has_its_value_interval_baselines_and_floor(task: Task, knobs: Params) -> None:
    rows = {row[0]: row for row in rows_of(card(task, knobs)) if len(row) == 7}

    for place, (name, better) in enumerate(BETTER[task].items()):
        value = 0.5 + place / 100
        floor = knobs.gates.floors.get(name)
        assert rows[name] == [
            name,
            better,
            f"**{value:.3f}**",
            f"{value - 0.1:.3f} to {value + 0.1:.3f}",
            f"{value - 0.2:.3f}",
            "0.100",
            "–" if floor is None else f"{floor:.3f}",
        ]


@pytest.mark.parametrize("task", list(BETTER))
def test_every_table_is_a_table(task: Task, knobs: Params) -> None:
    """As many cells as in its header in every row, and a rule under the header."""
    blocks = re.findall(r"(?:^\|.*\n)+", card(task, knobs), flags=re.MULTILINE)

    assert len(blocks) == 5
    for block in blocks:
        header, rule, *body = rows_of(block)
        assert {len(row) for row in (rule, *body)} == {len(header)}
        assert all(re.fullmatch("-{2,3}:?", cell) for cell in rule)
        assert body


def test_a_small_slice_is_listed_with_dashes(knobs: Params) -> None:
    text = card("binary", knobs)

    assert ["carrier", "OO", "4", "–", "–", "–", "–", "–"] in rows_of(text)
    assert ["carrier", "UA", "10,056", "0.500", "0.510", "0.520", "0.530", "0.540"] in rows_of(text)
    assert "Under 500 rows a slice is listed and not scored." in text


def test_a_broken_expectation_stands_out(knobs: Params) -> None:
    rows = rows_of(card("binary", knobs))

    assert ["rain", "rises", "82.3 %", "70 %", "yes"] in rows
    assert ["sun", "low", "50.0 %", "95 %", "**no**"] in rows


def test_the_head_names_estimator_task_data_parameters_and_test(knobs: Params) -> None:
    rows = dict(row for row in rows_of(card("binary", knobs)) if len(row) == 2)

    assert rows["estimator"].startswith("`gradient_boosting`, l2_regularization 10.0, learning")
    assert rows["task"] == "binary"
    assert rows["data"] == "`0123abcd.dir`"
    assert rows["params.yaml"] == f"`{'f' * 16}`"
    assert rows["test"] == "57,049 rows in 62 blocks, time split"
    assert (rows["flights"], rows["planes"]) == ("224,910", "3,322")


def test_a_threshold_is_a_matter_of_two_classes(knobs: Params) -> None:
    assert "at the threshold 0.3" in card("binary", knobs)
    assert "threshold" not in card("regression", knobs)


def test_a_metric_without_a_value_is_a_dash(knobs: Params) -> None:
    test = results("regression")["test"]
    test["r2"], test["interval"]["r2"] = None, {"low": None, "high": None}

    rows = rows_of(card("regression", knobs, test=test))

    assert ["r2", "higher", "**–**", "– to –", "0.300", "0.100", "–"] in rows


def test_the_names_of_groups_cannot_break_a_table_nor_write_markup(knobs: Params) -> None:
    slices = {"genre": {"Action|Comedy": {"rows": 4}, "two\nlines": {"rows": 7}}}
    behaviour = {"a | b": {"kind": "low", "share": 1.0, "required": 0.9, "holds": True}}

    rows = rows_of(card("binary", knobs, slices=slices, behaviour=behaviour))

    assert ["genre", r"Action\|Comedy", "4", "–", "–", "–", "–", "–"] in rows
    assert ["genre", "two lines", "7", "–", "–", "–", "–", "–"] in rows
    assert [r"a \| b", "low", "100.0 %", "90 %", "yes"] in rows


def test_the_problems_own_words_are_taken_as_they_are(knobs: Params) -> None:
    prose = "## Intended use\n\n{{ not a template }} <b>&</b> 100 %"

    assert prose in card("binary", knobs, prose=prose)


def test_a_result_that_is_missing_is_an_error_and_no_gap(knobs: Params) -> None:
    test = results("binary")["test"]
    del test["brier"]

    with pytest.raises((UndefinedError, TypeError), match=r"StrictUndefined|brier"):
        card("binary", knobs, test=test)


def test_a_number_has_three_decimals() -> None:
    assert [number(value) for value in (0.12345, 1.0, None)] == ["0.123", "1.000", "–"]
