"""The proposal: a branch and its pull request, made once and then kept up to date.

This runs with a token that can write. What the pipeline left is copied into a commit by name, and
otherwise only read as JSON that fits a schema.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from mlops import git, params
from mlops.data import pin
from mlops.github import issues, pulls
from mlops.github.api import Api
from mlops.github.issues import Issue
from mlops.github.job import output, say, summarise
from mlops.github.post import BOT
from mlops.github.pulls import NotPermittedError, Pull
from mlops.retraining import commit, retrained, wording
from mlops.retraining.commit import ForeignError
from mlops.retraining.retrained import Retrained

Kind = Literal["pull request", "issue", "branch", "nothing", "left alone"]


@dataclass(frozen=True)
class Proposed:
    """What became of a proposal."""

    kind: Kind
    """`branch`: pushed, and there is neither a pull request nor an issue; `left alone`: the branch
    is somebody's; `nothing`: main has all of it."""
    created: bool = False
    """Whether the pull request or the issue is new."""
    pushed: bool = False
    number: int | None = None
    address: str = ""


@dataclass(frozen=True)
class _Proposal:
    """What is to be said, and where."""

    api: Api
    model: str
    found: Retrained
    reason: str
    moved: bool

    @property
    def branch(self) -> str:
        return wording.branch(self.model)

    def body(self, *, waits: bool) -> str:
        return wording.body(self.model, self.found, self.reason, moved=self.moved, waits=waits)


def main(api: Api, folder: Path = retrained.FOLDER, *, reason: str) -> Proposed:
    """As `propose`; sets the step's outputs `kind` and `address`."""
    made = propose(api, folder, reason=reason)
    output("kind", made.kind)
    output("address", made.address)
    return made


def propose(api: Api, folder: Path = retrained.FOLDER, *, reason: str) -> Proposed:
    """Propose what `mlops retrain run` left in `folder`, on the branch `retrain/MODEL`.

    An open pull request of that branch is brought up to date; one that a person opened gets a
    comment, and keeps its words. Where the token may open none, an issue has the link by which a
    person can. Started again after breaking off, it goes on.

    Raises DataError when `folder` holds no results or something else, RegistryError when origin
    refuses, GitHubError when GitHub does.
    """
    found = retrained.read(folder)
    names = retrained.files(folder)
    model = params.load().serving.name
    message = wording.message(found, pin.parse((folder / pin.PATH).read_text("utf-8")).md5)
    made = commit.make(folder, names, retrained.FILES, message)
    if made is None:
        return _ended(Proposed("nothing"), "main has all of it; nothing is proposed")
    proposal = _Proposal(api, model, found, reason, moved=git.commit_of(f"{made}^") != found.base)
    try:
        pushed = commit.push(made, proposal.branch)
    except ForeignError as foreign:
        return _ended(Proposed("left alone"), str(foreign))
    opened = next((pull for pull in pulls.of_branch(api, proposal.branch) if pull.open), None)
    if opened:
        return _update(proposal, opened, pushed=pushed)
    try:
        return _open(proposal, pushed=pushed)
    except NotPermittedError as refused:
        return _fall_back(proposal, refused, pushed=pushed)


def _update(proposal: _Proposal, opened: Pull, *, pushed: bool) -> Proposed:
    title, body = wording.title(proposal.found), proposal.body(waits=opened.author == BOT)
    if opened.body.startswith(wording.mark(proposal.model)):
        pulls.change(proposal.api, opened, title, body)
    elif pushed:
        comment = {"body": proposal.body(waits=False)}
        proposal.api.send("POST", f"issues/{opened.number}/comments", comment)
    _close_fallback(proposal, opened)
    kept = Proposed("pull request", False, pushed, opened.number, opened.address)
    return _ended(kept, f"{opened.address} is up to date", body)


def _open(proposal: _Proposal, *, pushed: bool) -> Proposed:
    title, body = wording.title(proposal.found), proposal.body(waits=True)
    made = pulls.make(proposal.api, proposal.branch, git.default_branch(), title, body)
    if made.author != BOT:  # its checks start by themselves
        body = proposal.body(waits=False)
        pulls.change(proposal.api, made, title, body)
    _close_fallback(proposal, made)
    new = Proposed("pull request", True, pushed, made.number, made.address)
    return _ended(new, f"{made.address} is opened", body)


def _fall_back(proposal: _Proposal, refused: NotPermittedError, *, pushed: bool) -> Proposed:
    say(f"no pull request: {refused}")
    link = _compare(proposal)
    body = wording.fallback(proposal.model, proposal.found, proposal.reason, link)
    title = f"{wording.title(proposal.found)}: open the pull request"
    try:
        issue = _standing_in(proposal)
        created = issue is None
        if issue is None:
            issue = issues.make(proposal.api, title, body)
        linked = wording.fallback(
            proposal.model, proposal.found, proposal.reason, _compare(proposal, issue.number)
        )
        issues.change(proposal.api, issue, title=title, body=linked)
    except issues.DisabledError as disabled:
        branch = Proposed("branch", False, pushed, None, link)
        return _ended(branch, f"open the pull request by hand: {link} ({disabled})", body)
    done = Proposed("issue", created, pushed, issue.number, issue.address)
    return _ended(done, f"{issue.address} has the link to open the pull request", linked)


def _standing_in(proposal: _Proposal) -> Issue | None:
    """The open issue that stands in for a pull request."""
    return issues.sole(proposal.api, issues.find(proposal.api, wording.mark(proposal.model)))


def _close_fallback(proposal: _Proposal, pull: Pull) -> None:
    try:
        issue = _standing_in(proposal)
    except issues.DisabledError:
        return
    if issue:
        issues.comment(proposal.api, issue, f"#{pull.number} is the pull request.")
        issues.change(proposal.api, issue, state="closed")


def _compare(proposal: _Proposal, closes: int | None = None) -> str:
    """The page on which a person opens the pull request; merged, it closes the issue `closes`."""
    server = os.environ.get("GITHUB_SERVER_URL") or "https://github.com"
    base = quote(git.default_branch(), safe="")
    head = quote(proposal.branch, safe="")
    query = f"expand=1&title={quote(wording.title(proposal.found), safe='')}"
    query += f"&body={quote(f'Closes #{closes}', safe='')}" if closes else ""
    return f"{server}/{proposal.api.repository}/compare/{base}...{head}?{query}"


def _ended(proposed: Proposed, told: str, body: str = "") -> Proposed:
    say(told, "warning" if proposed.kind == "left alone" else "notice")
    summarise(body or told)
    return proposed
