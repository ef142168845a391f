"""Is the model good enough by itself?"""

import numpy as np
from sklearn.linear_model import LinearRegression, LogisticRegression

from mlops.evaluation.metrics import calibration_error, confidence, scores
from mlops.evaluation.names import BETTER, headline
from mlops.judge.compare import compare
from mlops.judge.evidence import Evidence
from mlops.judge.gates.answers import finite, gate, listed, measure, named, unasked, worst
from mlops.judge.gates.run import STOPPED
from mlops.judge.rows import Rows
from mlops.judge.verdict import Gate, Measure, Outcome

CLIPPED = 1e-6  # probabilities of 0 and 1 have no logit
MEGABYTE = 1e6


def floors(evidence: Evidence) -> Gate:
    """Does every metric reach its floor?"""
    question = "Does every metric reach its floor?"
    rows = evidence.judged
    if rows is None:
        return unasked("floors", question, f"{STOPPED} the model was scored")
    wanted = evidence.knobs.gates.floors
    found = scores(evidence.task, rows.truth, rows.said["challenger"], wanted)
    measures = [
        Measure(
            name=name,
            outcome=_reaches(evidence, name, found[name], floor),
            value=finite(found[name]),
            limit=floor,
        )
        for name, floor in wanted.items()
    ]
    outcome = worst(measures)
    return gate(
        "floors",
        question,
        outcome,
        f"short of the floor: {named(measures, 'fail')}"
        if outcome == "fail"
        else "every metric reaches its floor",
        "the model is not good enough to be of use, whatever it replaces; see gates.floors",
        measures,
    )


def _reaches(evidence: Evidence, name: str, value: float, floor: float) -> Outcome:
    higher = BETTER[evidence.task][name] == "higher"
    return "pass" if (value >= floor if higher else value <= floor) else "fail"  # NaN fails


def baselines(evidence: Evidence) -> Gate:
    """Is it better than a constant, and not worse than a linear model?"""
    question = "Is it better than a constant, and not worse than a linear model?"
    rows = evidence.judged
    if rows is None:
        return unasked("baselines", question, f"{STOPPED} the model was scored")
    metric, gates = headline(evidence.task), evidence.knobs.gates
    measures = []
    for role, name, allowed in (
        ("dummy", f"{metric} against a constant", 0.0),
        ("linear", f"{metric} against the linear model", gates.margins[metric]),
    ):
        found = compare(rows, role, [metric], evidence.knobs)[metric]
        outcome = found.outcome(allowed, evidence.level)
        if role == "dummy" and found.estimate <= 0:
            outcome = "fail"
        measures.append(measure(name, found, allowed, outcome, evidence.level))
    outcome = worst(measures)
    words = {"fail": "it loses", "inconclusive": "it cannot be told whether it keeps up"}
    return gate(
        "baselines",
        question,
        outcome,
        f"{words[outcome]}: {named(measures, outcome)}"
        if outcome in words
        else "it beats a constant and keeps up with the linear model",
        "a model that a simpler one matches has not earned its keep",
        measures,
    )


def calibration(evidence: Evidence) -> Gate:
    """Does what is forecast happen as often as it is forecast?"""
    question = "Does it happen as often as the model says?"
    rows = evidence.judged
    if rows is None:
        return unasked("calibration", question, f"{STOPPED} the model was scored")
    limits, p = evidence.knobs.gates.calibration, rows.said["challenger"]
    low, high = limits.slope
    found = slope(rows)
    inside: Outcome = "pass" if low <= found <= high else "fail"
    measures = [
        Measure(name="calibration slope", outcome=inside, value=finite(found), low=low, high=high)
    ]
    if evidence.task != "regression":
        error = calibration_error(rows.truth, p)
        small: Outcome = "pass" if error <= limits.error else "fail"
        measures.append(
            Measure(name="calibration error", outcome=small, value=error, limit=limits.error)
        )
    outcome = worst(measures)
    leaning = "over-confident" if found < 1 else "under-confident"
    off = f"{leaning}, slope {found:.2f}" if np.isfinite(found) else "a constant has no slope"
    return gate(
        "calibration",
        question,
        outcome,
        f"the forecasts are off ({off}): {named(measures, 'fail')}"
        if outcome == "fail"
        else f"forecasts happen about as often as they say (slope {found:.2f})",
        "calibrate it, for instance with sklearn.calibration.CalibratedClassifierCV in "
        "src/problem/model.py",
        measures,
    )


def slope(rows: Rows) -> float:
    """The calibration slope (Cox, 1958): of the outcome on the logit of the forecast.

    1 is calibrated, below 1 over-confident. With several classes the forecast is that of the top
    class; a regression has the slope of what happened on what was predicted. NaN for a constant.
    """
    p = rows.said["challenger"]
    if rows.task == "regression":
        x, y = p, rows.truth.y
    else:
        forecast, y = confidence(rows.truth, p)
        inside = np.clip(forecast, CLIPPED, 1 - CLIPPED)
        x = np.log(inside / (1 - inside))
    if np.ptp(x) == 0 or len(np.unique(y)) < 2:
        return float("nan")
    plain = LinearRegression() if rows.task == "regression" else LogisticRegression(C=1e9)
    fitted = plain.fit(x.reshape(-1, 1), y)
    return float(np.ravel(fitted.coef_)[0])


def budgets(evidence: Evidence) -> Gate:
    """Is it fast and small enough?"""
    question = "Is it fast and small enough?"
    cost, limits = evidence.cost, evidence.knobs.gates.budgets
    if cost is None:
        return unasked("budgets", question, f"{STOPPED} there was a model to measure")
    measures = [
        Measure(name=name, outcome="pass" if value <= limit else "fail", value=value, limit=limit)
        for name, value, limit in (
            ("milliseconds for one row", cost.row_ms, limits.row_ms),
            ("milliseconds for a thousand rows", cost.thousand_rows_ms, limits.thousand_rows_ms),
            ("megabytes on disk", cost.size / MEGABYTE, limits.model_mb),
        )
    ]
    outcome = worst(measures)
    return gate(
        "budgets",
        question,
        outcome,
        f"over budget: {named(measures, 'fail')}"
        if outcome == "fail"
        else f"{cost.row_ms:.1f} ms for a row, {cost.size / MEGABYTE:.1f} MB",
        "use fewer or smaller trees, or raise gates.budgets with a reason",
        measures,
    )


def behaviour(evidence: Evidence) -> Gate:
    """Does it do what any sane model of the problem must do?"""
    question = "Does it do what any sane model of this problem must do?"
    found = evidence.metrics.get("behaviour")
    if found is None:
        return unasked("behaviour", question, f"{STOPPED} the model was tried")
    measures = [
        Measure(
            name=name[:200],
            outcome="pass" if entry["holds"] else "fail",
            value=entry["share"],
            limit=entry["required"],
            note=entry["kind"],
        )
        for name, entry in found.items()
    ]
    gone = [n for n in evidence.base.json("metrics/behaviour.json") or {} if n not in found]
    measures += [Measure(name=n[:200], outcome="fail", note="is no longer asked") for n in gone]
    outcome = worst(measures)
    return gate(
        "behaviour",
        question,
        outcome,
        f"not as expected: {listed([m.name for m in measures if m.outcome == 'fail'])}"
        if outcome == "fail"
        else f"all {len(measures)} expectations hold",
        "see src/problem/behaviour.py for what is expected, and why",
        measures,
    )
