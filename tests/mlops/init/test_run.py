"""`mlops init` on a copy of this repository: what it writes, what it refuses, and again."""

import os
import pty
import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Run, commit


@pytest.fixture
def copy(repository: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The sample repository, where git knows nobody."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    return repository


def table(path: Path, rows: int = 300) -> Path:
    """A table whose column `y` follows from `x`, with chance."""
    chance = random.Random(0)
    lines = ["x,colour,y"]
    for _ in range(rows):
        x = chance.random()
        lines.append(f"{x:.6f},{chance.choice(['red', 'blue'])},{2 * x + chance.gauss(0, 0.2):.6f}")
    path.write_text("\n".join(lines) + "\n")
    return path


def status() -> str:
    return subprocess.run(
        ["git", "status", "--porcelain"], capture_output=True, text=True, check=True
    ).stdout


NAMES = ("mlops", "init", "--name", "demand", "--owner", "acme", "--licence-holder", "Acme Ltd")


def typed(*lines: str) -> tuple[int, str]:
    """How `mlops init` ends at a terminal where these lines are typed, and what that shows."""
    command = [sys.executable, "-m", "mlops.cli", "init"]
    ours, theirs = pty.openpty()
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs) as program:
        os.close(theirs)
        os.write(ours, "".join(f"{line}\n" for line in lines).encode())
        shown = b""
        while part := _read(ours):
            shown += part
    os.close(ours)
    return program.returncode, shown.decode().replace("\r\n", "\n")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # how a terminal ends that nobody writes to any more
        return b""


@pytest.mark.usefixtures("copy")
def test_at_a_terminal_it_asks_until_an_answer_can_be_one() -> None:
    code, shown = typed("no name!", "demand", "", "Acme Ltd", "y")

    assert code == 0, shown
    assert "name: 'no name!' cannot be one; letters, digits" in shown
    assert Path("README.md").read_text().startswith("# demand\n")
    assert "Copyright (c) 2026 Acme Ltd\n" in Path("LICENSE").read_text()
    assert ".github/CODEOWNERS" not in status()  # Enter: nobody owns the code yet


@pytest.mark.usefixtures("copy")
def test_nothing_changes_when_the_last_question_is_answered_with_no() -> None:
    code, shown = typed("demand", "acme", "Acme Ltd", "n")

    assert code == 0, shown
    assert "Go on? [Y/n]:" in shown
    assert shown.endswith("nothing was changed\n")
    assert status() == ""


@pytest.mark.usefixtures("copy")
def test_names_are_written_once_and_a_new_name_over_the_old(run: Run) -> None:
    first = run(*NAMES)
    assert first.returncode == 0, first.stderr
    assert status().split() == [
        part
        for name in (".github/CODEOWNERS", "LICENSE", "README.md", "pyproject.toml")
        for part in ("M", name)
    ]
    assert "next: `git add -A && git commit" in first.stdout
    written = {path: path.read_text() for path in map(Path, ("README.md", "LICENSE"))}
    assert written[Path("README.md")].startswith("# demand\n")
    assert "Copyright (c) 2026 Acme Ltd\n" in written[Path("LICENSE")]

    again = run("mlops", "init")
    assert (again.returncode, {path: path.read_text() for path in written}) == (0, written)
    assert "nothing to change" in again.stdout

    renamed = run("mlops", "init", "--name", "supply")
    assert renamed.returncode == 0, renamed.stderr
    assert Path("README.md").read_text() == written[Path("README.md")].replace("demand", "supply")
    assert "@acme" in Path(".github/CODEOWNERS").read_text()


def test_a_table_becomes_the_problem_and_the_flights_go(copy: Path, run: Run) -> None:
    table(copy / "mine.csv")

    done = run(*NAMES, "--from", "mine.csv", "--target", "y")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "next: `make run`" in done.stdout
    readme = Path("README.md").read_text()
    assert readme.startswith("# demand\n")
    assert "A model of `y` (regression)" in readme
    assert "](src/problem/schema.py)" in readme
    assert "name: demand " in Path("params.yaml").read_text()
    assert not any(map(Path.exists, map(Path, ("dvc.lock", "metrics", "reports", "benchmarks"))))
    (raw,) = Path("data/raw").iterdir()
    assert raw.suffix == ".csv"
    assert run("mlops", "data").stdout.startswith("data/ is what data.dvc pins")
    commit(copy)

    again = run(*NAMES, "--from", "mine.csv", "--target", "y")
    assert "nothing to change" in again.stdout
    assert status() == ""


def test_what_is_not_committed_stays_as_it_is(copy: Path, run: Run) -> None:
    Path("params.yaml").write_text("mine: true\n")

    done = run(*NAMES)

    assert done.returncode == 8
    assert "error: not committed: params.yaml" in done.stderr
    assert status() == " M params.yaml\n"


def test_a_mistake_is_told_and_changes_nothing(copy: Path, run: Run) -> None:
    table(copy / "mine.csv")

    done = run(*NAMES, "--from", "mine.csv", "--target", "z")

    assert (done.returncode, status()) == (5, "?? mine.csv\n")
    assert "z" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_large_table_needs_a_remote_which_then_keeps_it(copy: Path, run: Run) -> None:
    mine = table(copy.parent / "mine.csv")
    less = "from mlops import cli; from mlops.init import run; run.LARGE = 1000; cli.main()"
    arguments = (sys.executable, "-c", less, *NAMES[1:], "--from", str(mine), "--target", "y")

    refused = run(*arguments, MLOPS_REMOTE="")
    assert (refused.returncode, status()) == (3, "")
    assert "`export MLOPS_REMOTE=URL`" in refused.stderr

    shelf = str(copy.parent / "shelf")
    done = run(*arguments, MLOPS_REMOTE=shelf)
    assert done.returncode == 0, done.stdout + done.stderr
    assert list(Path("src/problem").glob("*.csv")) == []
    (raw,) = Path("data/raw").iterdir()
    kept = raw.read_bytes()

    for place in ("data", ".dvc/cache"):
        subprocess.run(["rm", "-r", place], check=True)
    alone = run("mlops", "data", MLOPS_REMOTE="")
    assert alone.returncode == 3
    assert "the table is in the DVC remote alone; name that by MLOPS_REMOTE" in alone.stderr
    assert run("mlops", "data", MLOPS_REMOTE=shelf).returncode == 0
    assert raw.read_bytes() == kept
