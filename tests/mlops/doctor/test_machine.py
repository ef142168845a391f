"""Programs, packages and space."""

import os
import platform
import shutil
from collections import namedtuple
from importlib import metadata
from pathlib import Path

import pytest

from mlops.doctor import machine
from mlops.package import builders
from tests.conftest import ROOT
from tests.mlops.doctor.conftest import Git, levels, told

Usage = namedtuple("Usage", ["total", "used", "free"])


@pytest.fixture
def no_programs(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(folder))


def test_this_machine_runs_the_tests_so_its_python_does() -> None:
    ((level, text),) = told(machine.python())

    assert level in ("ok", "note")
    assert text.startswith(f"Python {platform.python_version()} on {platform.system()}")


@pytest.mark.parametrize(
    ("version", "system", "level"),
    [
        ("3.10.14", "Linux", "error"),
        ("3.9.1", "Linux", "error"),
        ("3.11.0", "Linux", "ok"),
        ("3.13.0rc1", "Linux", "ok"),
        ("3.12.0", "Darwin", "note"),
    ],
)
def test_an_old_python_stops_the_work_and_another_system_is_told(
    monkeypatch: pytest.MonkeyPatch, version: str, system: str, level: str
) -> None:
    monkeypatch.setattr(platform, "python_version", lambda: version)
    monkeypatch.setattr(platform, "system", lambda: system)
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")

    assert levels(machine.python()) == [level]


@pytest.mark.usefixtures("no_programs")
def test_what_is_missing_is_told_by_how_much_it_matters() -> None:
    assert levels(machine.git()) == ["error"]
    assert levels(machine.make()) == ["warning"]
    assert levels(machine.uv()) == ["note"]
    assert levels(machine.containers()) == ["note"]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("git version 2.39.5", "ok"),
        ("git version 2.50.1 (Apple Git-155)", "ok"),
        ("git version 2.17.1", "warning"),
    ],
)
def test_an_old_git_is_told(monkeypatch: pytest.MonkeyPatch, said: str, expected: str) -> None:
    monkeypatch.setattr(machine, "said", lambda *_: said)

    assert levels(machine.git()) == [expected]


def test_a_git_that_knows_nobody_is_told(git: Git, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"):
        monkeypatch.setenv(name, os.devnull)
    for name in ("EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"):
        monkeypatch.delenv(name, raising=False)
    git("config", "user.useConfigOnly", "true")

    _, who = machine.git()
    assert who.level == "warning"
    assert "git config --global user.name" in who.remedy

    git("config", "user.name", "Somebody")
    git("config", "user.email", "somebody@example.invalid")
    assert levels(machine.git()) == ["ok"]


def test_a_builder_of_images_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builders.Builder, "works", lambda self: self.name == "podman")

    assert told(machine.containers()) == [("ok", "podman builds images")]


@pytest.fixture
def locked(folder: Path) -> Path:
    (folder / "requirements").mkdir()
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder / "requirements/dev.txt"


def pinned(*lines: str) -> str:
    return "".join(f"{line} \\\n    --hash=sha256:{'0' * 64}\n" for line in ("# a lock", *lines))


def test_packages_are_compared_with_the_lock(locked: Path) -> None:
    numpy, pandas = metadata.version("numpy"), metadata.version("pandas")
    locked.write_text(
        pinned(
            f"NumPy=={numpy}",
            "pandas==0.1",
            "no_such-package==1.0",
            "only-on-another==1.0 ; python_version < '3'",
        )
    )

    lacking, other, more = told(machine.packages())

    assert lacking == ("warning", "lacking, of what requirements/dev.txt pins: no-such-package")
    assert other[1].endswith(f": pandas {pandas} for 0.1")
    assert more[0] == "note"
    assert "pytest" not in more[1].split("elsewhere: ")[0]


def test_an_environment_as_the_lock_says_is_right(locked: Path) -> None:
    there = {one.name: one.version for one in metadata.distributions()}
    locked.write_text(pinned(*(f"{name}=={version}" for name, version in there.items())))

    assert levels(machine.packages()) == ["ok"]


def test_the_lock_of_this_repository_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)

    assert set(levels(machine.packages())) <= {"ok", "note"}


@pytest.mark.parametrize(("free", "level"), [(0.5, "error"), (3, "warning"), (50, "ok")])
def test_little_space_is_told(monkeypatch: pytest.MonkeyPatch, free: float, level: str) -> None:
    usage = Usage(100, 1, free * machine.GB)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)

    assert told(machine.disk())[0][0] == level


@pytest.mark.parametrize(
    ("size", "cores", "level"), [(2, 4, "warning"), (8, 1, "note"), (8, 2, "ok")]
)
def test_little_memory_and_a_single_core_are_told(
    monkeypatch: pytest.MonkeyPatch, size: int, cores: int, level: str
) -> None:
    known = {"SC_PAGE_SIZE": 1000, "SC_PHYS_PAGES": size * 10**6}
    monkeypatch.setattr(os, "sysconf", known.__getitem__)
    monkeypatch.setattr(os, "cpu_count", lambda: cores)

    (seen,) = machine.memory()
    assert seen.level == level
    assert seen.text.startswith(f"{size:.1f} GB of memory, {cores} core")
