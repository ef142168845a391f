"""A promotion without delivery: the version's tag and the champion's, in the scratch registry.

What is packaged, attested and released on the way is left out; who the champion is, is the same.
"""

import hashlib

from mlops import git
from mlops.judge import verdict as verdicts
from mlops.judge.verdict import Verdict
from mlops.promotion.assign import assign
from mlops.registry import state as registry
from mlops.registry import tags
from mlops.registry.bump import bump
from mlops.registry.facts import facts
from mlops.registry.record import Judgement, Version, now


def promote(judged: Verdict) -> str:
    """Make what is checked out, and was accepted, a version and the champion; returns its number.

    Raises RegistryError when something that counts is not committed.
    """
    state, made_of, commit = registry.read(remote=True), facts(), git.head() or ""
    newest = state.newest
    version, why = bump(newest.record if newest else None, made_of)
    record = Version(
        name=state.model,
        version=version,
        commit=commit,
        facts=made_of,
        why=why,
        verdict=Judgement(
            decision=judged.decision,
            summary=judged.summary,
            sha256=hashlib.sha256((verdicts.FOLDER / "verdict.json").read_bytes()).hexdigest(),
            champion=judged.champion.version,
        ),
        after=state.number,
        by=git.identity(),
        at=now(),
    )
    title = f"{state.model} {version}: {'; '.join(why)}"
    tags.create(tags.version_tag(state.model, version), commit, record.message(title))
    state = registry.read(remote=True)
    assign(state, state.find(version), "promotion", judged.summary)
    return version
