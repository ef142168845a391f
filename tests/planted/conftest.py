"""The base of all pull requests, and what becomes of one that is submitted."""

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from mlops.judge import verdict
from mlops.judge.verdict import Gate, Outcome, Verdict
from tests.conftest import copy_of_the_repository, execute, once
from tests.planted.change import Change, data_through, edit, every, parameters

THROUGH = "2013-08"

QUICK: Change = every(
    edit(
        "src/problem/source.py",
        ('b"".join(rows[period])', 'b"".join(rows[period][:: 3 if table == "flights" else 1])'),
    ),
    parameters(
        {
            "model.gradient_boosting.learning_rate": 0.07,
            "model.gradient_boosting.max_iter": 80,
            "model.gradient_boosting.max_leaf_nodes": 12,
            "evaluate.resamples": 200,
            "evaluate.importance_rows": 200,
            "audit.seeds": 1,
            "audit.rows": 4000,
        }
    ),
    edit("src/mlops/evaluation/importance.py", ("REPEATS = 3\n", "REPEATS = 1\n")),
)
"""What the base has of its own: less of everything that takes time, and the same gates."""


@dataclass(frozen=True)
class Judged:
    """What `mlops pr` left: its exit code, what it printed, the verdict and the comment."""

    code: int
    said: str
    verdict: Verdict
    report: str

    def gate(self, name: str) -> Gate:
        (found,) = [gate for gate in self.verdict.gates if gate.name == name]
        return found

    def gates(self, outcome: Outcome) -> set[str]:
        return {gate.name for gate in self.verdict.gates if gate.outcome == outcome}

    def stages(self, state: str) -> list[str]:
        return [stage.name for stage in self.verdict.stages if stage.state == state]


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository that pull requests start from: `main`, after a run, all committed."""

    def make(folder: Path) -> None:
        copy_of_the_repository(folder)
        git(folder, "init", "--quiet", "--initial-branch", "main")
        QUICK(folder)
        (folder / "data.dvc").unlink()
        data_through(THROUGH)(folder)
        done = execute(folder, "mlops", "run")
        assert done.returncode == 0, done.stdout + done.stderr
        commit(folder, "The base")

    return once(tmp_path_factory, "planted", make)


@pytest.fixture
def repository(tmp_path: Path, base: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the base on a new branch; gone afterwards, there are many."""
    folder = tmp_path / "repository"
    shutil.copytree(base, folder, symlinks=True)
    git(folder, "switch", "--quiet", "--create", "pull-request")
    monkeypatch.chdir(folder)
    yield folder
    shutil.rmtree(folder)


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.invalid"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True)


def commit(folder: Path, message: str) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", message)


def submit(folder: Path) -> Judged:
    """Run what the workflow runs."""
    done = execute(folder, "mlops", "pr", "--base", "main")
    left = folder / verdict.FOLDER
    assert (left / "verdict.json").is_file(), done.stdout + done.stderr
    judged = verdict.read((left / "verdict.json").read_bytes(), "verdict.json")
    report = (left / "report.md").read_text(encoding="utf-8")
    return Judged(done.returncode, done.stdout + done.stderr, judged, report)
