"""The report, and its published schema."""

import json

import pytest
from jsonschema import Draft202012Validator

from mlops.doctor.finding import SCHEMA, Finding, Level, Part, report, schema
from tests.conftest import ROOT


def finding(level: Level) -> Finding:
    return Finding(group="machine", check="disk", level=level, seen="1 GB", remedy="make room")


def test_the_published_schema_is_that_of_the_code() -> None:
    published = json.loads((ROOT / SCHEMA).read_text("utf-8"))

    assert published == schema(), "mlops doctor --schema > docs/doctor.schema.json"
    Draft202012Validator.check_schema(published)


def test_every_field_is_explained_or_plain() -> None:
    assert issubclass(Finding, Part)
    assert set(schema()["$defs"]["Finding"]["properties"]) == {
        "group",
        "check",
        "level",
        "seen",
        "remedy",
    }


@pytest.mark.parametrize(
    ("levels", "gravest"),
    [
        ([], "ok"),
        (["ok", "note"], "note"),
        (["warning", "note"], "warning"),
        (["ok", "error", "warning"], "error"),
    ],
)
def test_a_report_is_as_grave_as_its_gravest_finding(levels: list[Level], gravest: str) -> None:
    made = report([finding(level) for level in levels])

    assert made.level == gravest
    Draft202012Validator(schema()).validate(json.loads(made.model_dump_json()))
