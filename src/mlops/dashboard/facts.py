"""All that the pages show, gathered from tags, ledger and commits: site.json.

Nothing else is asked, and nothing is written down here: the same git gives the same pages.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime

from mlops import git
from mlops.dashboard.audit import Entry, audit
from mlops.dashboard.cards import Cards, cards
from mlops.dashboard.delivery import Delivery, delivery
from mlops.dashboard.reigns import Reign, reigns
from mlops.dashboard.releases import Metric, Release, drawn, metrics_at, pinned_at, releases
from mlops.data import pin
from mlops.history import ledger as history
from mlops.history.ledger import Ledger
from mlops.history.record import Judged, Look, Merge
from mlops.package import stamp
from mlops.registry import state as registry
from mlops.registry.errors import RegistryError
from mlops.registry.lineage import periods
from mlops.registry.record import Part
from mlops.registry.state import State


class Hold(Part):
    """What keeps merges from moving the champion."""

    by: str
    since: AwareDatetime
    reason: str


class DataVersion(Part):
    """A state of the data that the default branch pinned."""

    at: AwareDatetime
    commit: str
    md5: str
    through: str
    versions: list[str]
    """Versions of the model that were made of it."""


class Facts(Part):
    """All of site.json. Lists are by time, the oldest first; the audit log the other way round."""

    format: Literal[1] = 1
    model: str
    commit: str
    """Of the default branch."""
    newest: AwareDatetime
    """The time of the newest fact of all."""
    current: bool
    """Whether origin was asked; else it is what this repository knew."""
    web: str
    """The repository's address; empty where it has none on a host."""
    champion: str
    """The version; empty where there is none, or no tag for it."""
    ahead: int | None
    """Commits that the default branch has got since the champion's; None where nobody can tell."""
    hold: Hold | None
    metrics: list[Metric]
    versions: list[Release]
    reigns: list[Reign]
    data: list[DataVersion]
    pulls: list[Judged]
    merges: list[Merge]
    looks: list[Look]
    delivery: Delivery
    cards: Cards
    audit: list[Entry]

    def release(self, version: str) -> Release | None:
        """A version by its number; None where there is no tag for it."""
        return next((one for one in self.versions if one.version == version), None)


def gather() -> tuple[Facts, str]:
    """The facts by origin, and an empty text; where that cannot be read, what is known, and why.

    Raises RegistryError outside a repository and before its first commit, DeclarationError for a
    params.yaml that does not say the model's name.
    """
    try:
        tip, state, doubt = _fetched(), registry.read(remote=True), ""
    except RegistryError as unread:
        tip, state, doubt = _known(), registry.read(remote=False), str(unread)
    return _facts(tip, state, history.read(), current=not doubt), doubt


def _fetched() -> str:
    """Bring the default branch and the ledger here; the commit that the branch is at."""
    tip = git.fetch_main()
    branch = f"refs/heads/{history.BRANCH}"
    if git.origin("ls-remote", "origin", branch):
        there = f"+{branch}:refs/remotes/origin/{history.BRANCH}"
        git.origin("fetch", "--quiet", "--no-tags", "origin", there)
    return tip


def _known() -> str:
    tip = next(filter(None, map(git.commit_of, (*git.NAMES, "HEAD"))), None)
    if tip is None:
        raise RegistryError(
            "there is no commit here, and the pages are drawn from git; commit first"
        )
    return tip


def _facts(tip: str, state: State, ledger: Ledger, *, current: bool) -> Facts:
    made = releases(state.versions)
    happened = list(periods(state))
    reigned = reigns(happened)
    merged = git.times([tip, *(one.tag.commit for one in state.assignments)])
    newest = max(_times(merged[tip], state, ledger))
    now = state.current.version if state.current else ""
    champion = next((one for one in made if one.version == now), None)
    scores = next((one.metrics for one in reversed(made) if one.metrics), metrics_at(tip))
    return Facts(
        model=state.model,
        commit=tip,
        newest=newest,
        current=current,
        web=stamp.source(),
        champion=champion.version if champion else "",
        ahead=_ahead(champion, tip),
        hold=_hold(state),
        metrics=drawn(tip, scores),
        versions=made,
        reigns=reigned,
        data=list(_data(tip, made)),
        pulls=ledger.pulls,
        merges=ledger.merges,
        looks=ledger.looks,
        delivery=delivery(happened, reigned, merged, ledger, newest),
        cards=cards(champion.commit, champion.version) if champion else cards(tip, ""),
        audit=audit(state, made, ledger),
    )


def _times(committed: datetime, state: State, ledger: Ledger) -> Iterator[datetime]:
    yield committed
    yield from (released.tag.at for released in state.versions)
    yield from (event.tag.at for event in (*state.assignments, *state.withdrawals))
    for line in (*ledger.pulls, *ledger.merges, *ledger.looks):
        yield line.at


def _ahead(champion: Release | None, tip: str) -> int | None:
    try:
        return len(git.first_parents(champion.commit, tip)) if champion else None
    except RegistryError:  # the champion's commit is not here
        return None


def _hold(state: State) -> Hold | None:
    held = state.hold
    if held is None or held.record is None:
        return None
    return Hold(by=held.record.by, since=held.tag.at, reason=held.record.reason)


def _data(tip: str, made: Sequence[Release]) -> Iterator[DataVersion]:
    commits = git.changes(tip, pin.PATH)
    times = git.times(commits)
    for commit in commits:
        pinned = pinned_at(commit)
        if pinned:
            yield DataVersion(
                at=times[commit],
                commit=commit,
                md5=pinned.md5,
                through=pinned.through,
                versions=[one.version for one in made if one.data == pinned.md5],
            )
