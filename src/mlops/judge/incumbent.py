"""Who the champion is: the promoted model; until there is one, the model of the base branch."""

import subprocess
from dataclasses import dataclass

from mlops import git
from mlops.judge import verdict
from mlops.judge.changes import LOCK, Base, digest, stage_outputs
from mlops.registry import state as registry
from mlops.registry.errors import RegistryError
from mlops.registry.outputs import PREDICTIONS
from mlops.registry.state import Released


@dataclass(frozen=True)
class Incumbent:
    """The champion before it is asked. One with `who.why_not` cannot be asked, or is none."""

    who: verdict.Champion
    state: Base
    """Its commit, with its own dvc.lock and data.dvc."""
    tag: str = ""
    """That of its version, which its release hangs on; empty where it has none."""


def incumbent(base: Base) -> Incumbent:
    """The champion as the tags here say, or that of `base`, before anything was promoted.

    A shallow clone may lack tags without knowing; there, origin is asked. Where the tags do not say
    who it is, it is nobody else: the champion cannot be asked, and `who.why_not` says why.
    """
    shallow = _shallow()
    try:
        champion = registry.read(remote=shallow).champion
    except RegistryError as reason:
        return _unknown(_in_a_shallow_clone(reason) if shallow else str(reason))
    return of_base(base) if champion is None else promoted(champion)


def promoted(champion: Released) -> Incumbent:
    """The model of a version; it cannot be asked when its commit is not in this clone."""
    name, commit = champion.tag.name, champion.tag.commit
    who = verdict.Champion(origin="promoted", version=champion.version, commit=commit)
    if git.commit_of(commit) is None:
        return _silent(
            who,
            f"{name} is of the commit {commit[:12]}, which is not in this clone; "
            f"`git fetch origin tag {name}` brings it",
        )
    state = Base(commit)
    lock = state.text(LOCK)
    if PREDICTIONS not in stage_outputs(lock):
        why = f"{name} has no {LOCK} with predictions: its pipeline never ran"
        return Incumbent(who.model_copy(update={"why_not": why}), state, name)
    return Incumbent(who.model_copy(update={"lock": digest(lock)}), state, name)


def of_base(base: Base) -> Incumbent:
    """The model of the base; nobody where there is no base, or the pipeline never ran there."""
    if base.commit is None:
        return _nobody(
            "nothing has been promoted yet, and there is no base: this is the base itself"
        )
    lock = base.text(LOCK)
    if PREDICTIONS not in stage_outputs(lock):
        return _nobody(
            "nothing has been promoted yet, and the base has no dvc.lock with predictions: its "
            "pipeline never ran"
        )
    who = verdict.Champion(origin="base", commit=base.commit, lock=digest(lock))
    return Incumbent(who, base)


def _shallow() -> bool:
    asked = ["git", "rev-parse", "--is-shallow-repository"]
    said = subprocess.run(asked, capture_output=True, text=True, check=False)
    return said.stdout.strip() == "true"


def _in_a_shallow_clone(reason: RegistryError) -> str:
    return (
        f"this clone is shallow, so that tags may be missing, and who the champion is cannot be "
        f"asked elsewhere ({reason}); `git fetch --unshallow --tags origin` brings them"
    )


def _nobody(why: str) -> Incumbent:
    return Incumbent(verdict.Champion(origin="none", why_not=why), Base(None))


def _unknown(why: str) -> Incumbent:
    return _silent(verdict.Champion(origin="promoted"), why)


def _silent(who: verdict.Champion, why: str) -> Incumbent:
    return Incumbent(who.model_copy(update={"why_not": why[:2000]}), Base(None))
