"""Is there something to promote, and may it be?"""

from dataclasses import dataclass

from mlops import git
from mlops.promotion.ending import Ending
from mlops.registry.errors import RegistryError
from mlops.registry.facts import committed
from mlops.registry.state import Released, State

DELIVERED = ("lock", "server")
"""The facts that decide which bytes are delivered: the model, and the image around it."""


@dataclass(frozen=True)
class Plan:
    """Go on, from the champion that is known now."""

    commit: str
    champion: str | None
    after: int


def plan(state: State) -> Plan | Ending:
    """Whether what is checked out can become the champion, as far as that is known unjudged.

    Raises RegistryError for what is not committed, or not on origin's default branch.
    """
    commit = git.head()
    if commit is None:
        raise RegistryError("there is no commit yet; only what is committed can be promoted")
    if changed := git.changed_files("HEAD"):
        more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
        raise RegistryError(
            f"{changed[0]}{more} differs from the commit {commit[:12]}; only what is committed is "
            f"promoted: commit it in a pull request, or `git stash` it"
        )
    main, branch = git.fetch_main(), git.default_branch()
    if not git.is_ancestor(commit, main):
        raise RegistryError(
            f"{commit[:12]} is not on origin's {branch}; only what was merged is promoted: merge "
            f"its pull request, or `git checkout {branch} && git pull`"
        )
    champion = state.champion
    if champion is None:
        return Plan(commit, None, state.number)
    if ending := _nothing_to_do(state, champion, commit):
        return ending
    return Plan(commit, champion.version, state.number)


def _nothing_to_do(state: State, champion: Released, commit: str) -> Ending | None:
    theirs, name = champion.tag.commit, f"{state.model} {champion.version}"
    if not git.is_ancestor(theirs, commit):
        return Ending(
            "superseded",
            f"by {name} of {theirs[:12]}, from which {commit[:12]} does not descend",
        )
    if champion.record and _same(champion.record.facts.model_dump(), committed()):
        return Ending("unchanged", f"since {name}: the champion is what this commit delivers")
    if state.hold is not None:
        said = state.hold.record
        why = f" by {said.by} on {said.at[:10]}: {said.reason}" if said else ""
        return Ending(
            "held",
            f"at {name}{why}. `mlops promote --release-hold --reason …` lifts the hold, as does "
            f"the workflow promote, run by hand with a reason",
        )
    return None


def _same(theirs: dict[str, str], ours: dict[str, str]) -> bool:
    return all(theirs[fact] == ours[fact] for fact in DELIVERED)
