"""The comment on a pull request, made by main's code from what the pull request's run left."""

from collections.abc import Callable, Sequence

from mlops.errors import DeclarationError
from mlops.github import artifact, labels, trigger, verdicts
from mlops.github.api import Api, DisabledError, GitHubError
from mlops.github.artifact import RejectedError
from mlops.github.count import Entry
from mlops.github.job import output, say, summarise
from mlops.github.post import publish
from mlops.github.trigger import NothingToDoError, Run
from mlops.judge.verdict import Verdict
from mlops.report import untrusted
from mlops.report.markdown import Links, render, whole

PAGE = "report.html"
USE = "use"  # the job's output, which the counting job takes


def main(expected: Sequence[str], judges: Callable[[str], bool]) -> None:
    """Comment on the pull request that a finished run belongs to.

    `expected` are the names of the gates that main asks; `judges` says of a path whether it decides
    how a model is judged. A run that gets no comment ends well and says why; an artifact that
    cannot be believed becomes a comment that says so. Raises GitHubError when GitHub refuses.
    """
    api = Api.from_environment()
    try:
        run = trigger.read(api, trigger.PULL_REQUEST)
        pull = trigger.pull_request(api, run)
    except NothingToDoError as reason:
        say(f"no comment: {reason}")
        return
    try:
        verdict = verdicts.obtain(api, run, "verdict")
    except (RejectedError, DeclarationError) as reason:
        body = rejection(str(reason), api, run)
        say(f"the report of run {run.id} is not used: {untrusted.clean(str(reason))}", "warning")
        summarise(body)
    else:
        links = Links(
            page=_page(api, run),
            run=trigger.address(api, run),
            self_reported=touches(api, pull, judges),
            note=" ".join(doubts(verdict, expected, api, pull)),
        )
        body = render(verdict, links=links)
        summarise(whole(verdict, links=links))
        output(USE, _use(verdict, run, pull))
    try:
        posted = publish(api, pull, body, run.head_sha)
    except DisabledError as disabled:
        say(f"no comment, the report stands in the summary of this job: {disabled}")
        return
    verb = "posted" if posted.created else "updated"
    say(f"comment {verb} through {posted.through}: {posted.address}")


def doubts(verdict: Verdict, expected: Sequence[str], api: Api, pull: int) -> list[str]:
    """What the verdict leaves out or claims without ground, a sentence each."""
    found = []
    answered = {gate.name for gate in verdict.gates}
    missing = [name for name in expected if name not in answered]
    if missing:
        found.append(
            f"GATES ARE MISSING: main asks {', '.join(missing)}, and this report does not answer."
        )
    claimed = {(g.override.label, g.override.by) for g in verdict.gates if g.override}
    if claimed:
        try:
            confirmed = {(o.label, o.by) for o in labels.honoured(api, pull)[0]}
        except GitHubError:
            confirmed = set()
        if claimed - confirmed:
            found.append("OVERRIDES ARE CLAIMED that the labels of this pull request do not bear.")
    return found


def touches(api: Api, pull: int, judges: Callable[[str], bool]) -> bool:
    """Whether a pull request changes what judges it, as GitHub, and not its own run, lists it.

    True also when it changes more files than GitHub lists, which are 3,000.
    """
    files = list(api.pages(f"pulls/{pull}/files"))
    names = [name for f in files for name in (f["filename"], f.get("previous_filename")) if name]
    return len(files) >= 3000 or any(judges(name) for name in names)


def rejection(reason: str, api: Api, run: Run) -> str:
    """The comment in place of a report that is not used; `reason` may quote a stranger."""
    return (
        "> [!CAUTION]\n"
        f"> **No report.** What the run left is not used: {untrusted.prose(reason, 500)}\n\n"
        f"The [workflow run]({trigger.address(api, run)}) shows what happened. A run that stopped "
        "before the model was judged leaves no report.\n"
    )


def _use(verdict: Verdict, run: Run, pull: int) -> str:
    """What is to be counted; empty when no model was scored."""
    holdout, lock = verdict.holdout, verdict.candidate.lock
    if holdout is None or lock is None:
        return ""
    entry = Entry(holdout=holdout.hash, lock=lock, commit=run.head_sha, pull=pull)
    return entry.model_dump_json()


def _page(api: Api, run: Run) -> str | None:
    page = artifact.find(api, run.id, PAGE)
    return f"{trigger.address(api, run)}/artifacts/{page.id}" if page and not page.expired else None
