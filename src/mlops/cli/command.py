"""What every command has: the folder it works in, its exit code, options of the same name."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from mlops.errors import DeclarationError, ending

Reason = Annotated[str, typer.Option(envvar="MLOPS_REASON", help="Why; it stays in the tag.")]
Through = Annotated[
    str | None,
    typer.Option(envvar="MLOPS_THROUGH", help="Up to this period; else the next one."),
]
AsJson = Annotated[bool, typer.Option("--json", help="As JSON, for programs.")]


def finish(action: Callable[[], object]) -> None:
    """Do it at the root of the repository, and exit with its code."""

    def at_the_root() -> None:
        os.chdir(root())
        action()

    sys.exit(ending(at_the_root))


def root() -> Path:
    """The folder of the repository that this is called in. Raises DeclarationError outside one."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "dvc.yaml").is_file():
            return folder
    raise DeclarationError(f"no dvc.yaml in {here} or above it; change into the repository")
