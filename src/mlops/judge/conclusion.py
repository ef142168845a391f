"""From evidence and answers to the verdict."""

import os
from collections.abc import Sequence
from typing import Any

from mlops import dvc, git
from mlops.data import pin
from mlops.errors import DataError
from mlops.evaluation.metrics import scores
from mlops.evaluation.names import BETTER, headline
from mlops.judge import changes, verdict
from mlops.judge.charts import charts
from mlops.judge.evidence import Evidence
from mlops.judge.gates.answers import finite
from mlops.judge.verdict import Gate, Override, Verdict
from mlops.stages import journal

APPROVES: dict[str, str] = {"gates-approved": "protected"}
"""A label, and the gate whose failure it accepts; `inconclusive-approved` accepts what is open."""


def conclude(evidence: Evidence, gates: list[Gate], overrides: Sequence[Override]) -> Verdict:
    """The verdict: refused when a gate fails, inconclusive when one cannot tell, else accepted."""
    gates = [_overridden(gate, overrides) for gate in gates]
    blocking = [gate for gate in gates if gate.blocks]
    decision: verdict.Decision = "accepted"
    if blocking:
        failed = any(gate.outcome == "fail" for gate in blocking)
        decision = "refused" if failed else "inconclusive"
    lock = changes.digest(changes.lock_here())
    entries, wanted = journal.read(), evidence.knobs
    return Verdict(
        decision=decision,
        summary=_summary(evidence, gates),
        task=evidence.task,
        candidate=verdict.Candidate(
            commit=os.environ.get("MLOPS_HEAD_SHA") or git.head(),
            base=evidence.base.commit,
            lock=None if evidence.stopped else lock,
            data=_pinned(),
            estimator=wanted.model.estimator[:200],
        ),
        champion=evidence.answer.champion,
        holdout=_holdout(evidence),
        gates=gates,
        metrics=_scores(evidence),
        data=_data(evidence),
        params=changes.parameters(evidence.base)[:200] if evidence.base.commit else [],
        files=[name[:200] for name in evidence.base.files()[:300]],
        stages=_stages(evidence, entries),
        charts=charts(evidence.judged) if evidence.judged else [],
    )


def _overridden(gate: Gate, overrides: Sequence[Override]) -> Gate:
    for override in overrides:
        accepts = APPROVES.get(override.label) == gate.name and gate.outcome == "fail"
        if override.label == "inconclusive-approved" and gate.outcome == "inconclusive":
            accepts = True
        if accepts:
            return gate.model_copy(update={"override": override})
    return gate


def _summary(evidence: Evidence, gates: list[Gate]) -> str:
    name = headline(evidence.task)
    found = evidence.against_champion.get(name)
    if blocking := [gate for gate in gates if gate.blocks]:
        first = sorted(blocking, key=lambda gate: gate.outcome != "fail")
        which = ", ".join(gate.name for gate in first)
        return f"{which}: {first[0].reason}"[:2000]
    if found is not None and found.tells:
        low, high = found.interval(evidence.level)
        return (
            f"{name} {found.value:.4f}, {_signed(found.estimate)} against the champion"
            f"{_version(evidence)} ({_signed(low)} to {_signed(high)})"
        )
    accepted = " or is accepted" if any(gate.override for gate in gates) else ""
    return f"every gate that applies passes{accepted}; {_uncompared(evidence, name)}"[:2000]


def _uncompared(evidence: Evidence, name: str) -> str:
    """Why the summary tells of no difference."""
    champion = evidence.answer.champion
    if champion.origin == "none":
        return "there is no champion to compare with"
    why = champion.why_not or evidence.mismatch
    if why:
        return f"the champion{_version(evidence)} cannot be compared with: {why}"
    return f"{name} cannot be compared with the champion{_version(evidence)} on so few blocks"


def _version(evidence: Evidence) -> str:
    version = evidence.answer.champion.version
    return f" {version}" if version else ""


def _signed(value: float) -> str:
    return f"{value:+.4f}".replace("-", "−")


def _pinned() -> str | None:
    try:
        return pin.read().md5
    except DataError:
        return None


def _holdout(evidence: Evidence) -> verdict.Holdout | None:
    rows = evidence.judged
    if rows is None:
        return None
    blocks = sorted(rows.block.astype("str").unique())
    return verdict.Holdout(
        hash=rows.hash,
        rows=len(rows.block),
        blocks=len(blocks),
        first=blocks[0][:200],
        last=blocks[-1][:200],
        excluded=evidence.answer.excluded,
        uses=evidence.uses,
        level=evidence.level,
    )


def _scores(evidence: Evidence) -> list[verdict.Metric]:
    rows = evidence.judged
    if rows is None:
        return []
    of_role = {role: scores(rows.task, rows.truth, p) for role, p in rows.said.items()}
    found = []
    for name, better in BETTER[rows.task].items():
        values: dict[str, Any] = {
            role: finite(of_role[role][name]) for role in of_role if role != "challenger"
        }
        difference = evidence.against_champion.get(name)
        if difference is not None and difference.tells:
            low, high = difference.interval(evidence.level)
            values |= {"difference": difference.estimate, "low": low, "high": high}
        found.append(
            verdict.Metric(
                name=name,
                better=better,
                value=finite(of_role["challenger"][name]),
                margin=evidence.knobs.gates.margins.get(name),
                **values,
            )
        )
    return found


def _data(evidence: Evidence) -> verdict.Data:
    found = evidence.metrics.get("data")
    if not found:
        return verdict.Data()
    limit = evidence.knobs.shift.psi
    before = (evidence.base.json("metrics/data.json") or {}).get("shift", {})
    shifted = [
        verdict.Measure(
            name=name[:200],
            outcome="not applicable",
            value=index,
            champion=before.get(name),
            limit=limit,
        )
        for name, index in sorted(found["shift"].items(), key=lambda item: -item[1])
        if index >= limit
    ]
    return changes.data(
        evidence.base,
        found,
        through=pin.read().through,
        failed_checks=found["failed_checks"],
        findings=[text[:2000] for text in found["findings"]],
        shifted=shifted[:100],
    )


def _stages(evidence: Evidence, entries: Sequence[journal.Entry]) -> list[verdict.Stage]:
    ran = {entry.stage: entry for entry in entries}
    inputs = changes.stage_inputs(evidence.base) if evidence.base.commit else {}
    found: list[verdict.Stage] = []
    stopped = evidence.stopped
    reached = stopped is None or any(entry.code for entry in entries)
    for name in dvc.stages():
        entry = ran.get(name)
        state: Any = "cached" if reached else "not reached"
        if entry:
            state = "failed" if entry.code else "ran"
        reached = reached and state != "failed"
        changed = [text[:200] for text in inputs.get(name, [])[:100]]
        seconds = entry.seconds if entry else None
        found.append(verdict.Stage(name=name, state=state, seconds=seconds, changed=changed))
    return found
