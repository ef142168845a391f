"""This very repository as a template, and a copy of it that has its own problem."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from mlops.template.rooms import yours
from tests.conftest import Run, copy_of_the_repository, once
from tests.mlops.template.conftest import Repository

WORKFLOW = ".github/workflows/heartbeat.yml"


def substitute(repository: Repository, path: str, pattern: str, text: str) -> None:
    """Whatever a copy of this repository says there."""
    changed, count = re.subn(pattern, text, repository.read(path), count=1, flags=re.MULTILINE)
    assert count == 1
    repository.write({path: changed})


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of this repository, and a copy of it; read only."""
    return once(tmp_path_factory, "template-real", _seed)


def _seed(folder: Path) -> None:
    template, copy = (Repository(folder / name) for name in ("template", "copy"))
    template.folder.mkdir()
    copy_of_the_repository(template.folder)
    template.git("init", "-q", "-b", "main")
    template.release("0.1.0")
    archive = subprocess.run(
        ["git", "archive", "HEAD"], cwd=template.folder, capture_output=True, check=True
    )
    copy.folder.mkdir()
    subprocess.run(["tar", "-x"], cwd=copy.folder, input=archive.stdout, check=True)
    copy.git("init", "-q", "-b", "main")
    copy.commit("Initial commit")
    copy.git("rm", "-q", "-r", "src/serving", "src/problem", "tests/problem")
    copy.write(
        {
            "README.md": "# Wine\n",
            "src/problem/__init__.py": '"""Wine."""\n',
            "src/problem/model.py": "MODEL = 'a line'\n",
            "tests/problem/test_model.py": "def test_model() -> None: ...\n",
            "src/mlops/cellar.py": '"""Ours."""\n',
        }
    )
    substitute(copy, "params.yaml", r"^seed: \d+", "seed: 7")
    substitute(copy, "pyproject.toml", '^name = ".*"', 'name = "wine"')
    copy.commit("Wine")


@pytest.fixture
def template(released: Path, tmp_path: Path) -> Repository:
    shutil.copytree(released / "template", tmp_path / "template", symlinks=True)
    return Repository(tmp_path / "template")


@pytest.fixture
def copy(released: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """As "Use this template" makes it, and then made somebody's own; the current directory."""
    shutil.copytree(released / "copy", tmp_path / "copy", symlinks=True)
    monkeypatch.chdir(tmp_path / "copy")
    return Repository(tmp_path / "copy")


def test_the_next_release_merges_into_it(template: Repository, copy: Repository, run: Run) -> None:
    template.git("mv", "src/mlops/arrivals.py", "src/mlops/arriving.py")
    template.git("rm", "-q", "src/mlops/threads.py")
    substitute(template, "params.yaml", "^split:", "novel: 1 # of the new thing\\n\\nsplit:")
    template.edit("src/mlops/cli/tune.py", "import re\n", "import re  # and more\n")
    template.write(
        {
            ".github/workflows/novel.yml": template.read(WORKFLOW).replace("heartbeat", "novel"),
            "src/problem/model.py": "MODEL = 'better'\n",
            "src/serving/novel.py": "novel = 1\n",
        }
    )
    commit = template.release("0.2.0")
    before = copy.files()

    done = run("mlops", "template", "update", "--from", str(template.folder))

    assert done.returncode == 0, done.stderr
    after = copy.files()
    rooms = {path for path in before if yours(path)} - {".github/template.json"}
    assert {path: after.get(path) for path in rooms} == {path: before[path] for path in rooms}
    changed = {p for p in before | after if p not in rooms and before.get(p) != after.get(p)}
    assert changed == {
        ".github/template.json",
        ".github/workflows/novel.yml",
        "params.yaml",
        "src/mlops/arrivals.py",
        "src/mlops/arriving.py",
        "src/mlops/cli/tune.py",
        "src/mlops/threads.py",
    }
    assert "seed: 7" in after["params.yaml"]
    assert "novel: 1 # of the new thing" in after["params.yaml"]
    assert json.loads(after[".github/template.json"])["commit"] == commit
    assert copy.git("diff", "--name-only") == copy.git("ls-files", "--unmerged") == ""


def test_the_same_line_changed_twice_ends_with_16_and_both_in_the_file(
    template: Repository, copy: Repository, run: Run
) -> None:
    for repository, minute in ((template, "23"), (copy, "11")):
        substitute(repository, WORKFLOW, r'cron: ".*?"', f'cron: "{minute} 7 * * 4"')
    template.release("0.2.0")
    copy.commit("Eleven past")
    own = {line.split()[2] for line in copy.git("ls-tree", "-r", "HEAD").splitlines()}

    done = run("mlops", "template", "update", "--from", str(template.folder))

    assert done.returncode == 16
    assert f"conflicts to resolve in\n  {WORKFLOW}\n" in done.stderr
    assert '"11 7 * * 4"' in copy.read(WORKFLOW)
    assert '"23 7 * * 4"' in copy.read(WORKFLOW)
    kept = set(copy.git("cat-file", "--batch-all-objects", "--batch-check").split())
    assert own <= kept
