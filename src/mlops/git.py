"""git, called as a person would call it."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mlops.errors import DeclarationError

NAMES = ("origin/HEAD", "origin/main", "main", "master")  # where a base branch is looked for


def head() -> str | None:
    """The commit that is checked out; None outside a repository or before its first commit."""
    return commit_of("HEAD")


def commit_of(name: str) -> str | None:
    """The commit that a branch, tag or hash means, if there is one."""
    return _said("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")


def base(name: str | None) -> str | None:
    """The commit at which the work tree left the base branch `name`.

    Without a name it is looked for as origin's default branch, then main. None when the work tree
    is that commit itself, so that there is nothing to compare with.
    Raises DeclarationError when `name` is no commit here, or shares no history.
    """
    here = head()
    names = [name] if name else [n for n in NAMES if commit_of(n)]
    if here is None or not names:
        return None
    there = commit_of(names[0])
    if there is None:
        raise DeclarationError(
            f"the base {names[0]!r} is no branch or commit here; `git fetch origin` brings it, or "
            f"name another with --base"
        )
    common = _said("merge-base", here, there)
    if common is None:
        raise DeclarationError(
            f"{names[0]} and what is checked out share no history here; in a shallow clone, "
            f"`git fetch --unshallow` brings it"
        )
    return None if common == here and not changed_files(here) else common


def changed_files(commit: str) -> list[str]:
    """What differs between a commit and the work tree, files new to git included."""
    tracked = _said("diff", "--name-only", "-z", "--no-renames", commit) or ""
    new = _said("ls-files", "--others", "--exclude-standard", "-z") or ""
    return sorted(set(filter(None, (tracked + "\0" + new).split("\0"))))


def content(commit: str, path: str | Path) -> bytes | None:
    """A file as it was in a commit; None when it was not there."""
    run = subprocess.run(
        ["git", "show", f"{commit}:{Path(path).as_posix()}"], capture_output=True, check=False
    )
    return run.stdout if run.returncode == 0 else None


@contextmanager
def worktree(commit: str, folder: Path) -> Iterator[Path]:
    """A checkout of `commit` in `folder`, gone afterwards."""
    _remove(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        ["git", "worktree", "add", "--quiet", "--force", "--detach", str(folder), commit],
        check=True,
        capture_output=True,
        env=os.environ | {"GIT_LFS_SKIP_SMUDGE": "1"},
    )
    try:
        yield folder.resolve()
    finally:
        _remove(folder)


def _remove(folder: Path) -> None:
    _said("worktree", "remove", "--force", "--force", str(folder))
    _said("worktree", "prune")


def _said(*arguments: str) -> str | None:
    """What git printed, without the last line's end; None when it refused."""
    run = subprocess.run(["git", *arguments], capture_output=True, text=True, check=False)
    return run.stdout.strip("\n") if run.returncode == 0 else None
