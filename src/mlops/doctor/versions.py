"""What is pinned, and what there is by now."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from packaging.version import InvalidVersion, Version

from mlops import git
from mlops.doctor.check import Seen, note, ok, said
from mlops.doctor.machine import LOCK
from mlops.github import workflows
from mlops.github.api import Api, GitHubError

OLD = 90  # days after which packages are worth a look
AT_A_TIME = 8  # questions


def packages() -> Iterator[Seen]:
    """How long ago the packages were locked here. Which of them have newer releases, the lock
    cannot tell: that takes an index, and Dependabot asks it every week.
    """
    if said("git", "rev-parse", "--is-shallow-repository") == "true":
        yield note(f"how old {LOCK} is cannot be told in a shallow clone", "git fetch --unshallow")
        return
    touched = git.changes("HEAD", LOCK)
    times = git.times(touched[-1:])
    if not times:
        yield note(f"{LOCK} is in no commit here: how old it is cannot be told")
        return
    days = (datetime.now(UTC) - next(iter(times.values()))).days
    told = f"{LOCK} was last changed here {days} days ago"
    if days > OLD:
        yield note(f"{told}; newer releases are likely", "make lock environment")
    else:
        yield ok(told)


def actions(api: Api) -> Iterator[Seen]:
    """Actions whose newest release is another than the one that workflows pin."""
    pinned = workflows.pinned()
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        newest = dict(zip(pinned, pool.map(lambda name: _newest(api, name), pinned), strict=True))
    unknown = sorted(name for name, version in newest.items() if version is None)
    older = sorted(
        f"{name} {version} → {newest[name]}"
        for name, versions in pinned.items()
        for version in versions
        if _before(version, newest[name])
    )
    if older:
        yield note(
            f"newer releases of {len(older)} actions: {', '.join(older)}",
            "merge Dependabot's pull request, or pin the commit of the new release",
        )
    elif len(unknown) < len(pinned):
        yield ok(f"{len(pinned) - len(unknown)} actions are pinned at their newest release")
    if unknown:
        yield note(f"the newest release cannot be asked of {', '.join(unknown)}")


def _newest(api: Api, repository: str) -> str | None:
    try:
        return str(api.beside(repository).get("releases/latest")["tag_name"])
    except GitHubError:
        return None


def _before(version: str, newest: str | None) -> bool:
    try:
        return newest is not None and Version(version) < Version(newest)
    except InvalidVersion:
        return False
