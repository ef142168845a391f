"""git, called as a person would call it."""

import base64
import os
import re
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from mlops.errors import DeclarationError
from mlops.registry.errors import PushDeniedError, RegistryError

NAMES = ("origin/HEAD", "origin/main", "main", "master")  # where a base branch is looked for
DENIED = re.compile(r"Permission to \S+ denied|Write access to repository not granted")
"""What GitHub says to a token that may not write."""
CONFIDENTIAL = re.compile(r"https://|http://(127\.0\.0\.1|localhost)(:|/|$)")  # for a token


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


def files(commit: str, *paths: str) -> dict[str, str]:
    """Every file of a commit at or below these paths: by path the hash of its content."""
    listed = _said("ls-tree", "-r", "-z", "--full-tree", commit, "--", *paths) or ""
    entries = (entry.split("\t", 1) for entry in filter(None, listed.split("\0")))
    return {path: described.split()[2] for described, path in entries}


def is_ancestor(older: str, newer: str) -> bool:
    """Whether `newer` has `older` in its history; a commit has itself.

    Raises RegistryError when one of them is not here, so that it cannot be said.
    """
    run = _git("merge-base", "--is-ancestor", older, newer)
    if run.returncode > 1:
        raise RegistryError(
            f"whether {newer[:12]} descends from {older[:12]} cannot be said: {_last(run)}; "
            f"`git fetch origin` (`--unshallow` in a shallow clone) brings what is missing"
        )
    return run.returncode == 0


def first_parents(after: str, through: str) -> list[str]:
    """The commits that a branch itself got after `after` up to `through`, oldest first.

    Of a merge that is the merge commit, not what it brought. Raises RegistryError when one of the
    two is not here.
    """
    run = _git("rev-list", "--first-parent", "--reverse", f"{after}..{through}")
    if run.returncode:
        raise RegistryError(
            f"the commits from {after[:12]} to {through[:12]} cannot be listed: {_last(run)}; "
            f"`git fetch origin` (`--unshallow` in a shallow clone) brings what is missing"
        )
    return run.stdout.split()


def changes(commit: str, path: str | Path) -> list[str]:
    """The commits of a branch that changed a file, oldest first; of a merge, the merge commit."""
    listed = _said("rev-list", "--first-parent", "--reverse", commit, "--", Path(path).as_posix())
    return (listed or "").split()


def times(commits: Iterable[str]) -> dict[str, datetime]:
    """When each of these commits was made, UTC; without those that are not here."""
    asked = "".join(f"{commit}\n" for commit in commits)
    options = ("--timestamp", "--no-walk", "--ignore-missing", "--stdin")
    lines = (line.split() for line in _git("rev-list", *options, given=asked).stdout.splitlines())
    return {commit: datetime.fromtimestamp(int(seconds), UTC) for seconds, commit in lines}


def default_branch() -> str:
    """The name of origin's default branch, as known here, else as origin says.

    Raises RegistryError when neither says one.
    """
    known = _said("symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD")
    if known:
        return known.removeprefix("origin/")
    said = re.match(
        r"ref: refs/heads/(\S+)\tHEAD", origin("ls-remote", "--symref", "origin", "HEAD")
    )
    if said is None:
        raise RegistryError(
            "origin says no default branch: it is empty, or its HEAD points at a branch that is "
            "not there; push the branch, then `git remote set-head origin BRANCH`"
        )
    return said[1]


def fetch_main() -> str:
    """Bring origin's default branch here with all its history; the commit it is at.

    Raises RegistryError when origin cannot be read.
    """
    branch = default_branch()
    shallow = _said("rev-parse", "--is-shallow-repository") == "true"
    there = f"refs/remotes/origin/{branch}"
    refs = f"+refs/heads/{branch}:{there}"
    origin("fetch", "--quiet", "--no-tags", *(["--unshallow"] if shallow else []), "origin", refs)
    return _said("rev-parse", there) or ""


def identity() -> str:
    """Who is at work: the actor of the workflow run, else git's user.

    Raises DeclarationError where git knows none.
    """
    return committer()[0]


def committer() -> tuple[str, str]:
    """The name and the address that a commit or a tag made now would bear.

    Raises DeclarationError where git knows none.
    """
    actor = os.environ.get("GITHUB_ACTOR")
    own = {}
    if actor:
        address = f"{actor}@users.noreply.github.com"
        own = {"GIT_COMMITTER_NAME": actor, "GIT_COMMITTER_EMAIL": address}
    said = re.match(r"(.+?) <(.*)> \d", _git("var", "GIT_COMMITTER_IDENT", **own).stdout)
    if said is None:
        raise DeclarationError(
            "git does not know who you are; `git config --global user.name NAME` and "
            "`git config --global user.email ADDRESS` tell it"
        )
    return said[1], said[2]


def now() -> int:
    """The time that a commit or a tag made now would bear, in seconds since 1970.

    That of the clock, unless GIT_COMMITTER_DATE says another one, as git has it.
    """
    own = {"GIT_COMMITTER_NAME": "-", "GIT_COMMITTER_EMAIL": "-"}  # whoever it is
    return int(_git("var", "GIT_COMMITTER_IDENT", **own).stdout.split()[-2])


def address() -> str | None:
    """Where origin is, if there is one."""
    return _said("remote", "get-url", "origin")


def setting(name: str) -> str | None:
    """What git's configuration says, such as `user.name`, if it says anything."""
    return _said("config", "--get", name) or None


def origin(*arguments: str, given: str | None = None) -> str:
    """What git printed when asked for something that needs the remote `origin`.

    Raises PushDeniedError when the token may not write there, RegistryError with git's reason when
    origin does not answer or refuses.
    """
    there = address()
    if there is None:
        raise RegistryError(
            "there is no remote `origin`, and what is promoted is what stands there; "
            "`git remote add origin ADDRESS`"
        )
    run = _git(*arguments, given=given, **authentication())
    if run.returncode:
        shown = re.sub(r"//[^/@]*@", "//", there)  # a password may stand there
        refused = PushDeniedError if DENIED.search(run.stderr) else RegistryError
        raise refused(
            f"origin ({shown}) did not do what was asked, `git {arguments[0]}`: {_last(run)}"
        )
    return run.stdout


def authentication() -> dict[str, str]:
    """Environment variables by which git shows GITHUB_TOKEN to GITHUB_SERVER_URL, and to no other.

    Neither the command line nor a file gets to see it. Without a token, over an open line or where
    somebody is there to be asked, git does as it is set up.
    """
    own = {"GIT_TERMINAL_PROMPT": "0"} if os.environ.get("CI") else {}
    token = os.environ.get("GITHUB_TOKEN")
    server = os.environ.get("GITHUB_SERVER_URL") or "https://github.com"
    if not token or not CONFIDENTIAL.match(server):
        return own
    secret = base64.b64encode(f"x-access-token:{token}".encode()).decode()
    first = int(os.environ.get("GIT_CONFIG_COUNT") or 0)
    for number, header in enumerate(("", f"Authorization: Basic {secret}"), first):
        own[f"GIT_CONFIG_KEY_{number}"] = f"http.{server.rstrip('/')}/.extraheader"
        own[f"GIT_CONFIG_VALUE_{number}"] = header  # the empty one forgets what a checkout left
    return own | {"GIT_CONFIG_COUNT": str(first + 2)}


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
    run = _git(*arguments)
    return run.stdout.strip("\n") if run.returncode == 0 else None


def _git(
    *arguments: str, given: str | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["git", *arguments],
        input=given,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def _last(run: subprocess.CompletedProcess[str]) -> str:
    """Why git refused, from its first line of that kind."""
    lines = [line for line in run.stderr.splitlines() if not line.startswith("hint:")]
    told = [line for line in lines if re.match(r"(remote: *\S|fatal|error| !)", line)]
    said = (told or lines or ["no reason was given"])[0].strip()
    return re.sub(r"//[^/@\s]*@", "//", said.removeprefix("fatal: ").removeprefix("error: "))[:300]
