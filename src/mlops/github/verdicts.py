"""The verdict that a run left: its own word, held to what can be checked."""

from collections import Counter

from mlops.github import artifact
from mlops.github.api import Api
from mlops.github.artifact import RejectedError
from mlops.github.trigger import Run
from mlops.judge.verdict import Verdict, read


def obtain(api: Api, run: Run, kind: str) -> Verdict:
    """The verdict in the artifact `kind` of a run, checked.

    Raises RejectedError or DeclarationError when it is missing, malformed, of another commit, or
    when its decision does not follow from its gates.
    """
    name = "verdict.json"
    verdict = read(artifact.fetch(api, run.id, kind)[name], name)
    if verdict.candidate.commit != run.head_sha:
        raise RejectedError(
            f"{name} is of the commit {verdict.candidate.commit}, the run is of {run.head_sha}"
        )
    twice = [gate for gate, times in Counter(g.name for g in verdict.gates).items() if times > 1]
    if twice:
        raise RejectedError(f"{name} answers the gate {twice[0]} more than once")
    blocking = {gate.outcome for gate in verdict.gates if gate.blocks}
    follows = "refused" if "fail" in blocking else "inconclusive" if blocking else "accepted"
    if verdict.decision != follows:
        raise RejectedError(f"{name} says {verdict.decision}, but from its gates follows {follows}")
    return verdict
