"""A template with a release, and a copy of it as "Use this template" makes one."""

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mlops.template import update as updating
from mlops.template.plan import Wanted
from tests.conftest import once
from tests.mlops.judge.repositories import IDENTITY

CODE = "".join(f"line_{number} = {number}\n" for number in range(12))
PARAMS = """\
split:
  test: 0.2 # share
model:
  depth: 6 # of a tree
gates:
  auc: 0.7 # at least
"""
WORKFLOW = 'on:\n  schedule:\n    - cron: "41 6 3 * *"\njobs: {}\n'
RELEASED = {
    ".gitignore": "/.mlops/\n",
    "README.md": "# The template\n",
    "LICENSE": "MIT\n",
    "Makefile": "run:\n\tmlops run\n",
    "pyproject.toml": '[project]\nname = "mlops-template"\n\n[tool.ruff]\nline-length = 100\n',
    "requirements/dev.txt": "pandas==3.0\n",
    "requirements/serving.txt": "numpy==2.3\n",
    "params.yaml": PARAMS,
    "dvc.yaml": "stages: {}\n",
    "dvc.lock": "of the template\n",
    "data.dvc": "of the template\n",
    "metrics/test.json": "{}\n",
    ".github/CODEOWNERS": "# nobody\n",
    ".github/workflows/retrain.yml": WORKFLOW,
    "src/mlops/score.py": CODE,
    "src/mlops/old.py": "old = True\n",
    "src/mlops/called.py": CODE.replace("line", "called"),
    "src/problem/model.py": "model = 'trees'\n",
    "tests/problem/test_model.py": "def test(): ...\n",
    "tests/planted/test_bad.py": CODE.replace("line", "bad"),
    "benchmarks/speed.py": CODE.replace("line", "speed"),
    "benchmarks/size.py": "size = 1\n",
}


def template_json(version: str, address: str = "", commit: str = "") -> str:
    content = {"address": address, "version": version, "commit": commit}
    return json.dumps(content, indent=2) + "\n"


@dataclass(frozen=True)
class Repository:
    """A git repository in a folder."""

    folder: Path

    def git(self, *arguments: str) -> str:
        done = subprocess.run(
            ["git", *IDENTITY, *arguments],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    def read(self, path: str) -> str:
        return (self.folder / path).read_text()

    def commit(self, message: str) -> str:
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)
        return self.git("rev-parse", "HEAD")

    def write(self, files: dict[str, str | None]) -> None:
        """Texts by path; None removes the file."""
        for path, text in files.items():
            target = self.folder / path
            if text is None:
                target.unlink()
            else:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text)

    def edit(self, path: str, old: str, new: str) -> None:
        text = self.read(path)
        assert text.count(old) == 1
        self.write({path: text.replace(old, new)})

    def release(self, version: str) -> str:
        """Commit and tag what lies here as a version of the template."""
        self.write({".github/template.json": template_json(version)})
        commit = self.commit(f"Version {version}")
        self.git("tag", "-a", "-m", version, f"v{version}")
        return commit

    def files(self) -> dict[str, str]:
        """What lies in the work tree, by path, but for Python's bytecode."""
        names = {p.relative_to(self.folder) for p in self.folder.rglob("*") if p.is_file()}
        return {
            str(name): (self.folder / name).read_text(errors="surrogateescape")
            for name in sorted(names)
            if not {".git", "__pycache__"} & {name.parts[0], name.parent.name}
        }

    def state(self) -> tuple[dict[str, str], str, str, set[str]]:
        """Work tree, references, HEAD with the index, and git's objects."""
        objects = self.folder / ".git" / "objects"
        return (
            self.files(),
            self.git("for-each-ref"),
            self.git("symbolic-ref", "HEAD") + self.git("ls-files", "--stage"),
            {str(p.relative_to(objects)) for p in objects.rglob("*") if p.is_file()},
        )


@dataclass(frozen=True)
class World:
    """`copy` is the current directory; its template.json names no address."""

    template: Repository
    copy: Repository

    def update(self, **options: Any) -> None:
        """`mlops template update --from`."""
        dry_run = options.pop("dry_run", False)
        wanted = Wanted(**{"address": str(self.template.folder), **options})
        updating.update(wanted, None, dry_run=dry_run)

    def plan(self, capsys: pytest.CaptureFixture[str], **options: str) -> Any:
        """What `--dry-run --json` says."""
        capsys.readouterr()
        wanted = Wanted(**{"address": str(self.template.folder), **options})
        updating.update(wanted, None, dry_run=True, as_json=True)
        return json.loads(capsys.readouterr().out)


def kinds(plan: Any) -> dict[str, str]:
    """What becomes of each file."""
    return {change["path"]: change["kind"] for change in plan["changes"]}


@pytest.fixture(scope="session")
def seed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Template and copy; read only."""
    return once(tmp_path_factory, "template-seed", _seed)


def _seed(folder: Path) -> None:
    template, copy = (Repository(folder / name) for name in ("template", "copy"))
    for repository in (template, copy):
        repository.folder.mkdir()
        repository.git("init", "-q", "-b", "main")
        shutil.rmtree(repository.folder / ".git" / "hooks")
    template.write({"README.md": "# A draft\n"})
    template.commit("A draft")
    template.write(dict(RELEASED))
    template.release("0.1.0")
    copy.write({**RELEASED, ".github/template.json": template_json("0.1.0")})
    copy.commit("Initial commit")


@pytest.fixture
def world(seed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    for name in ("GITHUB_ACTIONS", "GITHUB_TOKEN", "GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT"):
        monkeypatch.delenv(name, raising=False)
    shutil.copytree(seed, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path / "copy")
    return World(Repository(tmp_path / "template"), Repository(tmp_path / "copy"))


@pytest.fixture
def apart(world: World) -> World:
    """A next release, and a copy that went its own way; nothing of it contradicts."""
    template, copy = world.template, world.copy
    template.edit("src/mlops/score.py", "line_2 = 2\n", "line_2 = 'two'\n")
    template.edit("params.yaml", "gates:\n", "tune:\n  trials: 20 # at most\ngates:\n")
    template.git("mv", "src/mlops/called.py", "src/mlops/renamed.py")
    template.write(
        {
            ".github/workflows/new.yml": WORKFLOW.replace("41", "23"),
            "src/mlops/old.py": None,
            "src/problem/model.py": "model = 'better trees'\n",
            "README.md": "# The template, again\n",
            "dvc.lock": "of the template, again\n",
            "benchmarks/speed.py": "speed = 2\n",
            "benchmarks/memory.py": "memory = 1\n",
            "tests/planted/test_bad.py": CODE.replace("line", "worse"),
        }
    )
    template.release("0.2.0")
    copy.edit("params.yaml", "depth: 6", "depth: 9")
    copy.edit("src/mlops/called.py", "called_9 = 9\n", "called_9 = 'nine'\n")
    copy.edit("pyproject.toml", "mlops-template", "wine")
    copy.write(
        {
            "README.md": "# Wine\n",
            "src/problem/model.py": "model = 'a line'\n",
            "src/problem/barrels.py": "barrels = 7\n",
            "dvc.lock": "of wine\n",
            "benchmarks/speed.py": None,
            "benchmarks/size.py": None,
            "tests/planted/test_bad.py": None,
            "notes/own.md": "ours\n",
        }
    )
    copy.commit("Wine")
    return world
