"""A small repository with an exported model, and stand-ins for docker, podman and buildah."""

import hashlib
import json
import os
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mlops.data import pin
from mlops.package import oci
from serving import manifest
from serving.manifest import Input, Manifest, Output, Policy
from tests.conftest import ROOT
from tests.mlops.judge.repositories import commit, write
from tests.mlops.package.registry import Registry, serving

MODEL = "late-arrival"
BASE = "registry.invalid/python:3.11-slim"  # .invalid is never answered for (RFC 2606)
EXPORT = Path("artifacts/export")
LOGINS = ("GITHUB_TOKEN", "GH_TOKEN", "GITHUB_ACTOR", "XDG_RUNTIME_DIR", "REGISTRY_AUTH_FILE")


def image(letter: str, size: int) -> dict[str, Any]:
    return {"id": letter * 64, "digest": f"sha256:{letter * 64}", "size": size}


@dataclass
class Machine:
    """What the stand-ins have, and what they were asked."""

    folder: Path

    def install(self, *names: str) -> None:
        stand_in = Path(__file__).with_name("builder.py").read_text()
        for name in names:
            program = self.folder / "bin" / name
            program.write_text(f"#!{sys.executable} -IS\n{stand_in}")
            program.chmod(0o755)

    def holds(self, **images: dict[str, Any]) -> None:
        (self.folder / "images.json").write_text(json.dumps(images))

    def registry_holds(self, **images: dict[str, Any]) -> None:
        (self.folder / "remote.json").write_text(json.dumps(images))

    def set(self, mark: str) -> None:
        (self.folder / mark).touch()

    @property
    def calls(self) -> list[list[str]]:
        return [json.loads(line) for line in (self.folder / "calls").read_text().splitlines()]

    @property
    def build(self) -> list[str]:
        """The one call that built."""
        (call,) = [call for call in self.calls if call[1] == "build"]
        return call

    @property
    def containers(self) -> list[int]:
        """The processes of the containers that were not removed."""
        return [int(p.read_text()) for p in self.folder.glob("containers/*/process")]

    def left(self, name: str) -> Any:
        return json.loads((self.folder / name).read_text())


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    """No builder at all; git is there."""
    folder = tmp_path / "machine"
    (folder / "bin").mkdir(parents=True)
    made = Machine(folder)
    made.holds()
    made.registry_holds()
    made.set("calls")
    (folder / "bin" / "git").symlink_to(shutil.which("git") or "git")
    monkeypatch.setenv("PATH", str(folder / "bin"))
    for name in ("MLOPS_BUILDER", "GITHUB_REPOSITORY", "GITHUB_SERVER_URL"):
        monkeypatch.delenv(name, raising=False)
    yield made
    for process in made.containers:
        with suppress(ProcessLookupError):
            os.killpg(process, signal.SIGKILL)


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry]:
    """A registry on loopback; nobody is logged in anywhere, and nothing is asked twice for long."""
    for name in LOGINS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))
    monkeypatch.setattr(oci, "PATIENCE", (0.0, 0.0))
    with serving(Registry()) as made:
        yield made


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current directory: committed, with the model that its dvc.lock records."""
    folder = tmp_path / "repository"
    folder.mkdir()
    monkeypatch.chdir(folder)
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
            ".gitignore": "artifacts/\n__pycache__/\n",
            "Dockerfile": f"# on Python\nARG BASE={BASE}\nFROM ${{BASE}}\n",
            "artifacts/export/manifest.json": manifest.dump(described),
            "artifacts/export/model.onnx": "a model",
            "data.dvc": "outs:\n- md5: 0123abcd.dir\n  path: data\n",
            "requirements/serve.txt": "uvicorn==0.54.0\n",
            "src/serving/__init__.py": "",
            "src/serving/__pycache__/left.pyc": "",
            "src/mlops/secret.py": "not in the image\n",
        }
    )
    record()
    commit("a model")
    return folder


def record() -> None:
    """Write the dvc.lock that `mlops run` would leave."""
    out = {"path": EXPORT.as_posix(), "md5": pin.digest(EXPORT).md5}
    Path("dvc.lock").write_text(json.dumps({"stages": {"export": {"outs": [out]}}}))


@pytest.fixture
def dockerfile() -> str:
    """The project's own."""
    return (ROOT / "Dockerfile").read_text()
