"""What an image is built from: no more than the Dockerfile copies."""

import os
import re
import stat
from pathlib import Path

import pytest

from mlops.package import context
from mlops.package.errors import PackagingError
from serving import manifest
from serving.manifest import Build
from tests.conftest import ROOT

BUILD = Build("1.2.0", "abc", "2026-02-03T02:05:06+00:00", "0123abcd.dir")


def files(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.usefixtures("repository")
def test_it_holds_what_is_served_and_nothing_else() -> None:
    with context.staged(BUILD) as folder:
        assert files(folder) == {
            "Dockerfile",
            "artifacts/export/build.json",
            "artifacts/export/manifest.json",
            "artifacts/export/model.onnx",
            "requirements/serve.txt",
            "src/serving/__init__.py",
        }


@pytest.mark.usefixtures("repository")
def test_the_server_reads_the_build_and_the_run_keeps_its_own_files() -> None:
    before = files(Path("artifacts"))

    with context.staged(BUILD) as folder:
        assert manifest.read(folder / "artifacts/export")[1] == BUILD

    assert files(Path("artifacts")) == before
    assert not folder.exists()


@pytest.mark.usefixtures("repository")
def test_everybody_may_read_what_a_careful_umask_hid() -> None:
    Path("artifacts/export/model.onnx").chmod(0o600)
    Path("src/serving").chmod(0o700)
    before = os.umask(0o077)
    try:
        with context.staged(BUILD) as folder:
            modes = {stat.S_IMODE(p.stat().st_mode) for p in folder.rglob("*") if p.is_file()}
            folders = {stat.S_IMODE(p.stat().st_mode) for p in folder.rglob("*") if p.is_dir()}
    finally:
        os.umask(before)

    assert (modes, folders) == ({0o644}, {0o755})


@pytest.mark.usefixtures("repository")
def test_a_missing_part_is_named() -> None:
    Path("requirements/serve.txt").unlink()

    with (
        pytest.raises(PackagingError, match=r"requirements/serve\.txt is missing"),
        context.staged(BUILD),
    ):
        pass


def test_the_dockerfile_copies_these_parts_and_docker_is_shown_no_others(dockerfile: str) -> None:
    parts = {part.as_posix() for part in context.PARTS}
    shown = (ROOT / ".dockerignore").read_text().splitlines()

    assert set(re.findall(r"^COPY (?!--from)(\S+)", dockerfile, flags=re.MULTILINE)) == parts
    assert "*" in shown
    assert {line.removeprefix("!") for line in shown if line.startswith("!")} == parts
