"""The image that ours is built on: the Dockerfile's ARG BASE, and its digest."""

import re
from dataclasses import dataclass

from mlops.files import write_text
from mlops.package import reference
from mlops.package.builders import Builder
from mlops.package.context import DOCKERFILE
from mlops.package.errors import PackagingError
from mlops.progress import console

LINE = re.compile(r"^ARG BASE=(\S+)$", flags=re.MULTILINE)


@dataclass(frozen=True)
class Base:
    """`name` is what the builder is told, `digest` what that means, `size` in bytes, unpacked."""

    name: str
    digest: str
    size: int


def named() -> str:
    """What the Dockerfile is built on; PackagingError when it does not say."""
    found = LINE.search(DOCKERFILE.read_text("utf-8")) if DOCKERFILE.is_file() else None
    if found is None:
        message = f"{DOCKERFILE}: expected a line `ARG BASE=name:tag`, the image it is built on"
        raise PackagingError(message, file=str(DOCKERFILE))
    return found[1]


def pin() -> str:
    """Write into the Dockerfile which image its base's tag means now: `name:tag@sha256:…`.

    Raises PackagingError when the registry does not say.
    """
    name = named().partition("@")[0]
    try:
        pinned = f"{name}@{reference.digest(name)}"
    except PackagingError as silent:
        message = f"{silent}; {DOCKERFILE} is as it was"
        raise PackagingError(message, file=str(DOCKERFILE)) from None
    text = DOCKERFILE.read_text("utf-8")
    write_text(DOCKERFILE, LINE.sub(lambda _: f"ARG BASE={pinned}", text, count=1))
    return pinned


def settle(name: str, builder: Builder) -> Base:
    """Fix which image a name means, and have it here.

    A name without a digest means what its registry says now; when the registry cannot be asked,
    what is on this machine. Raises PackagingError when it is on neither.
    """
    silence = ""
    if "@" not in name:
        try:
            name = f"{name}@{reference.digest(name)}"
        except PackagingError as silent:
            silence = str(silent)
    if silence and builder.about(name):
        console.print(f"  {silence}: building on the {name} that is here", style="yellow")
    elif builder.about(name) is None and not builder.pull(name):
        why = f": {silence}" if silence else ""
        raise PackagingError(
            f"the base image {name} is not here and cannot be pulled{why}. Try again with a "
            f"network, bring it with `{builder.pulling(name)}`, or name another with --base",
            file=str(DOCKERFILE),
        )
    found = builder.about(name)
    if found is None:
        raise PackagingError(f"{builder.name} pulled {name}, and then knows nothing of it")
    return Base(name, name.partition("@")[2] or found.digest, found.size)
