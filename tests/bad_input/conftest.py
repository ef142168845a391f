"""A stage run in process as `python -m` runs it, and what it left on the disk."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import pytest

from mlops.errors import ending

Files = dict[str, bytes]


@dataclass(frozen=True)
class Ended:
    """How a stage ended: its exit code and what it said."""

    code: int
    out: str
    err: str

    def refused(self, code: int) -> str:
        """What was said by a stage that refused with `code`: one paragraph, no traceback."""
        assert self.code == code, self.err
        assert "Traceback" not in self.out + self.err
        assert self.err.startswith("error: ")
        assert self.err.count("\n") == 1
        return self.err


Stage = Callable[[str], Ended]


@pytest.fixture
def stage(capsys: pytest.CaptureFixture[str]) -> Stage:
    """Run a stage by name in the current directory."""

    def run(name: str) -> Ended:
        capsys.readouterr()
        code = ending(import_module(f"mlops.stages.{name}").main)
        said = capsys.readouterr()
        return Ended(code, said.out, said.err)

    return run


@pytest.fixture
def in_actions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Be told as in GitHub Actions: with annotations."""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")


def snapshot(folder: Path) -> Files:
    """Every file below a folder with its content, but for what git, DVC and runs note."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and not {".git", ".dvc", ".mlops", "__pycache__"}.intersection(
            path.relative_to(folder).parts
        )
    }


def changed(before: Files, after: Files) -> set[str]:
    """The files that came, went, or have another content."""
    return {name for name in before | after if before.get(name) != after.get(name)}
