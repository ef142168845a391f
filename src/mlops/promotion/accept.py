"""The gates once more, on main; what they accept is the candidate of the steps to come."""

import hashlib
import shutil

from mlops.github import job
from mlops.github.api import Api
from mlops.judge import pull_request
from mlops.judge.verdict import Verdict
from mlops.progress import console
from mlops.promotion import assets, candidate, judging
from mlops.promotion import plan as planning
from mlops.promotion.approval import approvals
from mlops.promotion.candidate import ASSETS, FOLDER, VERDICT, Candidate
from mlops.promotion.ending import Ending, ended, tell
from mlops.promotion.fetching import github
from mlops.promotion.plan import Plan
from mlops.registry import outputs
from mlops.registry import state as registry
from mlops.registry.bump import bump
from mlops.registry.facts import facts
from mlops.registry.record import Judgement
from mlops.registry.state import State


def judge() -> Ending | None:
    """The gates once more, on main; what passes is the candidate of the steps to come."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    api = github()
    state = registry.read(remote=True)
    found = planning.plan(state)
    if isinstance(found, Ending):
        return ended(found)
    verdict = judging.judge(api)
    job.output("judged", "true")
    if verdict.decision != "accepted":
        tell(Ending("refused", f"by {verdict.summary}"))
        pull_request.ending(verdict)
    judged = _candidate(api, state, found, verdict)
    candidate.write(judged)
    assets.of_the_run()
    outputs.pack(ASSETS)
    job.output("version", judged.version)
    console.print(f"accepted as {judged.model} {judged.version}: {'; '.join(judged.why)}")
    return None


def _candidate(api: Api | None, state: State, found: Plan, verdict: Verdict) -> Candidate:
    made_of = facts()
    before = state.made_for(found.commit, made_of.lock)
    if before is not None and before.record is not None:
        version, why = before.version, before.record.why
    else:
        newest = state.newest
        version, why = bump(
            newest.record if newest else None, made_of, newest.version if newest else None
        )
    return Candidate(
        model=state.model,
        commit=found.commit,
        facts=made_of,
        version=version,
        why=why,
        champion=found.champion,
        after=found.after,
        verdict=Judgement(
            decision=verdict.decision,
            summary=verdict.summary,
            sha256=hashlib.sha256(VERDICT.read_bytes()).hexdigest(),
            champion=verdict.champion.version,
        ),
        approvals=approvals(api, verdict),
    )
