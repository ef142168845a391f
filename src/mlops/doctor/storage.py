"""The DVC remote, asked and written to, and the cache."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from mlops import dvc
from mlops.doctor.check import PATIENCE, Seen, note, ok, warning
from mlops.doctor.machine import GB
from mlops.remote import ADDRESS

CACHE = Path(".dvc/cache")
LARGE = 10.0  # GB

NONE = (
    "no DVC remote: the data is rebuilt from its source, and outputs stay on this machine",
    f"dvc remote add --default NAME ADDRESS; on GitHub the repository variable {ADDRESS}",
)


def remote() -> Iterator[Seen]:
    """Whether the remote can be reached, written to and read, by a small file that is removed."""
    if not dvc.remotes():
        yield note(*NONE)
        return
    name = os.environ.get(ADDRESS) or "the DVC remote"
    with dvc.knowing_the_remote() as (options, environment):
        command = [sys.executable, "-m", "mlops.doctor.probe", *options[1:]]
        try:
            run = subprocess.run(
                command,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
                timeout=PATIENCE,
            )
        except subprocess.TimeoutExpired:
            yield warning(f"{name} does not answer within {PATIENCE:g} s", "look at the network")
            return
    why = (run.stderr.strip().splitlines() or ["no reason was given"])[-1]
    match run.returncode:
        case 0:
            yield ok(f"{name} takes a file and gives it back")
        case 3:
            yield warning(f"{name} cannot be reached: {why}", "check its address and the login")
        case 4:
            yield note(
                f"{name} can be read, and not written: {why}",
                "enough for pull requests; `mlops push` needs a login that may write",
            )
        case _:
            yield warning(f"{name} could not be looked at: {why}", "dvc status --cloud")


def cache() -> Iterator[Seen]:
    """How large the cache has become."""
    sizes = (path.stat().st_size for path in CACHE.rglob("*") if path.is_file())
    size = sum(sizes) / GB
    told = f"{size:.1f} GB in {CACHE}"
    if size > LARGE:
        yield note(told, "dvc gc --workspace keeps what the files here name")
    else:
        yield ok(told)
