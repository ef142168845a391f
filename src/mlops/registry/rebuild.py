"""`mlops verify`: a version, made again from its tag, is what its tag says, or part by part not.

Nothing that the pipeline computed is taken from anywhere: the rebuild has an empty DVC cache, and
the version's own packages. Only the data comes from where it is kept, by its hash.
"""

import hashlib
import json
import platform
import subprocess
from contextlib import chdir
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from rich.table import Table

from mlops import git
from mlops.data import pin
from mlops.judge.changes import LOCK, stage_outputs
from mlops.judge.workplace import Unable, Workplace
from mlops.package import container, exported, labels
from mlops.package.builders import Builder
from mlops.package.errors import PackagingError
from mlops.progress import console, step
from mlops.registry import facts, state
from mlops.registry.errors import RegistryError
from mlops.registry.facts import interface
from mlops.registry.record import Facts, Image
from mlops.registry.state import Released

WORKTREE = Path(".mlops/verify")
REFERENCE = ("Linux", "x86_64")  # where the same commit gives the same bits
REMADE = "localhost/mlops-verify:remade"
EPOCH = "1970-01-01"  # as podman dates what is built with --timestamp=0
SHOWN = 16  # characters of a hash in the table


@dataclass(frozen=True)
class Part:
    """A part of a version: what is recorded of it, and what it was when made again."""

    name: str
    recorded: str
    rebuilt: str

    @property
    def same(self) -> bool:
        return self.recorded == self.rebuilt


def verify(version: str, image: bool = False) -> None:
    """Make a version again in a clean worktree of its tag, and show each part beside its record.

    Parts are the facts of its tag, every output that its dvc.lock names, and, when asked for, the
    layers of its image. Raises RegistryError that names the parts that differ, or says why the
    version cannot be made again; PackagingError when no builder works.
    """
    released = state.read(remote=False).find(version)
    if released.record is None:
        raise RegistryError(
            f"{released.tag.name} was made by hand: it says nothing to compare a rebuild with"
        )
    engine = container.engine() if image else None
    with git.worktree(released.tag.commit, WORKTREE) as folder:
        try:
            place = Workplace(folder, released.tag.commit)
            run(place)
            found = parts(folder, released.tag.commit, released.record.facts)
            if engine:
                found += layers(place, engine, released.record.delivered)
        except Unable as reason:
            raise RegistryError(
                f"{released.tag.name} cannot be made again from commit "
                f"{released.tag.commit[:12]}: {reason}"
            ) from None
    conclude(released, found)


def run(place: Workplace) -> None:
    """Every stage, in a worktree that holds nothing but the commit and its data.

    Raises Unable with the reason when that is not possible.
    """
    with step(f"obtaining the data of {place.commit[:12]}"):
        place.run("obtaining its data", "-m", "mlops.cli", "data")
    cache = place.folder / ".dvc" / "cache"
    cache.unlink()  # a link to this repository's, which has outputs as well
    cache.mkdir()
    with step(f"running the pipeline of {place.commit[:12]}, every stage"):
        place.run("running its pipeline", "-m", "dvc", "repro", "--force")


def parts(folder: Path, commit: str, recorded: Facts) -> list[Part]:
    """Each fact and each output of a stage, as recorded and as it is in `folder` now.

    `folder` is a worktree of `commit` in which the pipeline ran. Raises RegistryError or
    PackagingError when the commit, or what was exported, cannot be read.
    """
    lock = (folder / LOCK).read_bytes()
    with chdir(folder):
        rebuilt = facts.of(commit) | {
            "lock": hashlib.sha256(lock).hexdigest(),
            "data": pin.digest(pin.DATA).md5,
            "export": pin.digest(exported.FOLDER).md5,
            "interface": interface(exported.read()),
        }
    found = [
        Part(name, said, rebuilt[name]) for name, said in recorded.model_dump(mode="json").items()
    ]
    then = stage_outputs((git.content(commit, LOCK) or b"").decode("utf-8", errors="replace"))
    now = stage_outputs(lock.decode("utf-8"))
    return found + [
        Part(path, then.get(path, "absent"), now.get(path, "absent"))
        for path in sorted({*then, *now})
    ]


def layers(place: Workplace, engine: Builder, image: Image) -> list[Part]:
    """Each layer of the image as it is in its registry, and built again on the same base.

    Of an image by docker these are its labels instead: in its layers, files keep the time of the
    build. Raises PackagingError when the image cannot be pulled, Unable when it is not built.
    """
    if engine.about(image.reference) is None and not engine.pull(image.reference):
        raise PackagingError(
            f"{engine.name} cannot pull {image.reference}; what it printed last says why. Where "
            f"the registry wants a login: `{engine.name} login`"
        )
    command = ["image", "--tag", REMADE, "--base", image.base, "--builder", engine.name]
    with step(f"building the image of {place.commit[:12]} with {engine.name}"):
        place.run("building its image", "-m", "mlops.cli", *command)
    recorded, rebuilt = (_inspected(engine, one) for one in (image.reference, REMADE))
    if all(one["Created"].startswith(EPOCH) for one in (recorded, rebuilt)):
        then, now = (one["RootFS"]["Layers"] for one in (recorded, rebuilt))
        pairs = zip_longest(then, now, fillvalue="absent")
        return [Part(f"image layer {count}", *pair) for count, pair in enumerate(pairs, 1)]
    console.print(
        "the image was built by docker, then or now, whose layers keep the time of the build and "
        "never repeat: its labels are compared instead"
    )
    then, now = (one["Config"]["Labels"] for one in (recorded, rebuilt))
    return [
        Part(f"image label {key}", then.get(key, "absent"), now.get(key, "absent"))
        for key in (labels.VERSION, labels.COMMIT, labels.DATA, labels.LOCK, labels.EXPORT)
    ]


def _inspected(engine: Builder, image: str) -> Any:
    command = [engine.name, "image", "inspect", image]
    return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)[0]


def conclude(released: Released, found: list[Part]) -> None:
    """Show every part; RegistryError that names those that differ."""
    name = released.tag.name
    table = Table("part", "recorded", "rebuilt", "same", title=f"{name}, made again")
    for part in found:
        same = "yes" if part.same else "[red]no[/red]"
        table.add_row(part.name, part.recorded[:SHOWN], part.rebuilt[:SHOWN], same)
    console.print(table)
    differing = [part.name for part in found if not part.same]
    if not differing:
        console.print(f"{name} is what its tag says: {len(found)} parts made again, all the same")
        return
    elsewhere = (
        ". This is not Linux on x86-64, where the same commit gives the same bytes"
        if (platform.system(), platform.machine()) != REFERENCE
        else ""
    )
    raise RegistryError(
        f"{name}, made again from commit {released.tag.commit[:12]}, differs in "
        f"{', '.join(differing)}{elsewhere}"
    )
