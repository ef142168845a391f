"""The lines are read as they were written, from the branch that origin has or one of our own."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from mlops.history import ledger
from mlops.history.record import Look, Merge
from tests.mlops.judge.repositories import commit, git, write


def merge(hour: int, run: str = "", ending: str = "promoted") -> Merge:
    at = datetime(2026, 3, 1, hour, tzinfo=UTC)
    content = {"at": at, "run": run, "commit": "a" * 40, "ending": ending, "why": "as a 1.0.0"}
    return Merge.model_validate(content)


def text(*lines: Merge) -> str:
    return "".join(map(ledger.encode, lines))


def test_what_is_written_is_read_back_by_time() -> None:
    lines = [merge(3), merge(1), merge(2)]

    assert ledger.parse(Merge, text(*lines)) == [merge(1), merge(2), merge(3)]


def test_a_line_says_what_is_to_be_said_and_no_more() -> None:
    assert ledger.encode(merge(1)) == (
        '{"at":"2026-03-01T01:00:00Z","commit":"' + "a" * 40 + '","ending":"promoted",'
        '"why":"as a 1.0.0"}\n'
    )


def test_a_line_that_cannot_be_read_is_passed_over() -> None:
    broken = ["", "not JSON", "{}", text(merge(1)).replace("promoted", "lost"), '{"at": "now"}']

    assert ledger.parse(Merge, "\n".join([*broken, text(merge(2))])) == [merge(2)]


def test_what_a_later_version_adds_is_passed_over() -> None:
    assert ledger.parse(Merge, text(merge(1)).replace("{", '{"more": 1, ')) == [merge(1)]


def test_of_a_run_the_last_line_counts() -> None:
    stopped, other = merge(1, "run 1", "stopped"), merge(2, "run 2")
    promoted = merge(3, "run 1")

    assert ledger.parse(Merge, text(stopped, other, promoted)) == [other, promoted]
    assert ledger.parse(Merge, text(merge(1), merge(1))) == [merge(1), merge(1)]  # of no run


def test_what_is_told_is_known() -> None:
    stopped, promoted = merge(1, "run 1", "stopped"), merge(3, "run 1")
    lines = text(stopped, promoted)

    assert ledger.holds(lines, promoted)
    assert not ledger.holds(lines, stopped)
    assert not ledger.holds(lines, merge(3, "run 2"))
    assert not ledger.holds("", promoted)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one commit."""
    monkeypatch.chdir(tmp_path)
    write({"README.md": "words"})
    commit("first")
    return tmp_path


def branch(*lines: Merge) -> None:
    git("checkout", "-q", "--orphan", ledger.BRANCH)
    git("rm", "-q", "-r", "-f", "--cached", ".")
    write({ledger.MERGES: text(*lines)})
    git("add", ledger.MERGES)
    git("commit", "-q", "-m", "lines")
    git("checkout", "-q", "-f", "main")


@pytest.mark.usefixtures("repository")
def test_it_is_read_from_the_branch() -> None:
    assert ledger.read() == ledger.Ledger()

    branch(merge(1))

    assert ledger.read() == ledger.Ledger(merges=[merge(1)])


@pytest.mark.usefixtures("repository")
def test_origins_comes_first() -> None:
    branch(merge(1), merge(2))
    git("update-ref", f"refs/remotes/origin/{ledger.BRANCH}", ledger.BRANCH)
    git("branch", "-q", "-D", ledger.BRANCH)
    branch(merge(3))

    assert ledger.read().merges == [merge(1), merge(2)]


def test_every_kind_has_its_file() -> None:
    assert ledger.FILES[Merge] == "merges.jsonl"
    assert ledger.FILES[Look] == "looks.jsonl"
    assert len(set(ledger.FILES.values())) == len(ledger.FILES) == 3
