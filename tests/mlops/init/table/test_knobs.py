"""params.yaml is edited as text: what is not named stays as it is, to the byte."""

from typing import Any

from ruamel.yaml import YAML

from mlops.init.table.knobs import Said, edited
from mlops.params import load
from tests.conftest import ROOT

TEXT = """\
# a heading

split:
  rule: time # how
  test_share: 0.25

model:
  estimator: old # one of them
  old:
    depth: 3 # of a tree

gates:
  floors: # what it must reach
    roc_auc: 0.66
  slope: [0.6, 1.7] # within
"""


def test_values_change_and_comments_stay() -> None:
    changes: dict[tuple[str, ...], Any] = {
        ("split", "rule"): "random",
        ("gates", "slope"): (0.5, 2.0),
    }

    found = edited(TEXT, changes)

    before, after = TEXT.splitlines(), found.splitlines()
    assert [new for old, new in zip(before, after, strict=True) if old != new] == [
        "  rule: random # how",
        "  slope: [0.5, 2.0] # within",
    ]


def test_a_block_takes_the_place_of_what_was_below_its_key_alone() -> None:
    block = {"estimator": Said("new", "the one"), "new": {"alpha": 1.0}}

    found = edited(TEXT, {("model",): block, ("gates", "floors"): {"r2": 0.4, "rmse": 65}})

    assert YAML(typ="safe").load(found) == {
        "split": {"rule": "time", "test_share": 0.25},
        "model": {"estimator": "new", "new": {"alpha": 1.0}},
        "gates": {"floors": {"r2": 0.4, "rmse": 65}, "slope": [0.6, 1.7]},
    }
    assert "  estimator: new # the one\n" in found
    assert "  floors: # what it must reach\n" in found


def test_the_repositorys_own_knobs_stay_as_they_are_without_a_change() -> None:
    text = (ROOT / "params.yaml").read_text()

    assert edited(text, {}) == text
    assert edited(text, {("seed",): load(ROOT / "params.yaml").seed}) == text
