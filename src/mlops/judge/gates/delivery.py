"""Is what is served what was judged?"""

from mlops.judge.evidence import Evidence
from mlops.judge.gates.answers import gate, named, unasked, worst
from mlops.judge.gates.run import STOPPED
from mlops.judge.verdict import Gate, Measure


def parity(evidence: Evidence) -> Gate:
    """Does the exported model say what the trained one says, on every test row?"""
    question = "Does the exported model say what the trained one says, on every held-out row?"
    found = evidence.metrics.get("parity")
    if found is None:
        return unasked("parity", question, f"{STOPPED} the model was exported")
    if refused := found.get("refused"):
        return gate(
            "parity",
            question,
            "fail",
            f"the server would refuse a held-out row: {refused}",
            "see the inputs in FEATURES of src/problem/schema.py",
        )
    limits = {
        "largest difference": (found["largest_difference"], evidence.knobs.gates.parity),
        "decisions that flip": (found["flipped"], 0),
        "rows looked up otherwise than in training": (found["looked_up_otherwise"], 0),
    }
    measures = [
        Measure(name=name, outcome="pass" if value <= limit else "fail", value=value, limit=limit)
        for name, (value, limit) in limits.items()
    ]
    outcome = worst(measures)
    return gate(
        "parity",
        question,
        outcome,
        f"the two differ: {named(measures, 'fail')}"
        if outcome == "fail"
        else f"on {found['rows']:,} rows the two agree",
        "train on float32 inputs, without a scaler before trees: a threshold that ONNX rounds "
        "sends rows the other way; docs/serving.md says more",
        measures,
    )
