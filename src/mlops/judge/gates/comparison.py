"""Is the challenger at least as good as the champion, on the same rows and in every slice?"""

import numpy as np

from mlops.evaluation.bootstrap import FEWEST_BLOCKS
from mlops.judge.compare import compare
from mlops.judge.evidence import Evidence
from mlops.judge.gates.answers import gate, listed, measure, named, unasked, worst
from mlops.judge.gates.run import STOPPED
from mlops.judge.rows import Rows
from mlops.judge.statistics import Difference, holm
from mlops.judge.verdict import Gate, Measure, Outcome

MORE_DATA = "wait for more data, make the difference larger, or let a maintainer decide with the "
APPROVED = (
    f"{MORE_DATA}label `inconclusive-approved` and a comment `/reason inconclusive-approved: why`"
)


def same_rows(evidence: Evidence) -> Gate:
    """Were both models asked about the same rows?"""
    question = "Were champion and challenger asked about the same rows, with the same answers?"
    why = _not_comparable(evidence)
    if why:
        return _without(evidence, "same_rows", question, why)
    match = evidence.match
    assert match is not None  # noqa: S101 - or there would be a reason why not
    asked = len(match.rows.block)
    out = evidence.answer.excluded
    left_out = f"; {out:,} rows that the champion was trained on are left out" if out else ""
    if match.missing:
        return gate(
            "same_rows",
            question,
            "fail",
            f"{match.missing:,} of {asked + match.missing:,} rows that the champion is judged on "
            f"are not among the challenger's, the first is {match.first_missing}{left_out}",
            "rows() in src/problem/features.py must keep every row, and `split` the test; what is "
            "hard to predict must not go missing",
        )
    if match.relabelled:
        return gate(
            "same_rows",
            question,
            "inconclusive",
            f"the target of {match.relabelled:,} of {asked:,} rows is another than the champion's: "
            f"two answers to different questions cannot be compared",
            "when the target is meant to change, a maintainer decides with the label "
            "`inconclusive-approved`",
        )
    blocks = match.rows.block.nunique()
    return gate("same_rows", question, "pass", f"{asked:,} rows in {blocks} blocks{left_out}")


def _not_comparable(evidence: Evidence) -> str:
    if evidence.rows is None:
        return f"{STOPPED} the model was scored"
    return evidence.answer.champion.why_not or evidence.mismatch


def _without(evidence: Evidence, name: str, question: str, why: str) -> Gate:
    """No champion: the question does not arise. One that cannot answer: it stays open."""
    if evidence.rows is None or evidence.answer.champion.origin == "none":
        return unasked(name, question, why)
    return gate(name, question, "inconclusive", f"the champion cannot be asked: {why}", APPROVED)


def champion(evidence: Evidence) -> Gate:
    """Is no gated metric worse than the champion's by more than its margin?"""
    question = "Is no metric worse than the champion's by more than its margin?"
    why = _not_comparable(evidence)
    if why:
        return _without(evidence, "champion", question, why)
    margins = evidence.knobs.gates.margins
    differences = evidence.against_champion
    measures = [
        measure(
            name,
            differences[name],
            margin,
            differences[name].outcome(margin, evidence.level),
            evidence.level,
        )
        for name, margin in margins.items()
    ]
    outcome = worst(measures)
    better = [m.name for m in measures if m.low is not None and m.low > 0]
    reasons: dict[Outcome, str] = {
        "pass": f"better in {listed(better)}, not worse in the rest"
        if better
        else "not worse in any",
        "fail": f"surely worse than the margin allows: {named(measures, 'fail')}",
        "inconclusive": _open(measures),
    }
    return gate("champion", question, outcome, reasons[outcome], APPROVED, measures)


def slices(evidence: Evidence) -> Gate:
    """Does every slice keep up, and is every declared slice still there?"""
    question = "Does every slice keep up with the champion, and is each still looked at?"
    rows = evidence.judged
    if rows is None:
        return unasked("slices", question, f"{STOPPED} the model was scored")
    gone = vanished(evidence, rows)
    why = _not_comparable(evidence)
    if why and not gone:
        return _without(evidence, "slices", question, why)
    measures = [Measure(name=name[:200], outcome="fail", note="has vanished") for name in gone]
    if not why:
        measures += _slice_by_slice(evidence, rows)
    outcome = worst(measures)
    small = sum(m.outcome == "not applicable" for m in measures)
    listed_only = f"; {small} too small and only listed" if small else ""
    reasons: dict[Outcome, str] = {
        "pass": f"all {len(measures) - small} comparisons hold{listed_only}",
        "fail": f"worse than the margin allows, or vanished: {named(measures, 'fail')}",
        "inconclusive": _open(measures),
        "not applicable": f"no slice is large enough{listed_only}",
    }
    remedy = (
        "src/problem/slices.py must keep every slice that the base has"
        if gone
        else f"a group must not pay for the average: see these rows; else {APPROVED}"
    )
    return gate("slices", question, outcome, reasons[outcome], remedy, measures)


def vanished(evidence: Evidence, rows: Rows) -> list[str]:
    """Slices that the base scored and that are not declared, or have no rows, any more.

    A label may leave with the data; on the rows of the champion it may not.
    """
    minimum = evidence.knobs.evaluate.minimum_slice
    gone = []
    for name, labels in (evidence.base.json("metrics/slices.json") or {}).items():
        if name not in rows.groups:
            gone.append(name)
            continue
        there = set(rows.groups[name])
        same_data = not evidence.answer.excluded and evidence.match is not None
        same_data = same_data and evidence.base.commit == evidence.answer.champion.commit
        if same_data and evidence.base.json("metrics/data.json") == evidence.metrics.get("data"):
            scored = [label for label, found in labels.items() if found["rows"] >= minimum]
            gone += [f"{name}: {label}" for label in scored if label not in there]
    return gone


def _slice_by_slice(evidence: Evidence, rows: Rows) -> list[Measure]:
    """Fails by Holm's correction over all comparisons; passes each at the plain level.

    To pass, all must hold at once, which needs no correction (Berger, 1982).
    """
    margins, minimum = evidence.knobs.gates.slice_margins, evidence.knobs.evaluate.minimum_slice
    found: dict[tuple[str, str], Difference] = {}
    sizes: dict[str, int] = {}
    for name in rows.groups:
        for label in sorted(rows.groups[name].unique()):
            chosen = np.flatnonzero(rows.groups[name] == label)
            sizes[f"{name}: {label}"] = len(chosen)
            if len(chosen) >= minimum:
                of_slice = compare(rows, "champion", margins, evidence.knobs, chosen)
                found |= {(f"{name}: {label}", metric): d for metric, d in of_slice.items()}
    p_values = {at: d.inferior(margins[at[1]]) for at, d in found.items()}
    worse = holm(p_values, (1 - evidence.level) / 2)
    strictest = 1 - (1 - evidence.level) / max(len(found), 1)  # at which Holm begins
    measures = []
    for (label, metric), difference in found.items():
        margin, level = margins[metric], evidence.level
        outcome: Outcome = difference.outcome(margin, level)
        if (label, metric) in worse or not np.isfinite(difference.value):
            outcome = "fail"
        elif outcome == "fail":  # by itself, but not among so many comparisons
            outcome, level = "inconclusive", strictest
        elif difference.blocks < FEWEST_BLOCKS:
            outcome = "not applicable"
        needed = difference.blocks_needed(margin, level) if outcome == "inconclusive" else None
        shown = measure(f"{label}, {metric}", difference, margin, outcome, evidence.level)
        measures.append(shown.model_copy(update={"rows": sizes[label], "blocks_needed": needed}))
    measures.sort(key=lambda m: m.low if m.low is not None else -np.inf)
    return measures + [
        Measure(name=name[:200], outcome="not applicable", rows=size, note="too small to score")
        for name, size in sizes.items()
        if size < minimum
    ]


def _open(measures: list[Measure]) -> str:
    """What is inconclusive, and how many more blocks would settle it."""
    needed = [m.blocks_needed for m in measures if m.outcome == "inconclusive"]
    known = [n for n in needed if n is not None]
    settled = f"about {max(known, default=0):,} more blocks would settle it"
    if not known or len(known) < len(needed):
        settled = "no realistic number of further blocks would settle it"
    return f"cannot be told yet, {settled}: {named(measures, 'inconclusive')}"
