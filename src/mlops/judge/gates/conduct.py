"""Does the pull request leave its judges alone, and commit what it ran?"""

from mlops.judge.evidence import Evidence
from mlops.judge.gates.answers import gate, listed, unasked
from mlops.judge.verdict import Gate, Measure


def protected(evidence: Evidence) -> Gate:
    """Are gates, thresholds, split and their code as they were?"""
    question = "Are the gates, their thresholds, the split and their code as they were?"
    if evidence.base.commit is None:
        return unasked("protected", question, "there is no base to compare with")
    changed = evidence.protected
    if not changed:
        return gate("protected", question, "pass", "nothing that judges a model is changed")
    return gate(
        "protected",
        question,
        "fail",
        f"this pull request changes how it is judged itself: {listed(changed)}",
        "a maintainer other than the author reviews it, comments `/reason gates-approved: why` and "
        "sets the label `gates-approved`",
        [Measure(name=name[:200], outcome="fail") for name in changed],
    )


def lock(evidence: Evidence) -> Gate:
    """Are dvc.lock, metrics/ and reports/ what this run gives?"""
    question = "Are the committed dvc.lock, metrics and reports those of this run?"
    if evidence.stopped:
        return unasked("lock", question, "the pipeline stopped, so there are no results to commit")
    if not evidence.stale:
        return gate("lock", question, "pass", "what is committed is what this run gives")
    if evidence.uncommitted:
        now = f"the run brought {listed(evidence.stale)} up to date; commit them with your changes"
        return gate("lock", question, "pass", now)
    adopt = f"`mlops adopt {evidence.run}`" if evidence.run else "`make run`"
    return gate(
        "lock",
        question,
        "fail",
        f"committed, but not what this run gives: {listed(evidence.stale)}",
        f"{adopt} brings them up to date; then commit dvc.lock, metrics/ and reports/",
        [Measure(name=name[:200], outcome="fail") for name in evidence.stale],
    )
