"""Which version, commit and data an image is made of: build.json in it, and its labels."""

import hashlib
import os
import re
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime

from mlops import git
from mlops.data import pin
from mlops.package import exported
from mlops.package.exported import LOCK
from serving.manifest import Build

DIGITS = 12  # of the commit, in the version of what was never released


@dataclass(frozen=True)
class Stamp:
    """What is written into the image: build.json, and what its labels say beyond that.

    `source` is the repository's address, `lock` the sha256 of dvc.lock, `export` the md5 that it
    has for artifacts/export; each is empty where it is not known.
    """

    build: Build
    source: str
    lock: str
    export: str


def make(model: str, version: str | None = None) -> Stamp:
    """The stamp of the commit that is checked out, for the model of this name.

    The version is the one given, else that of the newest tag `MODEL@vX.Y.Z` on the commit, or
    0.0.0+COMMIT. It ends in -dirty when a file differs from the commit. Raises DataError when
    data.dvc says no hash.
    """
    lock = hashlib.sha256(LOCK.read_bytes()).hexdigest() if LOCK.is_file() else ""
    export = exported.recorded() or ""
    commit = git.head()
    if commit is None:
        build = Build(version=version or "0.0.0", data=pin.read().md5)
        return Stamp(build, "", lock, export)
    version = version or _version(model, commit)
    seconds = int(_asked("show", "--no-patch", "--format=%ct", commit))
    return Stamp(
        Build(
            version=version + ("-dirty" if git.changed_files(commit) else ""),
            commit=commit,
            created=datetime.fromtimestamp(seconds, UTC).isoformat(),
            data=pin.read().md5,
        ),
        source(),
        lock,
        export,
    )


def _version(model: str, commit: str) -> str:
    released = re.compile(rf"{re.escape(model)}@v(\d+)\.(\d+)\.(\d+)")
    tags = _asked("tag", "--points-at", commit).splitlines()
    found = [tuple(map(int, tag.groups())) for tag in map(released.fullmatch, tags) if tag]
    return ".".join(map(str, max(found))) if found else f"0.0.0+{commit[:DIGITS]}"


def source() -> str:
    """The repository's address, without a user or a password; empty when it has none on a host."""
    if "GITHUB_REPOSITORY" in os.environ:
        server = os.environ.get("GITHUB_SERVER_URL", "https://github.com")
        return f"{server}/{os.environ['GITHUB_REPOSITORY']}"
    remote = _asked("remote", "get-url", "origin")
    found = re.fullmatch(
        r"(?:(?:https?|ssh)://)?(?:[^@/]*@)?([\w-]+(?:\.[\w-]+)+)(?::\d+)?[:/](.+?)(?:\.git)?/?",
        remote,
    )
    return f"https://{found[1]}/{found[2]}" if found else ""


def _asked(*arguments: str) -> str:
    """What git printed; nothing when it refused."""
    run = subprocess.run(["git", *arguments], capture_output=True, text=True, check=False)
    return run.stdout.strip() if run.returncode == 0 else ""
