"""Worlds in which a promotion can be stopped at any point."""

import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlops.data import pin
from mlops.promotion import assets, candidate, steps
from mlops.promotion.candidate import SMOKE, VERDICT, Candidate
from mlops.registry.facts import facts
from mlops.registry.record import Judgement
from serving import manifest
from serving.manifest import Input, Manifest, Output, Policy
from tests.conftest import ROOT, once
from tests.mlops.judge.repositories import commit, git, write
from tests.mlops.package.conftest import Machine
from tests.mlops.promotion.world import MODEL, Kept, Stepper, World, stepper, world

BASE = "registry.invalid/python:3.11-slim"
KEPT = ("params.yaml", "requirements/run.txt", "requirements/serve.txt", "reports/model_card.md")


@pytest.fixture(scope="session")
def seed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """origin.git with one commit, and what the job `judge` has left for it; read only."""
    return once(tmp_path_factory, "promotion-seed", _seed)


def _seed(folder: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        work = folder / "work"
        work.mkdir()
        patch.chdir(work)
        for name in KEPT:
            (work / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, work / name)
        _model()
        git("clone", "-q", "--bare", str(work), str(folder / "origin.git"))
        git("remote", "add", "origin", str(folder / "origin.git"))
        _candidate()
        for part in (".mlops", "artifacts"):
            shutil.copytree(work / part, folder / "judged" / part)
        shutil.rmtree(work)


def _model() -> None:
    described = Manifest(
        format=1,
        name=MODEL,
        inputs=[Input("distance", "float64")],
        output=Output("regression", "delay", "delay"),
        policy=Policy("flag", "flag"),
        files={"model.onnx": hashlib.sha256(b"a model").hexdigest()},
        identifiers=[],
    )
    write(
        {
            ".gitignore": "/artifacts/\n/.mlops/\n__pycache__/\n",
            "Dockerfile": f"ARG BASE={BASE}\nFROM ${{BASE}}\n",
            "artifacts/export/manifest.json": manifest.dump(described),
            "artifacts/export/model.onnx": "a model",
            "dvc.yaml": "stages: {}\n",
            "data.dvc": "outs:\n- md5: 0123abcd.dir\n  path: data\n",
            "metrics/test.json": '{"roc_auc": 0.7}\n',
            "src/problem/model.py": "",
            "src/serving/__init__.py": "",
        }
    )
    _lock("a model")
    commit("a model")


def _lock(command: str) -> None:
    """The dvc.lock of a run that began with this command."""
    out = {"path": "artifacts/export", "md5": pin.digest(Path("artifacts/export")).md5}
    stages = {"train": {"cmd": command}, "export": {"outs": [out]}}
    Path("dvc.lock").write_text(json.dumps({"stages": stages}))


def _candidate(version: str = "1.0.0", champion: str | None = None, after: int = 0) -> None:
    """What the job `judge` leaves for the commit that is checked out."""
    write({str(VERDICT): '{"decision": "accepted"}\n', str(SMOKE): "{}\n"})
    candidate.write(
        Candidate(
            model=MODEL,
            commit=git("rev-parse", "HEAD"),
            facts=facts(),
            version=version,
            why=["the first version"],
            champion=champion,
            after=after,
            verdict=Judgement(
                decision="accepted",
                summary="every gate that applies passes",
                sha256=hashlib.sha256(VERDICT.read_bytes()).hexdigest(),
                champion=champion,
            ),
            approvals=[],
        )
    )
    assets.of_the_run()


@pytest.fixture(scope="session")
def running() -> Iterator[Stepper]:
    with stepper() as found:
        yield found


@pytest.fixture(scope="session")
def docker(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with a docker that has the base image, and with git."""
    folder = tmp_path_factory.mktemp("machine")
    (folder / "bin").mkdir(parents=True)
    machine = Machine(folder)
    machine.holds(**{BASE: {"id": "a" * 64, "digest": f"sha256:{'a' * 64}", "size": 1}})
    machine.registry_holds()
    machine.set("calls")
    machine.install("docker")
    (folder / "bin" / "git").symlink_to(shutil.which("git") or "git")
    return folder / "bin"


@pytest.fixture(scope="session")
def shared(
    seed: Path, tmp_path_factory: pytest.TempPathFactory, running: Stepper, docker: Path
) -> Iterator[World]:
    """A world that tests have one after the other, each as it was at a certain moment."""
    folder = tmp_path_factory.mktemp("world") / "here"
    with world(seed, folder, running, docker) as made:
        yield made


@pytest.fixture(scope="session")
def judged(shared: World) -> Kept:
    """The world when a first candidate was judged, and nothing was promoted yet."""
    return shared.keep()


@pytest.fixture(scope="session")
def promoted(shared: World, judged: Kept) -> Kept:
    """The world when 1.0.0, and then 1.1.0, were promoted."""
    shared.restore(judged)
    with pytest.MonkeyPatch.context() as patch:
        enter(shared, patch)
        deliver()
        merge("1.1.0", champion="1.0.0", after=1)
        deliver()
    return shared.keep()


@pytest.fixture
def here(shared: World, judged: Kept) -> World:
    shared.restore(judged)
    (shared.folder / "log").unlink(missing_ok=True)
    return shared


@pytest.fixture
def inside(here: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """The repository of `here` as the current directory, and its environment as this process's."""
    enter(here, monkeypatch)
    return here


@pytest.fixture
def twice(shared: World, promoted: Kept, monkeypatch: pytest.MonkeyPatch) -> World:
    """1.0.0, and then 1.1.0, were promoted."""
    shared.restore(promoted)
    enter(shared, monkeypatch)
    return shared


def enter(there: World, patch: pytest.MonkeyPatch) -> None:
    """Be in a world: in its repository, with its environment, and without patience."""
    patch.chdir(there.repository)
    for name, value in there.environment.items():
        patch.setenv(name, value)
    for name in ("GITHUB_ACTIONS", "GITHUB_RUN_ID", "GITHUB_SERVER_URL", "MLFLOW_TRACKING_URI"):
        patch.delenv(name, raising=False)
    patch.setattr("mlops.github.api.PATIENCE", (0.0, 0.0))
    patch.setattr("mlops.package.oci.PATIENCE", (0.0, 0.0))


def deliver() -> None:
    """Promote the candidate that was judged, on this machine."""
    for step in (steps.package, steps.verify, steps.release, steps.champion):
        step()


def merge(version: str, *, champion: str | None, after: int) -> None:
    """Another commit on main, judged against a champion and accepted as `version`."""
    write({"src/problem/model.py": f"# {version}\n"})
    _lock(version)
    commit(version)
    git("push", "-q", "origin", "HEAD:main")
    _candidate(version, champion, after)
