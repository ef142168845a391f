"""A line says in short what a verdict or a look says at length."""

import json
from datetime import UTC, datetime
from typing import Any

from mlops.history import ledger
from mlops.history.record import MOST, SHORT, Judged, Look
from mlops.monitor.result import Result
from tests.mlops.github.conftest import judged

AT = "2026-03-01T10:04:30Z"


def test_the_line_of_a_verdict() -> None:
    gates = [gate.model_dump() for gate in judged().gates]
    override = {"label": "gates-approved", "by": "maintainer", "reason": "it is fine"}
    metric = {"name": "log_loss", "better": "lower", "value": 0.4, "champion": 0.42}
    verdict = judged(
        summary="s" * 500,
        champion={"origin": "promoted", "version": "1.2.0"},
        gates=[gates[0], gates[1] | {"outcome": "fail", "override": override}],
        metrics=[metric | {"linear": 0.5, "difference": 0.02, "low": 0.01, "high": 0.03}],
    )

    line = Judged.of(verdict, AT, pull=7, minutes=12.5, run="https://example.invalid/1")

    assert json.loads(ledger.encode(line)) == {
        "at": AT,
        "minutes": 12.5,
        "run": "https://example.invalid/1",
        "commit": verdict.candidate.commit,
        "lock": verdict.candidate.lock,
        "data": verdict.candidate.data,
        "estimator": "gradient_boosting",
        "champion": "1.2.0",
        "decision": "accepted",
        "summary": "s" * SHORT,
        "gates": {"floors": "pass", "protected": "fail"},
        "overridden": {"protected": "maintainer"},
        "reasons": {"protected": "it is fine"},
        "metrics": {
            "log_loss": {
                "value": 0.4,
                "champion": 0.42,
                "difference": 0.02,
                "low": 0.01,
                "high": 0.03,
            }
        },
        "pull": 7,
    }


def test_the_line_of_a_look() -> None:
    columns: list[dict[str, Any]] = [
        {"name": f"c{number}", "kind": "number", "view": "values", "drifted": number != 1}
        for number in range(MOST + 10)
    ]
    knobs = {"window": 7, "windows": 2, "reference": 28, "alpha": 0.01, "effect": 0.1}
    result = Result.model_validate(
        {
            "outcome": "alarm",
            "summary": "it drifted",
            "reasons": [
                {"section": "drift", "what": "c0 drifted"},
                {"section": "performance", "what": "roc_auc fell"},
                {"section": "drift", "what": "c2 drifted"},
            ],
            "model": "late-arrival",
            "made": AT,
            "run": "https://example.invalid/2",
            "champion": {
                "version": "1.2.0",
                "commit": "a" * 40,
                "first": "2013-01-01",
                "last": "2013-08-31",
                "held_out": "2013-07-01",
                "rows": 100,
                "blocks": 10,
            },
            "batch": {
                "source": "2013-09",
                "first": "2013-09-01",
                "last": "2013-09-30",
                "rows": 27000,
                "blocks": 30,
                "labelled": 27000,
            },
            "drift": {"state": "alarm", "columns": columns} | knobs,
            "performance": {
                "state": "alarm",
                "metrics": [{"name": "roc_auc", "value": 0.7, "held_out": 0.74}],
            },
        }
    )

    line = Look.of(result, minutes=3)

    assert line.at == datetime(2026, 3, 1, 10, 4, 30, tzinfo=UTC)
    assert line.reasons == ["drift", "performance"]
    assert (line.champion, line.first, line.last) == ("1.2.0", "2013-09-01", "2013-09-30")
    assert line.rows == 27000
    assert line.drifted == [f"c{number}" for number in range(MOST + 1) if number != 1]
    assert (line.metrics, line.held_out) == ({"roc_auc": 0.7}, {"roc_auc": 0.74})
    assert line.retrain


def test_a_look_that_saw_nothing_is_a_line_as_well() -> None:
    result = Result(outcome="no data", summary="nothing has arrived", model="m", made=AT)

    line = Look.of(result)

    assert json.loads(ledger.encode(line)) == {
        "at": AT,
        "outcome": "no data",
        "summary": "nothing has arrived",
    }
