"""Did everything run, on good data, to usable predictions?"""

from mlops.errors import DataError, QualityError, TrainingError
from mlops.judge.changes import lost_periods
from mlops.judge.evidence import Evidence
from mlops.judge.gates.answers import gate, listed, unasked
from mlops.judge.verdict import Gate, Measure

STOPPED = "the pipeline stopped before"
DATA = (DataError.exit_code, QualityError.exit_code)
STAGES = ("data", "validate", "features")  # whose failures are the data's


def pipeline(evidence: Evidence) -> Gate:
    """Did every stage run to its end?"""
    question = "Did every stage of the pipeline run to its end?"
    stopped = evidence.stopped
    if stopped is None:
        return gate("pipeline", question, "pass", "every stage ran, or was cached")
    return gate(
        "pipeline",
        question,
        "fail",
        f"{stopped.stage} stopped with exit code {stopped.code}: {stopped.message}",
        "mend what it says; docs/troubleshooting.md explains the exit codes",
    )


def data(evidence: Evidence) -> Gate:
    """Does the data keep its rules, and is all of it still there?"""
    question = "Does the data keep every rule, and is all of it still there?"
    stopped, found = evidence.stopped, evidence.metrics.get("data")
    if stopped and (stopped.code in DATA or stopped.stage in STAGES):
        said = (found or {}).get("findings") or [stopped.message]
        return gate(
            "data",
            question,
            "fail",
            f"{stopped.stage}: {listed(said, 3)}",
            "mend the data and `dvc add data`, or, where the rule is wrong, src/problem/schema.py",
            [Measure(name="rule", outcome="fail", note=text[:2000]) for text in said[:50]],
        )
    if not found:
        return unasked("data", question, f"{STOPPED} the data was checked")
    lost = lost_periods(evidence.base, found)
    if lost:
        which = listed([f"{name} {', '.join(periods)}" for name, periods in lost.items()])
        return gate(
            "data",
            question,
            "fail",
            f"periods that the base has are gone: {which}",
            "bring them back with `mlops data --through PERIOD`; data is only ever added to",
        )
    rows = sum(found["rows"].values())
    return gate("data", question, "pass", f"{rows:,} rows of {len(found['rows'])} tables pass")


def predictions(evidence: Evidence) -> Gate:
    """Is there one usable prediction for each held-out row?"""
    question = "Is there one finite prediction for every held-out row?"
    stopped = evidence.stopped
    if stopped and stopped.stage == "evaluate" and stopped.code == TrainingError.exit_code:
        remedy = "see the estimator in src/problem/model.py"
        return gate("predictions", question, "fail", stopped.message, remedy)
    if evidence.rows is None:
        return unasked("predictions", question, f"{STOPPED} the model predicted")
    return gate("predictions", question, "pass", f"{len(evidence.rows.block):,} rows predicted")
