"""The machine: programs, packages, space."""

import os
import platform
import re
import shutil
import sys
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path

from packaging.utils import canonicalize_name
from packaging.version import Version

from mlops.doctor.check import Seen, error, note, ok, said, warning
from mlops.init.answers import project
from mlops.package import builders, sbom
from mlops.package.errors import PackagingError
from mlops.pipeline import ELSEWHERE, REFERENCE

LOCK = Path("requirements/dev.txt")
PROJECT = Path("pyproject.toml")
TOOLS = {"pip", "setuptools", "uv", "wheel"}  # there whether they are locked or not
OLDEST_PYTHON, OLDEST_GIT = Version("3.11"), Version("2.28")
GB = 10**9
SPACE = 5.0  # GB: the environment takes 2, and every version of data and models stays in the cache
LEAST_SPACE = 1.0
MEMORY = 4.0  # GB: the example's pipeline takes 1, tests on two cores as much for each
NAMED = 5  # of many, in a sentence


def python() -> Iterator[Seen]:
    """The interpreter, and whether it is the environment's."""
    running = Version(platform.python_version())
    told = f"Python {running} on {platform.system()} {platform.machine()}"
    if running < OLDEST_PYTHON:
        yield error(f"{told}; {OLDEST_PYTHON} is the oldest", "make PYTHON=/path/to/python3")
    elif (platform.system(), platform.machine()) != REFERENCE:
        yield note(f"{told}; {ELSEWHERE.removeprefix('note: ')}")
    else:
        yield ok(told)


def git() -> Iterator[Seen]:
    """git, and whether it knows who commits."""
    told = re.search(r"\d+(\.\d+)+", said("git", "--version") or "")
    if told is None:
        yield error("git is not there", "install git: https://git-scm.com/downloads")
        return
    if Version(told[0]) < OLDEST_GIT:
        yield warning(f"git {told[0]}; {OLDEST_GIT} is the oldest that was tried", "update git")
    else:
        yield ok(f"git {told[0]}")
    if said("git", "var", "GIT_COMMITTER_IDENT") is None:
        yield warning(
            "git does not know who you are, and makes no commit",
            "git config --global user.name NAME; git config --global user.email ADDRESS",
        )


def make() -> Iterator[Seen]:
    """make, which only `make …` needs."""
    told = (said("make", "--version") or "").splitlines()
    if told:
        yield ok(told[0])
    else:
        yield warning(
            "make is not there: `mlops …` works, `make …` does not",
            "install make (`apt-get install make`, `xcode-select --install`)",
        )


def uv() -> Iterator[Seen]:
    """uv, which make brings by itself."""
    found = said("uv", "--version") or said(".uv/bin/uv", "--version")
    yield ok(found) if found else note("uv is not there", "make environment")


def packages() -> Iterator[Seen]:
    """Whether what is installed is what the lock pins."""
    wanted = {
        canonicalize_name(package.requirement.name): package.version
        for package in sbom.read(LOCK.read_text(encoding="utf-8"))
        if package.requirement.marker is None or package.requirement.marker.evaluate()
    }
    there = {canonicalize_name(one.name): one.version for one in metadata.distributions()}
    lacking = sorted(name for name in wanted if name not in there)
    other = sorted(
        f"{name} {there[name]} for {version}"
        for name, version in wanted.items()
        if name in there and Version(there[name]) != Version(version)
    )
    ours = TOOLS | {canonicalize_name(project(PROJECT.read_text(encoding="utf-8")))}
    more = sorted(name for name in there if name not in wanted and name not in ours)
    if lacking:
        yield warning(f"lacking, of what {LOCK} pins: {_some(lacking)}", "make environment")
    if other:
        yield warning(f"other versions than {LOCK} pins: {_some(other)}", "make environment")
    if more:
        yield note(
            f"installed and not pinned, so missing elsewhere: {_some(more)}",
            "name them in pyproject.toml, then make lock environment; or make environment alone",
        )
    if not lacking and not other:
        yield ok(f"{len(wanted)} packages are as {LOCK} pins them, in {sys.prefix}")


def disk() -> Iterator[Seen]:
    """What is free where the repository is."""
    free = shutil.disk_usage(Path.cwd()).free / GB
    told = f"{free:.1f} GB are free here"
    remedy = "make room; `dvc gc --workspace` drops what no file here names"
    if free < LEAST_SPACE:
        yield error(f"{told}, too little for a run", remedy)
    elif free < SPACE:
        yield warning(f"{told}; {SPACE:g} GB are little", remedy)
    else:
        yield ok(told)


def memory() -> Iterator[Seen]:
    """Memory and cores."""
    size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GB
    cores = os.cpu_count() or 1
    told = f"{size:.1f} GB of memory, {cores} core{'s' if cores > 1 else ''}"
    if size < MEMORY:
        yield warning(f"{told}: under {MEMORY:g} GB a run may be killed", "PYTEST_ADDOPTS=-n1")
    elif cores == 1:
        yield note(f"{told}: tests and gates take twice as long")
    else:
        yield ok(told)


def containers() -> Iterator[Seen]:
    """What builds images; only `mlops image` and a promotion by hand need it."""
    try:
        yield ok(f"{builders.find().name} builds images")
    except PackagingError as lacking:
        yield note(f"no image can be built here: {lacking}")


def _some(names: Sequence[str]) -> str:
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")
