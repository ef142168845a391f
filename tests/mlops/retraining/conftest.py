"""A small repository with its origin, what retraining has left in it, and GitHub."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mlops.github.api import Api
from mlops.retraining import retrained
from mlops.retraining.retrained import FOLDER, Metric, Retrained
from tests.conftest import ROOT, once
from tests.mlops.github.server import GitHub
from tests.mlops.judge.repositories import commit, git, write

MODEL = "late-arrival"
BRANCH = f"retrain/{MODEL}"
KEPT = {
    "README.md": "# A repository\n",
    ".gitignore": "/.mlops/\n",
    "dvc.lock": "of August\n",
    "metrics/test.json": '{"roc_auc": 0.74}\n',
    "reports/model_card.md": "# Of August\n",
    "reports/plots/gone.csv": "x\n1\n",
}


@dataclass
class World:
    """`repository` is the current directory."""

    repository: Path
    origin: Path
    github: GitHub
    api: Api

    def at_origin(self, path: str, branch: str = BRANCH) -> str:
        return git("-C", str(self.origin), "show", f"{branch}:{path}")

    def tip(self, branch: str = BRANCH) -> str:
        listed = git("ls-remote", "--heads", "origin", branch)
        return listed.split("\t")[0]

    def person_pushes(self, message: str = "by hand", *options: str) -> str:
        """A commit of somebody on the proposal's branch."""
        folder = self.origin.parent / "a person's"
        shutil.rmtree(folder, ignore_errors=True)
        git("clone", "-q", "--branch", BRANCH, str(self.origin), str(folder))
        (folder / "notes.md").write_text("by hand\n")
        git("-C", str(folder), "add", "notes.md")
        git("-C", str(folder), "commit", "-q", "-m", message, *options)
        git("-C", str(folder), "push", "-q", "--force", "origin", BRANCH)
        return git("-C", str(folder), "rev-parse", "HEAD")

    def merge(self, **files: str) -> None:
        """Something comes to main, which the repository here does not know yet."""
        folder = self.origin.parent / "main"
        shutil.rmtree(folder, ignore_errors=True)
        git("clone", "-q", str(self.origin), str(folder))
        for name, text in files.items():
            (folder / name).write_text(text)
        git("-C", str(folder), "add", "-A")
        git("-C", str(folder), "commit", "-q", "-m", "a merge")
        git("-C", str(folder), "push", "-q", "origin", "main")


def pinned(through: str, md5: str = "0123456789abcdef") -> str:
    meta = f"meta:\n  through: {through}\n" if through else ""
    return f"{meta}outs:\n- md5: {md5}.dir\n  path: data\n"


def left(through: str = "2013-09", *, lock: str = "of September\n", **changes: Any) -> Path:
    """What `mlops retrain run` would leave."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    write(
        {
            f"{FOLDER}/data.dvc": pinned(through, "fedcba9876543210"),
            f"{FOLDER}/dvc.lock": lock,
            f"{FOLDER}/metrics/test.json": '{"roc_auc": 0.76}\n',
            f"{FOLDER}/reports/model_card.md": "# Of September\n",
            f"{FOLDER}/reports/plots/new.csv": "x\n2\n",
        }
    )
    content: dict[str, Any] = {
        "through": through,
        "before": "2013-08",
        "base": git("rev-parse", "HEAD"),
        "metrics": [
            Metric(name="roc_auc", better="higher", before=0.74, after=0.76),
            Metric(name="brier", better="lower", before=0.17, after=None),
        ],
    }
    retrained.write(Retrained(**(content | changes)))
    return FOLDER


@pytest.fixture(scope="session")
def seed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with its origin beside it; read only."""
    return once(tmp_path_factory, "retraining-seed", _seed)


def _seed(folder: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        (folder / "repository").mkdir()
        patch.chdir(folder / "repository")
        shutil.copy2(ROOT / "params.yaml", "params.yaml")
        write(KEPT | {"data.dvc": pinned("2013-08")})
        commit("August")
        git("clone", "-q", "--bare", ".", "../origin.git")
        git("remote", "add", "origin", "../origin.git")
        git("fetch", "-q", "origin")
        git("remote", "set-head", "origin", "main")
    for hooks in folder.rglob("hooks"):
        for example in hooks.iterdir():
            example.unlink()


@pytest.fixture
def world(
    seed: Path, github: GitHub, api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> World:
    for name in ("GITHUB_ACTOR", "GITHUB_SERVER_URL", "GITHUB_TOKEN", "GITHUB_EVENT_NAME"):
        monkeypatch.delenv(name, raising=False)
    for name in ("GITHUB_ACTIONS", "MLOPS_ISSUE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "output"))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    (tmp_path / "output").touch()
    shutil.copytree(seed, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path / "repository")
    github.git_dir = tmp_path / "origin.git"
    return World(tmp_path / "repository", github.git_dir, github, api)
