"""verdict.json: published as a JSON schema, which other tools can check it with."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from mlops.errors import DeclarationError
from mlops.judge import verdict
from mlops.judge.verdict import Candidate, Champion, Gate, Measure, Override, Verdict
from tests.conftest import ROOT


def small(**changes: Any) -> Verdict:
    gate = Gate(name="floors", question="Is it good?", outcome="pass", reason="it is")
    content: dict[str, Any] = {
        "decision": "accepted",
        "summary": "accepted",
        "task": "binary",
        "candidate": Candidate(commit=None, base=None, lock=None, data=None, estimator="trees"),
        "champion": Champion(origin="none", why_not="a first run"),
        "gates": [gate],
    }
    return Verdict(**content | changes)


def test_the_published_schema_is_that_of_the_code() -> None:
    assert json.loads((ROOT / verdict.SCHEMA).read_text()) == verdict.schema()


def test_what_is_written_keeps_the_published_schema(tmp_path: Path) -> None:
    path = tmp_path / "verdict.json"
    verdict.write(small(), path)

    jsonschema.validate(json.loads(path.read_text()), verdict.schema())
    assert verdict.read(path.read_bytes(), "verdict.json") == small()


@pytest.mark.parametrize(
    "broken",
    [
        {"decision": "maybe"},
        {"version": 2},
        {"gates": []},
        {"surprise": 1},
        {"summary": "x" * 2001},
        {"candidate": {"commit": "not a hash", "base": None, "lock": None, "data": None}},
    ],
    ids=lambda broken: next(iter(broken)),
)
def test_schema_and_code_refuse_the_same(broken: dict[str, Any]) -> None:
    content = json.loads(small().model_dump_json()) | broken

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(content, verdict.schema())
    with pytest.raises(DeclarationError, match=f"not a verdict; {next(iter(broken))}"):
        verdict.read(json.dumps(content), "verdict.json")


def test_a_number_that_json_cannot_say_is_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        Measure(name="roc_auc", outcome="pass", value=float("nan"))


def test_what_is_no_json_is_refused_by_name() -> None:
    with pytest.raises(DeclarationError, match=r"artifact: not a verdict; the whole file"):
        verdict.read(b"\x00 not json", "artifact")


@pytest.mark.parametrize(
    ("outcome", "blocks"),
    [("pass", False), ("not applicable", False), ("inconclusive", True), ("fail", True)],
)
def test_a_gate_blocks_unless_it_passed_or_somebody_accepted_it(outcome: Any, blocks: bool) -> None:
    gate = Gate(name="slices", question="?", outcome=outcome, reason="so")
    accepted = Override(label="inconclusive-approved", by="maintainer", reason="a holiday week")

    assert gate.blocks is blocks
    assert not gate.model_copy(update={"override": accepted}).blocks


def test_without_a_verdict_the_message_says_how_to_get_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    with pytest.raises(DeclarationError, match="run `make pr` first"):
        verdict.latest()
