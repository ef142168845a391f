"""A newer template, told of where people look: one issue, or one pull request.

This runs with a token that can write. What the template holds is merged as bytes and not executed.
"""

from mlops.github import issues, pulls
from mlops.github.api import Api, DisabledError
from mlops.github.job import say, summarise
from mlops.registry.errors import RegistryError
from mlops.retraining import commit
from mlops.retraining.propose import NOTHING, Proposal, Proposed, offer
from mlops.template import plan, store, wording
from mlops.template.errors import UnreachableError
from mlops.template.plan import Plan, Wanted
from mlops.template.status import status


def propose(api: Api, *, pull_request: bool) -> Proposed:
    """Tell of a newer version of the template; nothing where there is none, or no template.

    With `pull_request` a merge without conflicts becomes the pull request of `template/update`, if
    it may be pushed; in any other case one issue has the command. Either is brought up to date, and
    one that somebody closed stays so until the next version.

    Raises TemplateError when the template cannot be merged, GitHubError when GitHub refuses.
    """
    try:
        found = status(api)
        if not found.behind:
            _close(api, f"This copy has v{found.version}.")
            return _ended(NOTHING, found.told())
        with store.opened(keep=pull_request) as objects:
            made = plan.make(objects, Wanted(address=found.address), api)
    except UnreachableError as unreachable:  # a private one, which this token may not read
        say(str(unreachable), "warning")
        return NOTHING
    if made is None:
        return _ended(NOTHING, f"v{found.newest} is merged already")
    if pull_request and not made.merged.unmerged:
        offered = _pull(api, made)
        if offered:
            return offered
    return _issue(api, made)


def _pull(api: Api, made: Plan) -> Proposed | None:
    """None where there is none, which is told."""
    title, body = wording.title(made), wording.pull(made)
    known = pulls.of_branch(api, wording.BRANCH)
    if any(pull.title == title and not pull.open for pull in known):
        return _ended(NOTHING, f"{title} was closed, and is not proposed again")
    proposal = Proposal(
        api=api,
        branch=wording.BRANCH,
        trailer=wording.TRAILER,
        by_hand=wording.COMMAND,
        mark=wording.MARK,
        title=title,
        body=lambda _: body,
        fallback=lambda link: f"{body}\n[Open the pull request]({link})\n",
    )
    try:
        offered = offer(proposal, commit.record(made.merged.tree, made.ours, wording.message(made)))
    except RegistryError as refused:  # an App that may not push workflows
        say(f"no pull request: {refused}", "warning")
        return None
    return None if offered.kind in ("left alone", "not permitted") else offered


def _issue(api: Api, made: Plan) -> Proposed:
    title, body = wording.title(made), wording.issue(made)
    try:
        known = issues.find(api, wording.MARK)
        opened = issues.sole(api, known)
        if opened is None and known and known[0].title == title:
            return _ended(NOTHING, f"{known[0].address} was closed: {title} is skipped")
        if opened:
            issues.change(api, opened, title=title, body=body)
            return _ended(
                Proposed("issue", number=opened.number, address=opened.address),
                f"{opened.address} has the command",
                body,
            )
        new = issues.make(api, title, body)
    except DisabledError as disabled:
        return _ended(NOTHING, f"nobody is told of {title}: {disabled}", body)
    return _ended(
        Proposed("issue", created=True, number=new.number, address=new.address),
        f"{new.address} has the command",
        body,
    )


def _close(api: Api, why: str) -> None:
    try:
        opened = issues.sole(api, issues.find(api, wording.MARK))
    except DisabledError:
        return
    if opened:
        issues.comment(api, opened, why)
        issues.change(api, opened, state="closed")


def _ended(proposed: Proposed, told: str, body: str = "") -> Proposed:
    say(told)
    summarise(body or told)
    return proposed
