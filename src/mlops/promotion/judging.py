"""The gates once more, by main's code, on main: what is merged meets the promoted champion."""

from collections.abc import Sequence
from dataclasses import replace

from mlops import git
from mlops.github import job
from mlops.github.api import Api
from mlops.judge import pull_request, verdict
from mlops.judge.changes import Base
from mlops.judge.evidence import Evidence
from mlops.judge.gates import GATES
from mlops.judge.gates.answers import listed, short
from mlops.judge.incumbent import Incumbent, of_base, promoted
from mlops.judge.verdict import Gate, Override, Verdict
from mlops.promotion import approval
from mlops.promotion.approval import Approved
from mlops.promotion.candidate import VERDICT
from mlops.promotion.fetching import from_releases
from mlops.registry import state as registry
from mlops.registry.errors import RegistryError
from mlops.report import markdown

AGAIN = "then run the workflow promote again by hand"
MORE_DATA = "wait for more data, or make the difference larger"


def judge(api: Api | None) -> Verdict:
    """Run the pipeline and judge what is checked out, as committed, against the promoted champion.

    Its changes are those since the champion's commit; before the first promotion there are none,
    and the gates that ask for no champion decide. Whoever approved what judges it is asked of the
    merged pull requests (approval.py). Writes the verdict for the next steps and the job's summary.
    Raises RegistryError when the champion's commit is not here or origin cannot be read,
    GitHubError when an approval is needed and GitHub refuses to answer: that is no verdict.
    """
    champion = _champion()
    stopped = pull_request.reproduce()
    evidence = replace(
        pull_request.gather(champion.state, stopped, lambda: champion, from_releases(api)),
        uncommitted=False,  # results are those of the commit, or stale
        run="",
    )
    gates = [ask(evidence) for ask in GATES.values()]
    gates, overrides = _approved(api, evidence, gates)
    judged = _summed_up(pull_request.decide(evidence, gates, overrides))
    verdict.write(judged, VERDICT)
    links = markdown.Links(run=job.address() or None, main=True)
    job.summarise(markdown.whole(judged, links=links))
    return judged


def _champion() -> Incumbent:
    champion = registry.read(remote=True).champion
    if champion is None:
        return of_base(Base(None))
    found = promoted(champion)
    if found.state.commit is None:
        raise RegistryError(f"the champion cannot be judged against: {found.who.why_not}")
    return found


def _approved(
    api: Api | None, evidence: Evidence, gates: Sequence[Gate]
) -> tuple[list[Gate], list[Override]]:
    """The gates, worded for a merge, and the overrides that hold; GitHub is asked if one may."""
    head, base = git.head() or "", evidence.base.commit
    changed = base and any(gate.name == "protected" and gate.outcome == "fail" for gate in gates)
    by_gates = approval.of_gates(api, base, head) if base and changed else Approved()
    is_open = any(gate.outcome == "inconclusive" for gate in gates)
    by_open = approval.of_open(api, head) if is_open else Approved()
    told = []
    for gate in gates:
        if gate.name == "protected" and gate.outcome == "fail":
            told.append(_changed(gate, evidence, by_gates))
        elif gate.outcome == "inconclusive" and by_open.lacking:
            decide = f"{MORE_DATA}; or: {_steps(by_open)} (now {'; '.join(by_open.lacking)})"
            told.append(gate.model_copy(update={"remedy": short(decide)}))
        elif gate.name == "lock" and gate.outcome == "fail":
            remedy = f"{gate.remedy}, in a pull request: nothing is committed to main itself"
            told.append(gate.model_copy(update={"remedy": short(remedy)}))
        else:
            told.append(gate)
    return told, [word for found in (by_gates, by_open) if (word := found.override)]


def _changed(gate: Gate, evidence: Evidence, approved: Approved) -> Gate:
    since = evidence.answer.champion.version or (evidence.base.commit or "")[:12]
    what = f"since {since}, main changes how it judges: {listed(evidence.protected)}"
    if not approved.lacking:
        return gate.model_copy(update={"reason": short(what), "remedy": ""})
    lacking = f"not all of it is approved: {'; '.join(approved.lacking)}"
    return gate.model_copy(
        update={"reason": short(f"{lacking}; {what}"), "remedy": short(_steps(approved))}
    )


def _steps(approved: Approved) -> str:
    return f"{'; '.join(dict.fromkeys(approved.remedies))}; {AGAIN}"


def _summed_up(judged: Verdict) -> Verdict:
    """The summary, and what to do about the gate that it tells of."""
    blocking = [gate for gate in judged.gates if gate.blocks]
    first = min(blocking, key=lambda gate: gate.outcome != "fail", default=None)
    if first is None or not first.remedy:
        return judged
    summary = short(f"{judged.summary}. What to do: {first.remedy}")
    return judged.model_copy(update={"summary": summary})
