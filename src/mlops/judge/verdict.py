"""`verdict.json`: what was judged, by which gates, with which numbers.

Published as docs/verdict.schema.json. It is all that a pull request hands to the job that
comments, so every text in it is short and every list is bounded.
"""

import json
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mlops.errors import DeclarationError
from mlops.evaluation.names import Better
from mlops.files import write_json

SCHEMA = Path("docs/verdict.schema.json")
FOLDER = Path("reports/pull_request")  # what a pull request leaves: verdict.json and its renderings

Outcome = Literal["pass", "fail", "inconclusive", "not applicable"]
Decision = Literal["accepted", "refused", "inconclusive"]
Name = Annotated[str, Field(max_length=200)]
Text = Annotated[str, Field(max_length=2000)]
Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{7,64}(\.dir)?$")]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Number = Finite | None
Count = Annotated[int, Field(ge=0)]


class Part(BaseModel):
    """A part of the verdict; what is not declared here is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Measure(Part):
    """A line of a gate: what was measured, and what it was held against."""

    name: Name
    outcome: Outcome
    value: Number = None
    """Of the challenger."""
    champion: Number = None
    """Of the model it is compared with: the champion, or the baseline that the gate names."""
    difference: Number = None
    """How much better the challenger is; below 0 it is worse, whichever way the metric points."""
    low: Number = None
    """The lower end of the interval of the difference; without one, the least that is allowed."""
    high: Number = None
    limit: Number = None
    """What `value` must keep to, or the margin that `difference` may fall short by (above 0)."""
    rows: Count | None = None
    blocks_needed: Count | None = None
    """How many more blocks would settle an inconclusive comparison; none when no number would."""
    note: Text = ""


class Override(Part):
    """A maintainer's word that a gate's outcome is accepted, and why."""

    label: Name
    by: Name
    reason: Text


class Gate(Part):
    """One question that was asked, and its answer."""

    name: Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")]
    question: Text
    outcome: Outcome
    reason: Text
    """One sentence: what was found."""
    remedy: Text = ""
    """What to do about it, when it did not pass."""
    measures: Annotated[list[Measure], Field(max_length=400)] = []
    override: Override | None = None

    @property
    def blocks(self) -> bool:
        """Whether this gate keeps the pull request from being accepted."""
        return self.outcome in ("fail", "inconclusive") and self.override is None


class Candidate(Part):
    """The challenger: what the pull request would make of the model."""

    commit: Hash | None
    base: Hash | None
    """The commit of the base branch that it was compared with."""
    lock: Hash | None
    """sha256 of the dvc.lock that the run produced; None when the pipeline stopped."""
    data: Hash | None
    """md5 that data.dvc pins."""
    estimator: Name


class Champion(Part):
    """The model that is to be replaced."""

    origin: Literal["promoted", "base", "none"]
    version: Name | None = None
    commit: Hash | None = None
    lock: Hash | None = None
    obtained: Text = ""
    """How its predictions were had: from the cache, the remote, its release, or rebuilt."""
    why_not: Text = ""
    """Why there is none, or why it could not be asked."""


class Holdout(Part):
    """The rows on which both were scored, and how often they have been used to decide."""

    hash: Hash
    rows: Count
    blocks: Count
    first: Name
    last: Name
    excluded: Count = 0
    """Rows left out because the champion was trained on them."""
    uses: Annotated[int, Field(ge=1)]
    """Distinct decisions on this hold-out, this one included."""
    level: Annotated[float, Field(gt=0, lt=1)]
    """Of the intervals; it tightens with every use."""


class Metric(Part):
    """A metric of the challenger, beside the champion and the baselines."""

    name: Name
    better: Better
    value: Number
    champion: Number = None
    linear: Number = None
    dummy: Number = None
    difference: Number = None
    low: Number = None
    high: Number = None
    margin: Number = None
    """What it may fall short of the champion by, when it is gated."""


class Change(Part):
    """Something that differs between the base and the head, as text."""

    name: Name
    old: Text
    new: Text


class Data(Part):
    """What the data is, before and after."""

    rows: Annotated[list[Change], Field(max_length=100)] = []
    """Rows of each raw table that changed."""
    periods: Annotated[list[Change], Field(max_length=100)] = []
    """Periods of each raw table that came or went."""
    through: Name = ""
    failed_checks: Count = 0
    findings: Annotated[list[Text], Field(max_length=50)] = []
    """The rules that rows break, a sentence each."""
    shifted: Annotated[list[Measure], Field(max_length=100)] = []
    """Columns whose newest period has shifted: the index, the base's, and the limit."""


class Stage(Part):
    """A stage of the pipeline, as it went in this run."""

    name: Name
    state: Literal["ran", "cached", "failed", "not reached"]
    seconds: Number = None
    changed: Annotated[list[Name], Field(max_length=100)] = []
    """Its dependencies and parameters whose hash differs from the base's."""


class Curve(Part):
    """A line of a chart."""

    name: Name
    x: Annotated[list[Finite], Field(max_length=60)]
    y: Annotated[list[Finite], Field(max_length=60)]


class Chart(Part):
    """A small chart: one or more lines over the same axes."""

    name: Name
    title: Text
    x: Name
    y: Name
    curves: Annotated[list[Curve], Field(max_length=6)]


class Verdict(Part):
    """All of verdict.json."""

    version: Literal[1] = 1
    decision: Decision
    summary: Text
    """One line that goes on from the decision: which gates keep it from passing, and why."""
    task: Literal["binary", "multiclass", "regression"]
    candidate: Candidate
    champion: Champion
    holdout: Holdout | None = None
    gates: Annotated[list[Gate], Field(min_length=1, max_length=40)]
    metrics: Annotated[list[Metric], Field(max_length=40)] = []
    data: Data = Data()
    params: Annotated[list[Change], Field(max_length=200)] = []
    files: Annotated[list[Name], Field(max_length=300)] = []
    """Files that the pull request changes."""
    stages: Annotated[list[Stage], Field(max_length=40)] = []
    charts: Annotated[list[Chart], Field(max_length=8)] = []


def write(verdict: Verdict, path: Path) -> None:
    """Write the verdict as JSON, floats rounded to 6 decimals."""
    write_json(path, verdict.model_dump(mode="json"))


def read(text: str | bytes, name: str) -> Verdict:
    """Parse and check a verdict; DeclarationError that names `name` and the first mistake."""
    try:
        return Verdict.model_validate_json(text)
    except ValidationError as invalid:
        error = invalid.errors()[0]
        place = ".".join(map(str, error["loc"])) or "the whole file"
        raise DeclarationError(f"{name}: not a verdict; {place}: {error['msg']}") from None


def latest() -> Verdict:
    """The verdict that `mlops pr` left here; DeclarationError when there is none."""
    path = FOLDER / "verdict.json"
    if not path.is_file():
        raise DeclarationError(f"{path} is missing; run `make pr` first")
    return read(path.read_bytes(), str(path))


def schema() -> dict[str, Any]:
    """The JSON schema of verdict.json, as published."""
    draft = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "verdict.json"}
    return json.loads(json.dumps(Verdict.model_json_schema(mode="serialization") | draft))
