"""The winner stands in params.yaml, and every other byte stays."""

import difflib

import pytest
from ruamel.yaml import YAML

from mlops.tune.decide import decide
from mlops.tune.values import changes, set_in
from tests.conftest import ROOT
from tests.mlops.tune.conftest import searched, trial

KNOBS = [ROOT / "params.yaml", *sorted((ROOT / "tests/problems").glob("*/params.yaml"))]


def changed(before: str, after: str) -> list[str]:
    lines = difflib.ndiff(before.splitlines(), after.splitlines())
    return [line for line in lines if line[0] in "+-"]


def test_one_line_changes_and_keeps_its_comment() -> None:
    text = (ROOT / "params.yaml").read_text()

    assert changed(text, set_in(text, "gradient_boosting", {"max_iter": 317})) == [
        "-     max_iter: 150 # trees",
        "+     max_iter: 317 # trees",
    ]


@pytest.mark.parametrize("path", KNOBS, ids=lambda path: path.parent.name)
def test_nothing_changes_without_a_value(path: str) -> None:
    text = path.read_text()  # type: ignore[attr-defined]

    assert set_in(text, "ridge", {}).startswith(text[: text.index("model:")])
    estimator = YAML(typ="safe").load(text)["model"]["estimator"]
    assert set_in(text, estimator, {}) == text


def test_a_parameter_that_is_not_there_yet_is_added_to_its_block() -> None:
    text = (ROOT / "params.yaml").read_text()

    assert changed(text, set_in(text, "gradient_boosting", {"max_features": 0.5})) == [
        "+     max_features: 0.5"
    ]


def test_a_block_that_is_not_there_yet_is_added() -> None:
    text = (ROOT / "params.yaml").read_text()

    assert changed(text, set_in(text, "forest", {"trees": 9})) == ["+   forest:", "+     trees: 9"]


@pytest.mark.parametrize("value", [1e-07, 0.1, 3.0, 1e16, 5, True, "balanced", "no", None])
def test_what_is_written_is_what_is_read(value: object) -> None:
    text = set_in((ROOT / "params.yaml").read_text(), "logistic_regression", {"C": value})  # type: ignore[dict-item]

    found = YAML(typ="safe").load(text)["model"]["logistic_regression"]["C"]
    assert found == value
    assert type(found) is type(value)


def test_only_a_winner_changes_anything_and_only_what_differs() -> None:
    present = trial(1.0, 0.4, 0.5, settings={"alpha": 1.0, "degree": 2})
    better = trial(1.0, 0.5, 0.6, settings={"alpha": 1.0, "degree": 3})
    both = {"present": present.settings}

    assert changes(decide(searched(present, better, **both))) == {"degree": 3}
    worse = decide(searched(present, trial(1.0, 0.3, 0.6, settings=better.settings), **both))
    assert changes(worse) == {}
