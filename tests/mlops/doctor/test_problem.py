"""Declarations, data and the pipeline's state, as DVC tells it."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mlops import contract, dvc
from mlops.doctor import problem
from mlops.errors import DeclarationError
from tests.conftest import ROOT
from tests.mlops.doctor.conftest import Git, levels, told


def test_this_repository_declares_what_it_must(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)

    assert levels([*problem.parameters(), *problem.declarations()]) == ["ok", "ok"]


def test_each_declaration_that_is_wrong_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    load = contract.load

    def broken(section: type[Any]) -> Any:
        if section in (contract.Schemas, contract.Behaviour):
            raise DeclarationError(f"{contract.MODULES[section]}.py: is missing")
        return load(section)

    monkeypatch.setattr(contract, "load", broken)

    assert told(problem.declarations()) == [
        ("error", "schema.py: is missing"),
        ("error", "behaviour.py: is missing"),
    ]


@pytest.fixture
def small(folder: Path, git: Git) -> Path:
    """A repository of DVC with data and a stage, run and recorded."""
    (folder / ".dvc").mkdir()
    (folder / ".dvc/config").touch()
    (folder / "data").mkdir()
    (folder / "data/rows.csv").write_text("a\n1\n")
    stage = "{cmd: cp data/rows.csv out.csv, deps: [data], outs: [out.csv]}"
    (folder / "dvc.yaml").write_text(f"stages:\n  copy: {stage}\n")
    for arguments in (["add", "data"], ["repro"]):
        called = [sys.executable, "-m", "dvc", *arguments, "--quiet"]
        subprocess.run(called, check=True, capture_output=True)
    return folder


def test_the_state_of_data_and_pipeline(small: Path) -> None:
    assert levels(problem.data_and_pipeline()) == ["ok", "ok"]

    (small / "out.csv").unlink()
    data, pipeline = problem.data_and_pipeline()
    assert data.level == "ok"
    assert (pipeline.level, pipeline.remedy) == ("note", "make run")

    (small / "data/rows.csv").write_text("a\n2\n")
    data, pipeline = problem.data_and_pipeline()
    assert (data.level, data.text) == ("warning", "data/ is not what data.dvc pins")
    assert (pipeline.level, pipeline.text) == ("warning", "dvc.lock is not of these files: copy")


@pytest.mark.parametrize(
    ("what", "changed"),
    [
        ([{"changed outs": {"artifacts": "deleted"}}], False),
        (
            [{"changed deps": {"data/raw": "deleted"}}, {"changed outs": {"a": "not in cache"}}],
            False,
        ),
        (["always changed"], False),
        (["changed command"], True),
        ([{"changed deps": {"params.yaml": {"model.C": "modified"}}}], True),
        ([{"changed deps": {"params.yaml": {"model.C": "new"}}}], True),
        ([{"changed outs": {"metrics.json": "modified"}}], True),
    ],
)
def test_what_is_absent_can_be_made_and_what_differs_is_stale(
    folder: Path, monkeypatch: pytest.MonkeyPatch, what: list[Any], changed: bool
) -> None:
    (folder / "data").mkdir()
    (folder / "data.dvc").write_text(f"outs:\n- md5: {'a' * 32}.dir\n")
    monkeypatch.setattr(dvc, "status", lambda: {"train": what})

    assert levels(problem.data_and_pipeline()) == ["ok", "warning" if changed else "note"]


def test_where_data_would_be_taken_from(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "data.dvc").write_text(f"outs:\n- md5: {'a' * 32}.dir\n")
    monkeypatch.setattr(dvc, "status", dict)
    monkeypatch.setattr(dvc, "remotes", lambda: False)

    def text() -> str:
        data, _ = problem.data_and_pipeline()
        assert (data.level, data.remedy) == ("note", "mlops data")
        return data.text

    assert text().endswith("src/problem/source.py builds it")
    monkeypatch.setattr(dvc, "remotes", lambda: True)
    assert "the remote is asked for it" in text()
    file = dvc.CACHE / "aa" / f"{'a' * 30}.dir"
    file.parent.mkdir(parents=True)
    file.touch()
    assert text().endswith("the cache has it")
