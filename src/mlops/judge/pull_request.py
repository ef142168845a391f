"""What happens on a pull request: run the pipeline, gather the evidence, ask the gates, decide.

What it changes is told from where it left the base branch; its model meets the champion.
"""

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import pandas as pd
from pydantic import ValidationError

from mlops import dvc, git, params, pipeline
from mlops.contract import Features, Slices, Task, load
from mlops.errors import DataError, DeclarationError, Failure, Refused, TrainingError, Undecided
from mlops.evaluation import slices
from mlops.files import read_json
from mlops.judge import changes, uses, verdict
from mlops.judge.champion import Answer, answer
from mlops.judge.changes import Base
from mlops.judge.conclusion import conclude
from mlops.judge.cost import measure
from mlops.judge.evidence import Evidence, Stopped
from mlops.judge.gates import GATES
from mlops.judge.incumbent import Incumbent, incumbent
from mlops.judge.refit import refitting
from mlops.judge.rows import Match, Rows, match, own
from mlops.judge.statistics import level
from mlops.judge.verdict import Gate, Override, Verdict
from mlops.judge.workplace import Fetch
from mlops.params import Params
from mlops.stages import ARTIFACTS, METRICS, journal

FILES = ("data", "test", "baselines", "slices", "behaviour", "audit", "parity")
RESULTS = ("dvc.lock", "metrics/", "reports/")  # what a run leaves in git


def judge(
    base: str | None,
    overrides: Sequence[Override] = (),
    *,
    run: bool = True,
    fetch: Fetch | None = None,
) -> Verdict:
    """Run the pipeline (unless told that it ran) and judge what comes out.

    The changes are those since `base`; `fetch` gets what the champion's release holds. A pipeline
    that stops is judged, too: the verdict says where and why. Raises a Failure when there is
    nothing to judge by, such as no valid params.yaml here or at the base.
    """
    state = Base(git.base(base))
    stopped = reproduce() if run else None
    evidence = gather(state, stopped, lambda: incumbent(state), fetch)
    return decide(evidence, [ask(evidence) for ask in GATES.values()], overrides)


def decide(evidence: Evidence, gates: list[Gate], overrides: Sequence[Override]) -> Verdict:
    """The verdict that follows; a use of the hold-out, unless this is the champion itself."""
    judged = conclude(evidence, gates, overrides)
    if judged.holdout and judged.candidate.lock != judged.champion.lock:
        uses.record_locally(judged.holdout.hash, judged.candidate.lock or "")
    return judged


def ending(judged: Verdict) -> None:
    """Raise what a verdict that is not accepted ends a command with."""
    if judged.decision == "refused":
        raise Refused(f"refused by {judged.summary}")
    if judged.decision == "inconclusive":
        raise Undecided(f"inconclusive by {judged.summary}")


def reproduce() -> Stopped | None:
    """Run the pipeline; what stopped it, if something did."""
    try:
        pipeline.reproduce([])
    except Failure as failure:
        ended = [entry for entry in journal.read() if entry.code]
        if ended:
            return Stopped(ended[-1].stage, ended[-1].code, str(ended[-1].error))
        if isinstance(failure, pipeline.StageFailed):
            return Stopped("dvc", failure.exit_code, failure.said)
        place = "data" if isinstance(failure, DataError) else "params.yaml"
        return Stopped(place, failure.exit_code, str(failure))
    return None


def gather(
    base: Base,
    stopped: Stopped | None,
    champion: Callable[[], Incumbent],
    fetch: Fetch | None = None,
) -> Evidence:
    """Everything that the gates are shown; `champion` is looked up only if there is one to ask."""
    knobs, task = _knobs(base), _task()
    told: dict[str, Any] = {
        "knobs": knobs,
        "task": task,
        "base": base,
        "stopped": stopped,
        "protected": changes.protected(base),
        "metrics": _metrics(stopped),
        "stale": [f for f in git.changed_files("HEAD") if f.startswith(RESULTS)],
        "uncommitted": any(not f.startswith(RESULTS) for f in git.changed_files("HEAD")),
        "run": os.environ.get("GITHUB_RUN_ID", ""),
    }
    if stopped:
        none = verdict.Champion(origin="none", why_not="the pipeline stopped")
        return Evidence(**told, answer=Answer(none), level=knobs.gates.level)
    features = load(Features)
    mine = pd.read_parquet(ARTIFACTS / "predictions.parquet")
    groups = slices.labels(load(Slices), pd.read_parquet(ARTIFACTS / "test.parquet"))
    rows = own(mine, groups, features, knobs.evaluate.threshold)
    with refitting(base) as refitted:
        said = answer(champion(), features.KEY, fetch)
        refit = refitted()
    shared, mismatch = _match(rows, mine, said, features)
    judged = shared.rows if shared else rows
    lock = changes.digest(changes.lock_here()) or ""
    # The champion's own lock is no new decision.
    used = 1 if lock == said.champion.lock else uses.count(judged.hash, lock)
    return Evidence(
        **told,
        answer=said,
        level=level(knobs.gates.level, used),
        uses=used,
        rows=rows,
        match=shared,
        mismatch=mismatch,
        cost=measure(),
        refit=refit,
    )


def _knobs(base: Base) -> Params:
    """The parameters here; where they are not valid (the pipeline stopped), those of the base."""
    try:
        return params.load()
    except DeclarationError:
        with suppress(ValidationError):
            return Params.model_validate(base.yaml(params.PATH))
        raise


def _task() -> Task:
    try:
        return load(Features).TASK
    except DeclarationError:
        return "binary"  # nothing is scored then; the verdict only has to name one


def _metrics(stopped: Stopped | None) -> dict[str, Any]:
    """metrics/*.json, but for those that the pipeline stopped before writing."""
    names: Sequence[str] = FILES
    if stopped:
        checked = [e.stage for e in journal.read() if e.stage == "validate" and e.code in (0, 4)]
        names = ["data"] if checked or stopped.stage in dvc.stages() else []
    there = {name: METRICS / f"{name}.json" for name in names}
    return {name: read_json(path) for name, path in there.items() if path.is_file()}


def _match(
    rows: Rows, mine: pd.DataFrame, champion: Answer, features: Features
) -> tuple[Match | None, str]:
    if champion.predictions is None:
        return None, ""
    try:
        found = match(rows, mine, champion.predictions, features)
    except TrainingError as reason:
        return None, str(reason)
    if found.rows.block.empty:
        return None, "it shares no held-out row with the challenger"
    return found, ""
