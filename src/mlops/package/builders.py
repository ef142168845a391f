"""docker, podman and buildah behind one face."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlops.package import reference
from mlops.package.errors import PackagingError

NAMES = ("docker", "podman", "buildah")
VARIABLE = "MLOPS_BUILDER"
UNITS = {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9}


@dataclass(frozen=True)
class Image:
    """An image on this machine.

    `id` is the sha256 of its configuration. `digest` is that of its manifest, by which registries
    know it; docker has none before the image was in one. `size` is in bytes, unpacked.
    """

    id: str
    digest: str
    size: int


@dataclass(frozen=True)
class Builder:
    """A program that builds images, by its name."""

    name: str

    def works(self) -> bool:
        """Whether it is there, and its daemon or its storage as well."""
        return shutil.which(self.name) is not None and self._asked("images", "--quiet") is not None

    def about(self, image: str) -> Image | None:
        """What is known of an image on this machine; None when it is not here."""
        return self._about_by_buildah(image) if self.name == "buildah" else self._about(image)

    def pulling(self, image: str) -> str:
        """The command that brings an image here."""
        return " ".join([self.name, "pull", *self._plainly(image), image])

    def pull(self, image: str) -> bool:
        """Bring an image here, and say whether that went well; what is printed is passed on."""
        return subprocess.run(self.pulling(image).split(), check=False).returncode == 0

    def push(self, image: str, remote: str) -> str:
        """Push an image of this machine as `remote`, NAME:TAG; returns the digest it has there.

        What is printed is passed on. Raises PackagingError when it fails.
        """
        with tempfile.TemporaryDirectory(prefix="push-") as scratch:
            note = Path(scratch) / "digest"
            noting = [] if self.name == "docker" else [f"--digestfile={note}"]
            self._do("tag", image, remote)
            said = self._do("push", *self._plainly(remote), *noting, remote)
            if noting:
                return note.read_text("utf-8").strip()
        # docker says it, and is believed: what it knows of the image may be of an earlier push.
        found = re.findall(r"digest: (sha256:[0-9a-f]{64})", said)
        if not found:
            raise PackagingError(f"{self.name} pushed {remote}, and says no digest")
        return str(found[-1])

    def _do(self, command: str, *arguments: str) -> str:
        """What it printed, which is passed on as well; PackagingError when it failed."""
        run = subprocess.run(
            [self.name, command, *arguments], stdout=subprocess.PIPE, text=True, check=False
        )
        sys.stdout.write(run.stdout)
        if run.returncode:
            raise PackagingError(
                f"`{self.name} {command} … {arguments[-1]}` ended with {run.returncode}; what it "
                f"printed last says why. If the registry wants a login: `{self.name} login`"
            )
        return run.stdout

    def _plainly(self, image: str) -> list[str]:
        """Registries of this machine speak plain HTTP: docker knows that, the others are told."""
        local = self.name != "docker" and reference.is_local(reference.parse(image).registry)
        return ["--tls-verify=false"] if local else []

    def build(
        self, context: Path, tag: str, base: str, labels: Mapping[str, str], further: Sequence[str]
    ) -> None:
        """Build the Dockerfile in `context` on `base`; what is printed is passed on.

        `further` are options of the builder's own. Raises PackagingError when it fails.
        """
        # Labels are options, because podman 4 and buildah 1.28 take a LABEL in the Dockerfile from
        # their cache, with its old value, when only a build argument in it has changed.
        given = [f"--label={key}={value}" for key, value in labels.items()]
        own = [*self._own(), f"--tag={tag}", f"--build-arg=BASE={base}", *given]
        code = subprocess.run(
            [self.name, "build", *own, *further, str(context)], check=False
        ).returncode
        if code:
            raise PackagingError(
                f"{self.name} ended with {code}; what it printed last says why. Without a network "
                f"it cannot install requirements/serve.txt"
            )

    def _own(self) -> list[str]:
        if self.name == "docker":
            return []
        # One date for every file, or layers would differ from build to build. Not the commit's: the
        # layer of packages would be another with each commit, and be pushed and pulled each time.
        # The OCI format knows no health check.
        return ["--timestamp=0", "--format=docker", "--layers"]

    def _about(self, image: str) -> Image | None:
        said = self._asked("image", "inspect", image)
        if said is None:
            return None
        found: dict[str, Any] = json.loads(said)[0]
        pushed = [name.partition("@")[2] for name in found.get("RepoDigests") or []]
        digest = found.get("Digest") or next(iter(pushed), "")
        return Image(found["Id"].removeprefix("sha256:"), digest, found["Size"])

    def _about_by_buildah(self, image: str) -> Image | None:
        said = self._asked("inspect", "--type=image", image)
        if said is None:
            return None
        found = json.loads(said)
        listed = json.loads(self._asked("images", "--json", found["FromImageID"]) or "[{}]")
        return Image(found["FromImageID"], found["FromImageDigest"], _bytes(listed[0].get("size")))

    def _asked(self, *arguments: str) -> str | None:
        """What it printed; None when it refused."""
        run = subprocess.run([self.name, *arguments], capture_output=True, text=True, check=False)
        return run.stdout if run.returncode == 0 else None


def _bytes(said: str | None) -> int:
    """Bytes of a size as buildah prints it: `223 MB`."""
    found = re.fullmatch(r"([\d.]+) ([KMG]?B)", (said or "").upper())
    return round(float(found[1]) * UNITS[found[2]]) if found else 0


def find(name: str | None = None) -> Builder:
    """The builder of this name, or of $MLOPS_BUILDER, or the first that works.

    Raises PackagingError when it, or every one of them, is absent or does not work.
    """
    name = name or os.environ.get(VARIABLE)
    if name and name not in NAMES:
        raise PackagingError(f"no builder {name!r}: expected one of {', '.join(NAMES)}")
    wanted = (name,) if name else NAMES
    for builder in map(Builder, wanted):
        if builder.works():
            return builder
    broken = [n for n in wanted if shutil.which(n)]
    raise PackagingError(
        f"no working {' or '.join(wanted)}"
        + (f" ({', '.join(broken)} is there, and does not work)" if broken else "")
        + "; start the docker daemon, or install podman: `apt-get install podman`"
    )
