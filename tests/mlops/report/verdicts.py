"""Verdicts to render: what a pull request can come to."""

import math
from typing import Any

from mlops.contract import Task
from mlops.evaluation.names import BETTER
from mlops.judge.verdict import (
    Candidate,
    Champion,
    Change,
    Chart,
    Curve,
    Data,
    Gate,
    Holdout,
    Measure,
    Metric,
    Outcome,
    Override,
    Stage,
    Verdict,
)

HEAD, BASE, OLD = "a3f1c09e" * 5, "5c7d20b1" * 5, "9e8b44d2" * 5
VALUES: dict[str, tuple[float, float, float, float]] = {  # value, champion, spread, margin
    "roc_auc": (0.741, 0.7313, 0.0074, 0.015),
    "average_precision": (0.5483, 0.516, 0.021, 0.03),
    "brier": (0.173, 0.1755, 0.0031, 0.005),
    "log_loss": (0.5219, 0.5275, 0.0072, 0.015),
    "calibration_error": (0.0288, 0.0183, 0.013, 0),
    "precision": (0.4677, 0.4705, 0.011, 0),
    "recall": (0.649, 0.6034, 0.031, 0),
    "f1": (0.5437, 0.5287, 0.014, 0),
    "accuracy": (0.948, 0.921, 0.03, 0),
    "r2": (0.4412, 0.4321, 0.02, 0.02),
    "rmse": (54.3127, 54.7719, 1.9, 2.5),
    "mae": (43.4212, 43.301, 1.4, 2.0),
}
QUESTIONS = {
    "pipeline": "Does the pipeline run, and is dvc.lock what it gives?",
    "data": "Does the raw data keep its rules?",
    "predictions": "Is there a prediction for every held-out row?",
    "same_rows": "Were both models scored on the same rows?",
    "floors": "Does every metric keep to its floor?",
    "baselines": "Is the model better than a constant and no worse than a linear one?",
    "champion": "Is the model no worse than the champion?",
    "slices": "Is it no worse than the champion in any slice?",
    "calibration": "Can its probabilities be read as frequencies?",
    "leaks": "Is the score too good to be true?",
    "stability": "Would another seed have scored the same?",
    "budgets": "Is it fast and small enough?",
    "reproducible": "Does a second training give the same bytes?",
    "behaviour": "Does it do what any sane model does?",
    "protected": "Is it judged by the rules of the base branch?",
    "lock": "Is dvc.lock committed?",
}


def metrics(task: Task = "binary", *, champion: bool = True) -> list[Metric]:
    found = []
    for name, better in BETTER[task].items():
        value, old, spread, margin = VALUES[name]
        gain = (value - old) * (1 if better == "higher" else -1)
        shift = -0.3 if better == "higher" else 0.3
        compared = {
            "champion": old,
            "difference": gain,
            "low": gain - spread,
            "high": gain + spread,
            "margin": margin or None,
        }
        found.append(
            Metric(
                name=name,
                better=better,
                value=value,
                linear=old,
                dummy=value * (1 + shift),
                **(compared if champion else {}),
            )
        )
    return found


def slice_measures() -> list[Measure]:
    names = ["carrier: 9E", "carrier: AA", "origin: JFK", "time_of_day: before 9", "carrier: FL"]
    found = []
    for n, name in enumerate(names):
        difference = 0.012 - 0.016 * n
        low, high = difference - 0.021 - 0.008 * n, difference + 0.021 + 0.008 * n
        found.append(
            Measure(
                name=f"{name}, roc_auc",
                outcome="fail" if high < -0.06 else "pass" if low >= -0.06 else "inconclusive",
                value=0.73 + difference,
                champion=0.73,
                difference=difference,
                low=low,
                high=high,
                limit=0.06,
                rows=9_843 // (n + 1),
                blocks_needed=None if low >= -0.06 else 41,
            )
        )
    unscored = Measure(
        name="carrier: OO", outcome="not applicable", rows=4, note="fewer than 500 rows"
    )
    return [*found, unscored]


def gate(name: str, outcome: Outcome = "pass", **more: Any) -> Gate:
    reason = {"pass": "It does.", "not applicable": "There is nothing to compare with."}
    return Gate(
        **{
            "name": name,
            "question": QUESTIONS[name],
            "outcome": outcome,
            "reason": reason.get(outcome, "It does not."),
            **more,
        }
    )


def gates(**changed: Gate) -> list[Gate]:
    measured = {
        "floors": [
            Measure(name="roc_auc", outcome="pass", value=0.741, limit=0.66),
            Measure(name="brier", outcome="pass", value=0.173, limit=0.2),
        ],
        "champion": [
            Measure(
                name=m.name,
                outcome="pass",
                value=m.value,
                champion=m.champion,
                difference=m.difference,
                low=m.low,
                high=m.high,
                limit=m.margin,
                rows=57_049,
            )
            for m in metrics()
            if m.margin
        ],
        "slices": slice_measures()[:3],
        "budgets": [
            Measure(name="milliseconds to predict one row", outcome="pass", value=7.31, limit=50),
            Measure(name="megabytes of the model", outcome="pass", value=0.482113, limit=20),
        ],
    }
    return [changed.get(name) or gate(name, measures=measured.get(name, [])) for name in QUESTIONS]


def roc(bend: float) -> list[float]:
    return [round((n / 29) ** bend, 6) for n in range(30)]


def charts() -> list[Chart]:
    grid = [n / 29 for n in range(30)]
    tenths = [n / 10 + 0.05 for n in range(8)]
    return [
        Chart(
            name="roc",
            title="ROC",
            x="false_positive_rate",
            y="true_positive_rate",
            curves=[
                Curve(name="challenger", x=grid, y=roc(0.36)),
                Curve(name="champion", x=grid, y=roc(0.4)),
                Curve(name="chance", x=[0, 1], y=[0, 1]),
            ],
        ),
        Chart(
            name="calibration",
            title="Calibration",
            x="predicted",
            y="observed",
            curves=[
                Curve(name="challenger", x=tenths, y=[x + 0.03 * math.sin(9 * x) for x in tenths]),
                Curve(name="champion", x=tenths, y=[0.8 * x + 0.05 for x in tenths]),
                Curve(name="perfect", x=[0, 1], y=[0, 1]),
            ],
        ),
    ]


def holdout(**changed: Any) -> Holdout:
    return Holdout(
        **{
            "hash": "77330069efa83d20",
            "rows": 57_049,
            "blocks": 62,
            "first": "2013-07-01",
            "last": "2013-08-31",
            "uses": 3,
            "level": 0.9917,
            **changed,
        }
    )


def verdict(**changed: Any) -> Verdict:
    """An accepted pull request, but for what is changed."""
    parts: dict[str, Any] = {
        "decision": "accepted",
        "summary": "gradient_boosting may replace the champion: all 16 gates passed.",
        "task": "binary",
        "candidate": Candidate(
            commit=HEAD,
            base=BASE,
            lock="0f" * 32,
            data="2b6126e44548090f153795d92881511e.dir",
            estimator="gradient_boosting",
        ),
        "champion": Champion(
            origin="promoted",
            version="v1.2.0",
            commit=OLD,
            lock="1e" * 32,
            obtained="from the cache",
        ),
        "holdout": holdout(),
        "gates": gates(),
        "metrics": metrics(),
        "data": Data(
            rows=[Change(name="flights", old="195,583", new="224,910")],
            periods=[Change(name="flights", old="–", new="2013-08")],
            through="2013-08",
            shifted=[
                Measure(name="temp", outcome="fail", value=1.7214, champion=0.412, limit=0.25),
                Measure(name="dewp", outcome="fail", value=0.9033, champion=0.388, limit=0.25),
            ],
        ),
        "params": [Change(name="model.gradient_boosting.max_iter", old="100", new="150")],
        "files": ["params.yaml", "dvc.lock", "data.dvc", "metrics/test.json"],
        "stages": [
            Stage(name="validate", state="ran", seconds=4.21, changed=["data/raw"]),
            Stage(name="split", state="cached", seconds=0),
            Stage(
                name="train",
                state="ran",
                seconds=83.4,
                changed=["artifacts/features", "model.gradient_boosting.max_iter"],
            ),
        ],
        "charts": charts(),
    }
    return Verdict(**parts | changed)


def refused() -> Verdict:
    return verdict(
        decision="refused",
        summary="floors and slices failed; stability is open.",
        gates=gates(
            floors=gate(
                "floors",
                "fail",
                reason="brier is 0.2113, which must stay under 0.2.",
                remedy="Improve the model, or move gates.floors.brier in params.yaml.",
                measures=[
                    Measure(name="roc_auc", outcome="pass", value=0.741, limit=0.66),
                    Measure(name="brier", outcome="fail", value=0.2113, limit=0.2),
                ],
            ),
            slices=gate(
                "slices",
                "fail",
                reason="1 of 5 slices is worse by more than its margin, 2 are open.",
                remedy="Look at carrier: FL in metrics/slices.json.",
                measures=slice_measures(),
            ),
            stability=gate(
                "stability",
                "inconclusive",
                reason="roc_auc spreads by 0.009 over 3 seeds; the bound is 0.01.",
                remedy="Raise audit.seeds.",
            ),
            protected=gate(
                "protected",
                "fail",
                reason="params.yaml changes gates.floors.",
                remedy="Ask a maintainer for the label gates-may-change.",
                override=Override(
                    label="gates-may-change", by="mlops-lead", reason="Agreed in the review."
                ),
            ),
        ),
    )


def inconclusive() -> Verdict:
    return verdict(
        decision="inconclusive",
        summary="The champion gate is open: 41 more days would settle it.",
        gates=gates(
            champion=gate(
                "champion",
                "inconclusive",
                reason="roc_auc may be worse by up to 0.021, the margin is 0.015.",
                remedy="Wait for more days, or ask a maintainer to accept it.",
                measures=[
                    Measure(
                        name="roc_auc",
                        outcome="inconclusive",
                        value=0.73,
                        champion=0.7313,
                        difference=-0.0013,
                        low=-0.021,
                        high=0.018,
                        limit=0.015,
                        rows=57_049,
                        blocks_needed=41,
                    )
                ],
            )
        ),
    )


def no_champion() -> Verdict:
    return verdict(
        summary="gradient_boosting meets the absolute gates; there is nothing to replace yet.",
        champion=Champion(origin="none", why_not="No tag champion yet: this is the first model."),
        holdout=holdout(uses=1, level=0.95),
        gates=gates(
            champion=gate("champion", "not applicable"), slices=gate("slices", "not applicable")
        ),
        metrics=metrics(champion=False),
    )


def stopped() -> Verdict:
    return verdict(
        decision="refused",
        summary="The pipeline stopped at validate.",
        candidate=Candidate(
            commit=None, base=BASE, lock=None, data=None, estimator="gradient_boosting"
        ),
        holdout=None,
        metrics=[],
        charts=[],
        gates=[
            gate(
                "pipeline",
                "fail",
                reason="validate ended with code 4.",
                remedy="Read reports/data_quality.md; mend the data, or the rule in schema.py.",
            ),
            gate("protected"),
        ],
        data=Data(
            failed_checks=1,
            findings=["data/raw/flights-08.csv: hour: expected 0 to 23; not so in 12 rows"],
        ),
        stages=[
            Stage(name="validate", state="failed", seconds=3.9, changed=["data/raw"]),
            Stage(name="train", state="not reached"),
        ],
    )


def of_task(task: Task) -> Verdict:
    return verdict(task=task, metrics=metrics(task))


def huge() -> Verdict:
    """As much as the schema allows, nearly: 40 gates of 400 measures with 200-character names."""
    measures = [
        Measure(
            name=f"{'a_very_long_slice ' * 11}{n}"[:200],
            outcome="fail",
            value=0.5,
            champion=0.6,
            difference=-0.1,
            low=-0.2,
            high=-0.05,
            limit=0.01,
            rows=1_000 + n,
            note="< " * 900,
        )
        for n in range(400)
    ]
    letters = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnop"
    return verdict(
        decision="refused",
        summary="< " * 1_000,
        gates=[
            Gate(
                name=f"gate_{letters[n]}{'x' * (n // 26)}",
                question="a_b " * 500,
                outcome="fail",
                reason="a < b_c " * 250,
                remedy="a _ " * 500,
                measures=measures,
                override=Override(label="l_ " * 66, by="b_ " * 66, reason="_ a " * 500),
            )
            for n in range(40)
        ],
        params=[Change(name=f"key.{n}", old="_ " * 1_000, new="x " * 1_000) for n in range(200)],
        files=[f"{'folder/' * 28}{n}"[:200] for n in range(300)],
        stages=[
            Stage(name=f"{'s' * 190}{n}", state="ran", seconds=n, changed=["d" * 200] * 100)
            for n in range(40)
        ],
        charts=charts() * 4,
    )


def every() -> dict[str, Verdict]:
    return {
        "accepted": verdict(),
        "refused": refused(),
        "inconclusive": inconclusive(),
        "no champion": no_champion(),
        "stopped": stopped(),
        "multiclass": of_task("multiclass"),
        "regression": of_task("regression"),
    }
