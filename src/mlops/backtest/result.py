"""`backtest.json`: what would have happened, period by period.

Published as docs/backtest.schema.json.
"""

import json
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mlops.contract import Task
from mlops.errors import DataError
from mlops.evaluation.names import Better
from mlops.files import write_json
from mlops.judge.verdict import Count, Decision, Name, Number, Text
from mlops.monitor.result import Outcome, SectionName

SCHEMA = Path("docs/backtest.schema.json")
FOLDER = Path("reports/backtest")  # backtest.json and its renderings

Line = Literal["never", "frozen", "always", "gated", "whole"]
"""Who serves: the first model for ever; today's estimator, trained once on the rows of the first;
each challenger, whatever the gates said of it; what the gates promoted; the same, had it been
trained on its held-out rows, too."""
Pair = Literal["gated over never", "gated over frozen", "gated over always", "whole over gated"]
PAIRS: dict[Pair, tuple[Line, Line]] = {
    "gated over never": ("gated", "never"),
    "gated over frozen": ("gated", "frozen"),
    "gated over always": ("gated", "always"),
    "whole over gated": ("whole", "gated"),
}
Seconds = Annotated[float, Field(ge=0)]


class Part(BaseModel):
    """A part of the result; what is not declared here is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Gain(Part):
    """How much better one model is than another on the same rows; below 0 it is worse."""

    value: Number
    low: Number = None
    high: Number = None


Differences = dict[str, Gain]
"""By metric."""


class Look(Part):
    """What the monitor said of the period, beside the champion of that time."""

    outcome: Outcome
    summary: Text
    reasons: list[SectionName] = []
    drifted: list[Name] = []
    """Inputs, the furthest moved first."""


class Blocking(Part):
    """A gate that kept the challenger from being promoted."""

    gate: Name
    outcome: Literal["fail", "inconclusive"]
    reason: Text


class Judgement(Part):
    """What the gates said of the model that was retrained with the period."""

    decision: Decision
    summary: Text
    champion: Name
    """Whom it was compared with: a version, or the first model."""
    blocking: list[Blocking] = []
    promoted: Name = ""
    """The version that it became; empty where it was not promoted."""


class Period(Part):
    """A period: who served it, how well, and what followed when all of it was there."""

    name: Name
    first: Name
    last: Name
    """Its first and its last block."""
    rows: Count
    blocks: Count
    serving: Name
    """The champion: a version, or the first model before anything was promoted."""
    trained_through: dict[Line, Name]
    """The newest block that each line's model was trained on."""
    scores: dict[Line, dict[str, Number]]
    differences: dict[Pair, Differences] = {}
    look: Look
    judgement: Judgement
    seconds: dict[str, Seconds]
    """By command."""


class Succession(Part):
    """A promoted model beside the one it replaced, on all rows that it served."""

    version: Name
    replaced: Name
    first: Name
    last: Name
    """The periods that it served."""
    rows: Count
    blocks: Count
    differences: Differences
    worse: list[Name] = []
    """Metrics in which it proved significantly worse, corrected for their number (Holm, 1979)."""


class Metric(Part):
    """A metric, and which way is better."""

    name: Name
    better: Better
    drawn: bool


class Result(Part):
    """All of backtest.json."""

    version: Literal[1] = 1
    model: Name
    task: Task
    first_estimator: Name
    """Of the first model."""
    estimator: Name
    """Of every later one: what params.yaml chooses."""
    made: Name
    """When: UTC, ISO 8601, to the second."""
    seconds: Seconds
    begin: Name
    """The newest period that the first model knew."""
    first_model: Judgement
    level: float
    """Of the intervals, which resample whole blocks."""
    metrics: list[Metric]
    periods: list[Period]
    overall: dict[Pair, Differences] = {}
    """The differences on the rows of all periods together."""
    successions: list[Succession] = []

    @property
    def mistakes(self) -> list[Succession]:
        """The promotions that proved significantly worse than what they replaced."""
        return [one for one in self.successions if one.worse]


def write(result: Result, path: Path) -> None:
    """Write the result as JSON, floats rounded to 6 decimals."""
    write_json(path, result.model_dump(mode="json"))


def read(path: Path = FOLDER / "backtest.json") -> Result:
    """The result that `mlops backtest` left; DataError when it is missing or something else."""
    try:
        return Result.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise DataError(f"{path} is missing; `mlops backtest` writes it") from None
    except ValidationError as invalid:
        error = invalid.errors()[0]
        place = ".".join(map(str, error["loc"])) or "the whole file"
        raise DataError(f"{path}: {place}: {error['msg']}; run `mlops backtest` again") from None


def schema() -> dict[str, Any]:
    """The JSON schema of backtest.json, as published."""
    draft = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "backtest.json"}
    return json.loads(json.dumps(Result.model_json_schema(mode="serialization") | draft))
