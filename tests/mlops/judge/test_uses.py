"""How often a hold-out has decided: distinct candidates, on GitHub's branch and on this machine."""

import json
import subprocess
from pathlib import Path

import pytest

from mlops.judge import uses

HOLDOUT, OTHER = "e" * 64, "f" * 64


def lock(letter: str) -> str:
    return letter * 64


def text(*locks: str, holdout: str = HOLDOUT) -> str:
    return "".join(
        json.dumps({"holdout": holdout, "lock": lock(x), "pull": 7}) + "\n" for x in locks
    )


def git(*arguments: str) -> None:
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.invalid"]
    subprocess.run(["git", *identity, *arguments], check=True, capture_output=True)


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    git("init", "-q", "-b", "main")
    git("commit", "-q", "--allow-empty", "-m", "start")
    return tmp_path


def on_branch(content: str, name: str) -> None:
    """Commit uses.jsonl on an orphan branch, then leave it."""
    git("checkout", "-q", "--orphan", name)
    Path("uses.jsonl").write_text(content)
    git("add", "uses.jsonl")
    git("commit", "-q", "-m", "uses")
    git("checkout", "-q", "main")


def test_the_first_use_is_one() -> None:
    assert uses.count(HOLDOUT, lock("a")) == 1


def test_every_other_candidate_adds_one() -> None:
    on_branch(text("a", "b", "b", "c"), "holdout-uses")

    assert uses.count(HOLDOUT, lock("d")) == 4
    assert uses.count(HOLDOUT, lock("b")) == 2  # judged again, it is the decision that it was
    assert uses.count(OTHER, lock("d")) == 1


def test_the_remotes_branch_and_this_machine_count_together() -> None:
    on_branch(text("a", "b"), "holdout-uses")
    git("update-ref", "refs/remotes/origin/holdout-uses", "holdout-uses")
    git("branch", "-q", "-D", "holdout-uses")
    uses.record_locally(HOLDOUT, lock("b"))
    uses.record_locally(HOLDOUT, lock("c"))

    assert uses.count(HOLDOUT, lock("d")) == 4


def test_a_use_is_recorded_once() -> None:
    for _ in range(3):
        uses.record_locally(HOLDOUT, lock("a"))
    uses.record_locally(OTHER, lock("a"))

    assert len(Path(".mlops/uses.jsonl").read_text().splitlines()) == 2


@pytest.mark.parametrize(
    "spoiled",
    ["not JSON\n", "[]\n", '{"holdout": 1, "lock": 2}\n', "\x00\n", '{"holdout": "', "\n"],
)
def test_a_line_that_cannot_be_read_is_passed_over(spoiled: str) -> None:
    on_branch(text("a") + spoiled + "\n" + text("b"), "holdout-uses")

    assert uses.count(HOLDOUT, lock("d")) == 3


def test_outside_a_repository_there_is_only_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))

    assert uses.count(HOLDOUT, lock("a")) == 1
