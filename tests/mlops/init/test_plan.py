"""What is written is shown, done whole or not at all, and never over anybody's work."""

import os
import subprocess
from pathlib import Path

import pytest

from mlops.errors import Refused
from mlops.init import plan
from tests.conftest import commit


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One commit: a script that can be started, a page, and a test in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    for name in ("run", "page.md", "tests/old/test_a.py", ".gitignore"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text("/.mlops/\n__pycache__/\n" if name == ".gitignore" else "old\n")
    Path("run").chmod(0o755)
    commit(tmp_path)
    return tmp_path


WANTED = {"run": b"new\n", "page.md": b"old\n", "tests/old/test_a.py": None, "b/c": b"new\n"}


def files() -> dict[str, str]:
    kept = (path for path in Path().rglob("*") if path.is_file() and ".git" not in path.parts)
    return {path.as_posix(): path.read_text() for path in kept if ".mlops" not in path.parts}


def test_only_what_differs_is_a_change_and_is_written() -> None:
    (Path("tests/old") / "__pycache__").mkdir()
    changed = plan.changes(WANTED)

    plan.apply(changed, lambda: None)

    assert set(changed) == {"run", "tests/old/test_a.py", "b/c"}
    assert Path("run").read_text() == Path("b/c").read_text() == "new\n"
    assert os.access("run", os.X_OK)
    assert not Path("tests").exists()
    assert plan.changes(WANTED) == {}


def test_when_what_follows_fails_all_is_as_before() -> None:
    before = files()

    def fails() -> None:
        assert Path("b/c").is_file()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        plan.apply(plan.changes(WANTED), fails)

    assert files() == before
    assert os.access("run", os.X_OK)


def test_work_that_is_not_committed_is_not_written_over() -> None:
    Path("page.md").write_text("mine\n")
    Path("new.md").write_text("mine\n")

    with pytest.raises(Refused, match=r"not committed: new\.md, page\.md\. Commit or stash"):
        plan.check()


def test_what_the_last_time_left_may_be_uncommitted_and_so_may_the_table() -> None:
    plan.apply(plan.changes(WANTED), lambda: None)
    Path("table.csv").write_text("x,y\n")

    plan.check(Path("table.csv").absolute())

    Path("run").write_text("mine\n")
    with pytest.raises(Refused, match="not committed: run, table"):
        plan.check()


def test_there_must_be_a_commit_to_go_back_to(tmp_path: Path) -> None:
    subprocess.run(["rm", "-rf", ".git"], check=True)

    with pytest.raises(Refused, match="git init"):
        plan.check()


def test_a_line_tells_of_each_file_and_of_each_folder_that_goes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    plan.show({"page.md": b"", "a/new.md": b"", "dvc.lock": None, "tests/a/b/c.py": None})

    shown = [line.strip("│ ").split("│") for line in capsys.readouterr().out.splitlines()]
    rows = [tuple(cell.strip() for cell in row) for row in shown if len(row) == 2]
    assert rows == [
        ("new", "a/new.md"),
        ("change", "page.md"),
        ("remove", "dvc.lock"),
        ("remove", "tests/a/ (1 file)"),
    ]
