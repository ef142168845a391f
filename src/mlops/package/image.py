"""`mlops image`: the exported model and its server as an image."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rich.table import Table

from mlops.package import base, builders, exported, labels, stamp
from mlops.package.base import Base
from mlops.package.builders import Image
from mlops.package.context import staged
from mlops.package.errors import PackagingError
from mlops.progress import console, step
from serving.manifest import Build

MEGABYTE = 10**6


@dataclass(frozen=True)
class Built:
    """An image and what it was made of."""

    tag: str
    image: Image
    base: Base
    build: Build


def build(
    tag: str | None,
    builder: str | None,
    on: str | None = None,
    further: Sequence[str] = (),
    *,
    version: str | None = None,
) -> Built:
    """Build the image from artifacts/export and src/serving, on the base image `on`.

    `tag` is NAME:TAG, else the model's name and version. `further` are options of the builder.
    `version` is the one that the image says it is, else that of the commit's tag.
    Raises PackagingError when there is no exported model, no builder, or no base image.
    """
    model = exported.read()
    stamped = stamp.make(model.name, version)
    chosen = builders.find(builder)
    beneath = base.settle(on or base.named(), chosen)
    tag = tag or default_tag(model.name, stamped.build.version)
    with staged(stamped.build) as context, step(f"building {tag} with {chosen.name}"):
        chosen.build(context, tag, beneath.name, labels.of(stamped, model.name, beneath), further)
    image = chosen.about(tag)
    if image is None:
        raise PackagingError(
            f"{chosen.name} built {tag} and kept it to itself; with a builder of its own, docker "
            f"wants to be asked: `mlops image --load`"
        )
    return Built(tag, image, beneath, stamped.build)


def default_tag(model: str, version: str) -> str:
    """A name that registries accept: lower case, and no plus."""
    name = re.sub(r"[^a-z0-9]+", "-", model.lower()).strip("-") or "model"
    return f"{name}:{re.sub(r'[^A-Za-z0-9_.-]', '-', version)}"


def show(built: Built) -> None:
    """Print what was built."""
    shown = Table(title=built.tag, show_header=False)
    shown.add_column(style="dim")
    shown.add_column(overflow="fold")
    shown.add_row("version", built.build.version)
    shown.add_row("commit", built.build.commit or "none: this is no git repository")
    shown.add_row("data", built.build.data)
    shown.add_row("id", built.image.id)
    shown.add_row("digest", built.image.digest or "none before it is pushed")
    shown.add_row("size", f"{built.image.size / MEGABYTE:.0f} MB unpacked")
    beyond = built.image.size - built.base.size
    shown.add_row("beyond the base", f"{beyond / MEGABYTE:.0f} MB")
    shown.add_row("base", built.base.name)
    shown.add_row("its digest", built.base.digest)
    console.print(shown)
