"""A proposal as a commit on top of main, made without the work tree, and the branch it goes to."""

import os
import subprocess
import tempfile
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from mlops import git
from mlops.registry.errors import PushDeniedError, RegistryError

TRAILER = "Retrained"
BOT = ("github-actions[bot]", "41898282+github-actions[bot]@users.noreply.github.com")


class NotPermittedError(RegistryError):
    """The token may not push, and no proposal was ever pushed here."""


class ForeignError(RegistryError):
    """The branch ends in a commit that somebody else made; it is theirs."""


def make(folder: Path, names: list[Path], patterns: tuple[str, ...], message: str) -> str | None:
    """A commit on top of origin's default branch with these files of `folder`; None for no change.

    What matches one of `patterns` and is not among `names` is not in it. The files' bytes are taken
    as they are: neither filters nor hooks run. Raises RegistryError when git refuses.
    """
    main = git.fetch_main()
    with tempfile.TemporaryDirectory(prefix="index-") as scratch:
        index = {"GIT_INDEX_FILE": str(Path(scratch) / "index")}
        _asked("read-tree", main, **index)
        gone = [
            path
            for path in git.files(main)
            if any(_matches(path, pattern) for pattern in patterns) and Path(path) not in names
        ]
        entries = [f"0 {'0' * 40}\t{path}" for path in gone]
        for name in names:
            blob = _asked("hash-object", "-w", "--no-filters", "--", str(folder / name))
            entries.append(f"100644 {blob}\t{name.as_posix()}")
        listed = "".join(f"{entry}\n" for entry in entries)
        _asked("update-index", "--add", "--index-info", given=listed, **index)
        tree = _asked("write-tree", **index)
    if tree == _asked("rev-parse", f"{main}^{{tree}}"):
        return None
    return record(tree, main, message)


def record(tree: str, parent: str, message: str) -> str:
    """A commit of the machinery's; RegistryError when git refuses."""
    return _asked("commit-tree", tree, "-p", parent, given=message, **_identity())


def push(commit: str, branch: str, trailer: str = TRAILER) -> bool:
    """Have `branch` of origin end in `commit`; whether that took a push.

    None is needed where its tip holds the very same files. A tip of an earlier proposal, which
    `trailer` in its message tells, is replaced, if it is still the one that was seen. Raises
    ForeignError for any other tip, NotPermittedError when the token may not push the branch's
    first, RegistryError when origin refuses.
    """
    reference = f"refs/heads/{branch}"
    listed = git.origin("ls-remote", "--heads", "origin", reference)
    tip = listed.split("\t")[0] if listed else ""
    if tip:
        git.origin("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "origin", reference)
        if not _is_ours(tip, trailer):
            raise ForeignError(
                f"the branch {branch} ends in {tip[:12]}, which somebody else made; it is left "
                f"alone: merge or delete it, and the next proposal takes its place"
            )
        if _asked("rev-parse", f"{tip}^{{tree}}") == _asked("rev-parse", f"{commit}^{{tree}}"):
            return False
    lease = f"--force-with-lease={reference}:{tip}"
    try:
        git.origin("push", "--quiet", "--no-verify", lease, "origin", f"{commit}:{reference}")
    except PushDeniedError as denied:
        if tip:
            raise
        raise NotPermittedError(str(denied)) from None
    return True


def _is_ours(tip: str, trailer: str) -> bool:
    """A person who takes the commit further leaves another committer, even on an amended one."""
    form = f"%ce%n%(trailers:key={trailer},valueonly)"
    by, _, value = _asked("show", "--no-patch", f"--format={form}", tip).partition("\n")
    return by == BOT[1] and bool(value.strip())


def _matches(path: str, pattern: str) -> bool:
    """As glob has it: a star stays within its folder."""
    parts, wanted = PurePosixPath(path).parts, PurePosixPath(pattern).parts
    return len(parts) == len(wanted) and all(map(fnmatchcase, parts, wanted))


def _identity() -> dict[str, str]:
    roles = ("AUTHOR", "COMMITTER")
    return {
        f"GIT_{role}_{what}": value
        for role in roles
        for what, value in zip(("NAME", "EMAIL"), BOT, strict=True)
    }


def _asked(*arguments: str, given: str | None = None, **environment: str) -> str:
    run = subprocess.run(
        ["git", *arguments],
        input=given,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode:
        raise RegistryError(f"`git {arguments[0]}` failed: {run.stderr.strip()[:300]}")
    return run.stdout.strip("\n")
