"""What a pull request changes, seen from the base."""

import json
from pathlib import Path
from typing import Any

import pytest

from mlops.judge import changes
from mlops.judge.changes import Base
from mlops.judge.verdict import Change
from tests.mlops.judge.repositories import commit, write

PARAMS = (
    "seed: 1\nsplit: {rule: time}\ngates:\n  floors: {roc_auc: 0.7}\nmodel: {estimator: trees}\n"
)
LOCK = """
stages:
  train:
    deps: [{path: src/problem/model.py, md5: a1}]
    params: {params.yaml: {seed: 1, model.estimator: trees}}
    outs: [{path: artifacts/model.joblib, md5: b1}]
"""


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Base:
    """A committed base, current directory."""
    monkeypatch.chdir(tmp_path)
    write(
        {
            "params.yaml": PARAMS,
            "dvc.lock": LOCK,
            "metrics/data.json": data(rows={"flights": 100}, periods=["01", "02"]),
            "src/mlops/judge/level.py": "LEVEL = 0.95\n",
            "src/mlops/report/markdown.py": "TITLE = 1\n",
            "src/problem/features.py": "INPUTS = 1\n",
            "src/problem/slices.py": "SLICES = 1\n",
        }
    )
    return Base(commit("base"))


def data(rows: dict[str, int], periods: list[str]) -> str:
    return json.dumps({"rows": rows, "periods": {"flights": periods}})


def test_parameters_are_told_by_their_path_with_both_values(base: Base) -> None:
    write({"params.yaml": PARAMS.replace("0.7", "0.6").replace("seed: 1", "sead: 1")})

    assert changes.parameters(base) == [
        Change(name="seed", old="1", new="–"),
        Change(name="gates.floors.roc_auc", old="0.7", new="0.6"),
        Change(name="sead", old="–", new="1"),
    ]


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("src/mlops/judge/level.py", "LEVEL = 0.5\n"),
        ("src/mlops/judge/new.py", "GATES = []\n"),
        ("src/problem/slices.py", "SLICES = ()\n"),
        (".github/workflows/pull-request.yml", "on: push\n"),
        ("Makefile", "pr:\n"),
    ],
)
def test_what_judges_is_protected(base: Base, file: str, text: str) -> None:
    write({file: text})

    assert changes.protected(base) == [file]


@pytest.mark.parametrize("key", ["split: {rule: time}", "floors: {roc_auc: 0.7}"])
def test_a_threshold_is_protected(base: Base, key: str) -> None:
    write({"params.yaml": PARAMS.replace(key, key.replace("time", "random").replace("7", "1"))})

    (told,) = changes.protected(base)
    assert told.startswith("params.yaml: ")
    assert " → " in told


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("src/problem/features.py", "INPUTS = 2\n"),
        ("src/mlops/report/markdown.py", "TITLE = 2\n"),
        ("params.yaml", PARAMS.replace("trees", "forest")),
        ("docs/page.md", "words\n"),
    ],
)
def test_the_model_and_its_pages_are_not_protected(base: Base, file: str, text: str) -> None:
    write({file: text})

    assert changes.protected(base) == []


def test_a_model_of_another_name_would_have_no_champion(base: Base) -> None:
    write({"params.yaml": f"{PARAMS}serving: {{name: other, unknown: flag}}\n"})

    assert changes.protected(base) == ["params.yaml: serving.name, – → other"]


def test_what_one_commit_changes_is_told_whatever_the_work_tree_has(base: Base) -> None:
    write({"src/mlops/judge/level.py": "LEVEL = 0.5\n", "docs/page.md": "words\n"})
    first = commit("a level")
    write({"params.yaml": PARAMS.replace("0.7", "0.6"), "src/problem/schema.py": RULES})
    second = commit("a floor, and rules")
    write({"Makefile": "pr:\n"})

    assert changes.protected(base, first) == ["src/mlops/judge/level.py"]
    assert changes.protected(Base(first), second) == [
        "params.yaml: gates.floors.roc_auc, 0.7 → 0.6",
        "src/problem/schema.py: the rules of the raw data",
    ]
    assert changes.protected(Base(f"{second}^1"), second) == changes.protected(Base(first), second)
    assert changes.protected(Base(second), second) == []


RULES = '"""What it must be."""\n\nRAW = {"delay": (0, 90)}\nFEATURES = ["delay"]\n'


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('["delay"]', '["delay", "wind"]', []),
        ("What it must be.", "What it has to be.", []),
        ("(0, 90)", "(0, 900)", ["src/problem/schema.py: the rules of the raw data"]),
        ("RAW = {", "RAW = {{", ["src/problem/schema.py: the rules of the raw data"]),
    ],
    ids=["an input", "words", "a rule", "nonsense"],
)
def test_of_the_schema_the_rules_of_the_raw_data_are_protected(
    base: Base, old: str, new: str, told: list[str]
) -> None:
    write({"src/problem/schema.py": RULES})
    with_schema = Base(commit("a schema"))
    write({"src/problem/schema.py": RULES.replace(old, new)})

    assert changes.protected(with_schema) == told


def test_a_deleted_schema_is_a_change_of_its_rules(base: Base) -> None:
    write({"src/problem/schema.py": RULES})
    with_schema = Base(commit("a schema"))
    Path("src/problem/schema.py").unlink()

    assert changes.protected(with_schema) == ["src/problem/schema.py: the rules of the raw data"]


def test_a_deleted_file_counts_as_changed(base: Base) -> None:
    Path("src/mlops/judge/level.py").unlink()

    assert changes.protected(base) == ["src/mlops/judge/level.py"]


def test_stage_inputs_name_what_differs_from_the_lock_of_the_base(base: Base) -> None:
    assert changes.stage_inputs(base) == {"train": []}

    write({"dvc.lock": LOCK.replace("a1", "a2").replace("seed: 1", "seed: 2")})

    assert changes.stage_inputs(base) == {"train": ["params.yaml: seed", "src/problem/model.py"]}


def test_outputs_of_a_lock_by_path() -> None:
    assert changes.stage_outputs(LOCK) == {"artifacts/model.joblib": "b1"}
    assert changes.stage_outputs(None) == changes.stage_outputs("[broken") == {}


def test_rows_and_periods_that_come_are_told(base: Base) -> None:
    now: Any = json.loads(data({"flights": 150, "planes": 7}, ["01", "02", "03"]))

    found = changes.data(base, now)

    assert found.rows == [
        Change(name="flights", old="100", new="150"),
        Change(name="planes", old="–", new="7"),
    ]
    assert found.periods == [
        Change(name="flights", old="01 to 02, 2 in all", new="01 to 03, 3 in all")
    ]
    assert changes.lost_periods(base, now) == {}


def test_periods_that_go_are_lost_also_with_their_whole_table(base: Base) -> None:
    now: Any = json.loads(data({"flights": 50}, ["02"]))

    assert changes.lost_periods(base, now) == {"flights": ["01"]}
    assert changes.lost_periods(base, {}) == {"flights": ["01", "02"]}


def test_without_a_base_nothing_is_said_to_have_changed(base: Base) -> None:
    nothing = Base(None)

    assert nothing.files() == []
    assert nothing.json("metrics/data.json") is None
    assert changes.data(nothing, json.loads(data({"flights": 1}, ["01"]))).rows == []


def test_a_base_that_cannot_be_read_is_empty(base: Base) -> None:
    write({"params.yaml": "a: [1\n", "metrics/data.json": "{"})
    broken = Base(commit("broken"))

    assert broken.yaml("params.yaml") == {}
    assert broken.json("metrics/data.json") is None
