"""The version: its tag on origin, which nobody can have taken before."""

from mlops import git
from mlops.github import job
from mlops.promotion.candidate import Candidate
from mlops.promotion.ending import Ending
from mlops.registry import state as registry
from mlops.registry import tags
from mlops.registry.errors import ForeignWorkflowsError, RegistryError, TakenError
from mlops.registry.record import Approval, Image, Version, now
from mlops.registry.state import State
from mlops.registry.tags import Tag


def settle(state: State, judged: Candidate, image: Image, more: list[Approval]) -> Version | Ending:
    """The version of this candidate, tagged now unless it was before.

    Whoever makes the tag first has it. A branch keeps the commit's workflow files at hand, without
    which GitHub would let no job tag it again, as a rollback does. Raises RegistryError when the
    tag exists and says that another image was delivered.
    """
    if ending := overtaken(state, judged):
        return ending
    made = state.made_for(judged.commit, judged.facts.lock)
    if made is None or made.version != judged.version:
        record = _record(judged, image, more)
        title = f"{judged.model} {judged.version}: {'; '.join(judged.why)}"
        tag = tags.version_tag(judged.model, judged.version)
        try:
            tags.create(tag, judged.commit, record.message(title), branch=f"released/{tag}")
        except TakenError as taken:
            return lost(registry.read(remote=True), judged, taken)
        except ForeignWorkflowsError as refused:
            return _passed(judged, refused)
        return record
    if made.record is None or made.record.delivered.digest != image.digest:
        raise RegistryError(
            f"{made.tag.name} was made before, for another image than {image.reference}; a version "
            f"is never given twice: look at it with `mlops lineage {made.version}`"
        )
    return made.record


def _passed(judged: Candidate, refused: ForeignWorkflowsError) -> Ending:
    """The branch has moved on, and a workflow with it: the run for its tip delivers this too."""
    main = git.fetch_main()
    if main == judged.commit:
        raise refused
    return Ending(
        "superseded",
        f"by {main[:12]} of {git.default_branch()}, which changes a workflow: GitHub lets no job "
        f"tag {judged.commit[:12]} any more, and the run for the newer commit delivers both",
    )


def overtaken(state: State, judged: Candidate) -> Ending | None:
    """Whether the champion is another one than the candidate was judged against."""
    if state.number == judged.after:
        return None
    newest = state.current
    if newest is None:
        raise RegistryError(
            f"{state.model} has stage tags up to {state.number}, and no champion; the promotion of "
            f"{judged.commit[:12]} was judged after number {judged.after}: judge it again"
        )
    if newest.version == judged.version:
        return None  # it is the champion already: this run goes on where an earlier one stopped
    who = f" by {newest.record.by}" if newest.record else ""
    what = f"made {state.model} {newest.version} the champion{who} after this one was judged"
    return _aside(judged, newest.tag, what)


def lost(state: State, judged: Candidate, taken: TakenError) -> Ending:
    """How the loser of a race for a tag ends; `state` is that after the race."""
    made = [v.tag for v in state.versions] + [a.tag for a in state.assignments]
    winner = next(tag for tag in made if tag.name == taken.tag)
    return _aside(judged, winner, f"was made by {winner.by} for {winner.commit[:12]} first")


def _aside(judged: Candidate, winner: Tag, what: str) -> Ending:
    """A candidate that the winner has in its history is delivered with it; another is not."""
    if git.is_ancestor(judged.commit, winner.commit):
        return Ending("superseded", f"by {winner.name}, which {what}")
    return Ending(
        "refused",
        f"since {winner.name} {what}; run the workflow promote again to be judged against it",
    )


def _record(judged: Candidate, image: Image, more: list[Approval]) -> Version:
    return Version(
        name=judged.model,
        version=judged.version,
        commit=judged.commit,
        facts=judged.facts,
        why=judged.why,
        image=image,
        verdict=judged.verdict,
        after=judged.after,
        approvals=[*judged.approvals, *more],
        by=git.identity(),
        run=job.address(),
        at=now(),
    )
