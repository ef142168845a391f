"""The proposal: a branch and its pull request, made once and then kept up to date.

This runs with a token that can write. What the pipeline left is copied into a commit by name, and
otherwise only read as JSON that fits a schema.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from mlops import git, params
from mlops.data import pin
from mlops.github import issues, pulls
from mlops.github.api import Api, DisabledError
from mlops.github.issues import Issue
from mlops.github.job import output, say, summarise
from mlops.github.post import BOT
from mlops.github.pulls import NotPermittedError, Pull
from mlops.github.settings import lacking
from mlops.retraining import commit, retrained, wording
from mlops.retraining.commit import ForeignError

Kind = Literal["pull request", "issue", "branch", "nothing", "left alone", "not permitted"]


@dataclass(frozen=True)
class Proposed:
    """What became of a proposal."""

    kind: Kind
    """`branch`: pushed, and there is neither a pull request nor an issue; `left alone`: the branch
    is somebody's; `nothing`: main has all of it; `not permitted`: the token may push no branch."""
    created: bool = False
    """Whether the pull request or the issue is new."""
    pushed: bool = False
    number: int | None = None
    address: str = ""


NOTHING = Proposed("nothing")


@dataclass(frozen=True)
class Proposal:
    """What is to be said, and where."""

    api: Api
    branch: str
    trailer: str
    """Of the machinery's commits on that branch: without it, the branch is somebody's."""
    by_hand: str
    """The command that brings the same on a person's machine."""
    mark: str
    """What both texts begin with."""
    title: str
    body: Callable[[bool], str]
    """Of the pull request; told whether GitHub holds its runs back until somebody approves."""
    fallback: Callable[[str], str]
    """Of the issue that stands in for it, with a link that opens one."""


def main(api: Api, folder: Path = retrained.FOLDER, *, reason: str) -> Proposed:
    """As `propose`; sets the step's outputs `kind` and `address`."""
    return told(propose(api, folder, reason=reason))


def told(made: Proposed) -> Proposed:
    """Set the step's outputs `kind` and `address`."""
    if made == NOTHING:
        _ended(made, "main has all of it; nothing is proposed")
    output("kind", made.kind)
    output("address", made.address)
    return made


def propose(api: Api, folder: Path = retrained.FOLDER, *, reason: str) -> Proposed:
    """Propose what `mlops retrain run` left in `folder`, on the branch `retrain/MODEL`.

    Raises DataError when `folder` holds no results or something else, and what `offer` raises.
    """
    found = retrained.read(folder)
    names = retrained.files(folder)
    model = params.load().serving.name
    message = wording.message(found, pin.parse((folder / pin.PATH).read_text("utf-8")).md5)
    made = commit.make(folder, names, retrained.FILES, message)
    if made is None:
        return NOTHING
    moved = git.commit_of(f"{made}^") != found.base
    proposal = Proposal(
        api=api,
        branch=wording.branch(model),
        trailer=commit.TRAILER,
        by_hand="mlops retrain",
        mark=wording.mark(model),
        title=wording.title(found),
        body=lambda waits: wording.body(model, found, reason, moved=moved, waits=waits),
        fallback=lambda link: wording.fallback(model, found, reason, link),
    )
    return offer(proposal, made)


def offer(proposal: Proposal, made: str) -> Proposed:
    """Have the commit `made` on the proposal's branch, and a pull request for it.

    An open pull request of that branch is brought up to date; one that a person opened gets a
    comment, and keeps its words. Where the token may open none, an issue has the link by which a
    person can. Started again after breaking off, it goes on.

    Raises RegistryError when origin refuses, GitHubError when GitHub does.
    """
    try:
        pushed = commit.push(made, proposal.branch, proposal.trailer)
    except ForeignError as foreign:
        return _ended(Proposed("left alone"), str(foreign))
    except commit.NotPermittedError:
        return _ended(
            Proposed("not permitted"),
            f"nothing is proposed: {lacking('contents: write')}. On your machine, "
            f"`{proposal.by_hand}` brings the same",
        )
    branch = pulls.of_branch(proposal.api, proposal.branch)
    opened = next((pull for pull in branch if pull.open), None)
    if opened:
        return _update(proposal, opened, pushed=pushed)
    try:
        return _open(proposal, pushed=pushed)
    except NotPermittedError as refused:
        return _fall_back(proposal, refused, pushed=pushed)


def _update(proposal: Proposal, opened: Pull, *, pushed: bool) -> Proposed:
    body = proposal.body(opened.author == BOT)
    if opened.body.startswith(proposal.mark):
        pulls.change(proposal.api, opened, proposal.title, body)
    elif pushed:
        comment = {"body": proposal.body(False)}
        proposal.api.send("POST", f"issues/{opened.number}/comments", comment)
    _close_fallback(proposal, opened)
    kept = Proposed("pull request", False, pushed, opened.number, opened.address)
    return _ended(kept, f"{opened.address} is up to date", body)


def _open(proposal: Proposal, *, pushed: bool) -> Proposed:
    title, body = proposal.title, proposal.body(True)
    made = pulls.make(proposal.api, proposal.branch, git.default_branch(), title, body)
    if made.author != BOT:  # its checks start by themselves
        body = proposal.body(False)
        pulls.change(proposal.api, made, title, body)
    _close_fallback(proposal, made)
    new = Proposed("pull request", True, pushed, made.number, made.address)
    return _ended(new, f"{made.address} is opened", body)


def _fall_back(proposal: Proposal, refused: NotPermittedError, *, pushed: bool) -> Proposed:
    say(f"no pull request: {refused}")
    link = _compare(proposal)
    body = proposal.fallback(link)
    title = f"{proposal.title}: open the pull request"
    try:
        issue = _standing_in(proposal)
        created = issue is None
        if issue is None:
            issue = issues.make(proposal.api, title, body)
        linked = proposal.fallback(_compare(proposal, issue.number))
        issues.change(proposal.api, issue, title=title, body=linked)
    except DisabledError as disabled:
        branch = Proposed("branch", False, pushed, None, link)
        return _ended(branch, f"open the pull request by hand: {link} ({disabled})", body)
    done = Proposed("issue", created, pushed, issue.number, issue.address)
    return _ended(done, f"{issue.address} has the link to open the pull request", linked)


def _standing_in(proposal: Proposal) -> Issue | None:
    """The open issue that stands in for a pull request."""
    return issues.sole(proposal.api, issues.find(proposal.api, proposal.mark))


def _close_fallback(proposal: Proposal, pull: Pull) -> None:
    try:
        issue = _standing_in(proposal)
    except DisabledError:
        return
    if issue:
        issues.comment(proposal.api, issue, f"#{pull.number} is the pull request.")
        issues.change(proposal.api, issue, state="closed")


def _compare(proposal: Proposal, closes: int | None = None) -> str:
    """The page on which a person opens the pull request; merged, it closes the issue `closes`."""
    server = os.environ.get("GITHUB_SERVER_URL") or "https://github.com"
    base = quote(git.default_branch(), safe="")
    head = quote(proposal.branch, safe="")
    query = f"expand=1&title={quote(proposal.title, safe='')}"
    query += f"&body={quote(f'Closes #{closes}', safe='')}" if closes else ""
    return f"{server}/{proposal.api.repository}/compare/{base}...{head}?{query}"


def _ended(proposed: Proposed, told: str, body: str = "") -> Proposed:
    say(told, "warning" if proposed.kind == "left alone" else "notice")
    summarise(body or told)
    return proposed
