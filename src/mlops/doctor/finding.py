"""What `mlops doctor` finds. With --json it is printed, as docs/doctor.schema.json says."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict

SCHEMA = Path("docs/doctor.schema.json")

Level = Literal["ok", "note", "warning", "error"]
Group = Literal["machine", "repository", "GitHub"]
LEVELS: tuple[Level, ...] = get_args(Level)
GROUPS: tuple[Group, ...] = get_args(Group)


class Part(BaseModel):
    """A part of the report; what is not declared here is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Finding(Part):
    """What one check saw."""

    group: Group
    check: str
    """What was looked at, such as `disk`."""
    level: Level
    """`note`: works, and could be otherwise. `warning`: something will not work, or not for long.
    `error`: nothing works before it is mended."""
    seen: str
    remedy: str = ""
    """A command, or where the setting is; empty where there is nothing to do."""


class Report(Part):
    """All of it."""

    version: Literal[1] = 1
    level: Level
    """Of the gravest finding."""
    findings: list[Finding]


def report(findings: Sequence[Finding]) -> Report:
    """The findings, and how grave they are."""
    there = {finding.level for finding in findings} | {LEVELS[0]}
    return Report(level=max(there, key=LEVELS.index), findings=list(findings))


def schema() -> dict[str, Any]:
    """The JSON schema of what `mlops doctor --json` prints, as published."""
    draft = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "mlops doctor"}
    return json.loads(json.dumps(Report.model_json_schema(mode="serialization") | draft))
