"""Is the score real: no leak, no lucky seed, the same again?"""

from statistics import mean
from typing import Any

from mlops.evaluation.metrics import scores
from mlops.evaluation.names import headline
from mlops.judge.evidence import Evidence
from mlops.judge.gates.answers import finite, gate, named, unasked, worst
from mlops.judge.gates.run import STOPPED
from mlops.judge.verdict import Gate, Measure, Outcome


def leaks(evidence: Evidence) -> Gate:
    """Does the model know what it cannot know?"""
    question = (
        "Could the model know the answer: a score too good, an input too telling, shared rows?"
    )
    audit, rows = evidence.metrics.get("audit"), evidence.rows
    if not audit or rows is None:
        return unasked("leaks", question, f"{STOPPED} its score was tried for leaks")
    metric, limits = headline(evidence.task), evidence.knobs.gates.leaks
    score = scores(evidence.task, rows.truth, rows.said["challenger"], [metric])[metric]
    measures = [_limit(f"{metric} of the model", score, limits.too_good)]
    alone = {name: value for name, value in audit["alone"].items() if value is not None}
    measures += [
        _limit(f"{metric} of {name} alone", value, limits.alone)
        for name, value in sorted(alone.items(), key=lambda item: -item[1])[:10]
    ]
    measures += _overlap(evidence, audit["overlap"])
    return gate(
        "leaks",
        question,
        worst(measures),
        f"too good to be true, or shared between training and test: {named(measures, 'fail')}"
        if worst(measures) == "fail"
        else "no score is too good, no input tells it all, no row or day is on both sides",
        "look for an input that is known only afterwards, or a split that lets the test into the "
        "training; a true limit of the problem belongs into gates.leaks of params.yaml",
        measures,
    )


def _limit(name: str, value: float, limit: float) -> Measure:
    outcome: Outcome = "pass" if value < limit else "fail"
    return Measure(name=name[:200], outcome=outcome, value=finite(value), limit=limit)


def _overlap(evidence: Evidence, overlap: dict[str, Any]) -> list[Measure]:
    counts = {
        "rows both in training and test": overlap["rows"],
        "blocks both in training and test": overlap["blocks"],
    }
    split = evidence.base.yaml("params.yaml").get("split") or {}
    if "time" in (split.get("rule"), evidence.knobs.split.rule):
        counts["training blocks not before the first test block"] = overlap["later_blocks"]
    return [
        Measure(name=name, outcome="fail" if count else "pass", value=count, limit=0)
        for name, count in counts.items()
    ]


def stability(evidence: Evidence) -> Gate:
    """Does the score hang on the seed?"""
    question = "Would another seed have given the same score?"
    audit, rows = evidence.metrics.get("audit"), evidence.rows
    if not audit or rows is None:
        return unasked("stability", question, f"{STOPPED} other seeds were tried")
    metric, limit = headline(evidence.task), evidence.knobs.gates.stability
    score = scores(evidence.task, rows.truth, rows.said["challenger"], [metric])[metric]
    tried = {str(evidence.knobs.seed): finite(score), **audit["seeds"]}
    every = [value for value in tried.values() if value is not None]
    valued = len(every) == len(tried)
    spread = max(every) - min(every) if valued else float("inf")
    outcome: Outcome = "pass" if spread <= limit else "fail"
    seeds = [
        Measure(name=f"{metric} with seed {seed}", outcome=outcome, value=value)
        for seed, value in tried.items()
    ]
    found = f"{metric} spreads over {spread:.4f} between {len(every)} seeds, allowed are {limit:g}"
    if not valued:
        found = f"{metric} has no value with {len(tried) - len(every)} of {len(tried)} seeds"
    elif outcome == "fail" and score == max(every):
        others = mean(every[1:])
        found = f"{found}; the chosen seed is the luckiest, the others reach {others:.4f}"
    return gate(
        "stability",
        question,
        outcome,
        found,
        "make the model depend less on chance: more data in each part, more trees, stronger "
        "regularisation, an average of several fits",
        seeds,
    )


def reproducible(evidence: Evidence) -> Gate:
    """Does training again give the same model?"""
    question = "Does training once more give the same model, bit for bit?"
    refit = evidence.refit
    if refit is None:
        return unasked("reproducible", question, f"{STOPPED} the model was trained")
    outcome: Outcome = "pass" if refit.outcome in ("same", "unchanged") else "fail"
    remedy = "give every random choice in src/problem/model.py the seed that it is called with"
    return gate("reproducible", question, outcome, refit.detail, remedy)
