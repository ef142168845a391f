"""`monitor.json`: what was looked at, what was found, and what follows.

Published as docs/monitor.schema.json. The job that opens an issue knows nothing else of a look, so
every text is short and every list bounded.
"""

import json
from math import isfinite
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mlops.errors import DeclarationError, Failure
from mlops.files import write_json

SCHEMA = Path("docs/monitor.schema.json")
FOLDER = Path("reports/monitor")  # monitor.json and its renderings

State = Literal["steady", "alarm", "untold"]
"""Of a section: nothing found, something found, or nothing can be told, and `why_not` says why."""
Outcome = Literal["steady", "alarm", "no data", "failed"]
SectionName = Literal["quality", "drift", "performance", "concept", "estimate", "serving"]

Name = Annotated[str, Field(max_length=200)]
Text = Annotated[str, Field(max_length=2000)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Number = Finite | None
Count = Annotated[int, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]


class Alarm(Failure):
    """The model, or what it is given, is no longer what it was."""

    exit_code = 13


class NoData(Failure):
    """There is nothing to look at, or too little to tell anything."""

    exit_code = 14


class MonitorFailed(Failure):
    """The monitor could not look."""

    exit_code = 15


class Part(BaseModel):
    """A part of the result; what is not declared here is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Champion(Part):
    """Whose rows and predictions the batch is compared with."""

    version: Name = ""
    """Empty where nothing has been promoted: then it is the model of the commit."""
    commit: Name
    lock: Name = ""
    """sha256 of its dvc.lock."""
    first: Name
    """The first block of the rows it was trained on and tried on."""
    last: Name
    held_out: Name
    """The first block that it was tried on."""
    rows: Count
    blocks: Count


class Looked(Part):
    """The batch."""

    source: Name
    """The file, or the period of the source."""
    period: Name = ""
    """The period, when it has just arrived; empty for a file."""
    first: Name = ""
    last: Name = ""
    rows: Count
    blocks: Count
    labelled: Count
    """Rows whose outcome is known."""


class Quality(Part):
    """Whether the rows are such as the model may be asked about."""

    state: State
    findings: Annotated[list[Text], Field(max_length=50)] = []
    """A sentence each: file, column, row, what was expected."""
    failed: Count = 0
    """How many findings there are in all."""
    repeated: Count = 0
    """Rows whose key is in the batch more than once, beyond the first."""
    known: Count = 0
    """Rows that the champion was trained or tried on already."""


class Window(Part):
    """Some blocks in a row."""

    first: Name
    last: Name
    rows: Count
    distance: Number = None
    """From the blocks before the batch: standard deviations, or a share of the rows."""
    usual: Number = None
    """The same distance, typically, between such windows of the reference."""
    p: Number = None
    """The chance of a distance like this, were this window one more of the reference."""


class Histogram(Part):
    """Shares of the rows, by value; the last of `labels` may be for gaps."""

    labels: Annotated[list[Name], Field(max_length=60)]
    before: Annotated[list[Finite], Field(max_length=60)]
    now: Annotated[list[Finite], Field(max_length=60)]


class Column(Part):
    """One view of one column."""

    name: Name
    kind: Literal["number", "text"]
    view: Literal["values", "relation"]
    """Its values, or its values given those of the other numbers."""
    distance: Number = None
    """The least of the newest windows: all of them moved at least this far."""
    usual: Number = None
    p: Number = None
    """The greatest of the newest windows."""
    corrected: Number = None
    """The same after Holm's correction for the number of columns."""
    drifted: bool = False
    gaps_before: Number = None
    gaps_now: Number = None
    windows: Annotated[list[Window], Field(max_length=60)] = []
    histogram: Histogram | None = None


class Drift(Part):
    """Whether inputs, predictions and outcomes are distributed as before."""

    state: State
    why_not: Text = ""
    window: Count
    """Blocks in a window."""
    windows: Count
    """How many windows in a row must have moved."""
    reference: Count
    """Blocks before the batch that a window is compared with."""
    alpha: Finite
    effect: Finite
    columns: Annotated[list[Column], Field(max_length=1000)] = []
    """Of the inputs; the furthest moved first."""
    prediction: Annotated[list[Column], Field(max_length=100)] = []
    """One for each column of the prediction."""
    label: Column | None = None


class Estimated(Part):
    """A metric as the model's own probabilities let expect it."""

    name: Name
    value: Number
    low: Number = None
    high: Number = None
    held_out: Number = None
    """The metric on the rows that the champion was tried on."""
    truth: Number = None
    """The metric, once labels are there."""
    within: bool | None = None
    """Whether the truth lies between `low` and `high`."""
    error: Number = None
    """How far such estimates were off in the windows of the held-out rows, on average."""
    state: State = "steady"


class Estimate(Part):
    """Performance without labels."""

    state: State
    why_not: Text = ""
    level: Finite
    windows: Count = 0
    """Windows of held-out rows that the intervals rest on."""
    metrics: Annotated[list[Estimated], Field(max_length=20)] = []
    notes: Annotated[list[Text], Field(max_length=10)] = []
    """When this can be believed, and when not."""


class Metric(Part):
    """A metric on the labelled rows, beside the one on the champion's held-out rows."""

    name: Name
    value: Number
    low: Number = None
    high: Number = None
    held_out: Number = None
    difference: Number = None
    """How much better it is now; below 0 it is worse, whichever way the metric points."""
    difference_low: Number = None
    difference_high: Number = None
    margin: Number = None
    """What `difference` may fall short by; none for a metric that no gate has."""
    floor: Number = None
    """The gate's floor, or ceiling where less is better."""
    state: State = "steady"
    note: Text = ""


class Slice(Part):
    """A group of the labelled rows."""

    name: Name
    """Such as `carrier = UA`."""
    rows: Count
    metrics: dict[str, Number] = {}
    """The headline metric and those that slices are gated by."""
    held_out: dict[str, Number] = {}


class Calibration(Part):
    """Forecasts beside what happened."""

    error: Number
    """Expected calibration error."""
    slope: Number = None
    limit: Number = None
    """What the gate lets `error` be, at most."""
    forecast: Annotated[list[Finite], Field(max_length=20)] = []
    observed: Annotated[list[Finite], Field(max_length=20)] = []
    rows: Annotated[list[Count], Field(max_length=20)] = []


class Concept(Part):
    """Whether the same inputs still mean the same outcome: what forecasts miss, then and now."""

    state: State
    why_not: Text = ""
    shift: Number = None
    """By how much more happened than was forecast, beyond what held-out rows show."""
    low: Number = None
    high: Number = None
    effect: Number = None
    """`shift` in standard deviations of the outcome, without its sign."""
    p: Number = None


class Performance(Part):
    """Performance on the rows whose outcome is known."""

    state: State
    why_not: Text = ""
    labelled: Share = 0.0
    """Of the rows of the batch."""
    mature: Count = 0
    """Blocks in which enough rows have a label to be counted."""
    waiting: Count = 0
    """Blocks that still wait for labels."""
    level: Number = None
    metrics: Annotated[list[Metric], Field(max_length=20)] = []
    slices: Annotated[list[Slice], Field(max_length=200)] = []
    calibration: Calibration | None = None
    concept: Concept | None = None


class Check(Part):
    """Something that servers count, and what it may be."""

    name: Name
    value: Number
    limit: Number = None
    state: State = "steady"
    note: Text = ""


class Serving(Part):
    """What the servers counted."""

    state: State
    why_not: Text = ""
    source: Name = ""
    requests: Count = 0
    rows: Count = 0
    checks: Annotated[list[Check], Field(max_length=30)] = []


class Reason(Part):
    """Why there is an alarm."""

    section: SectionName
    what: Text


class Result(Part):
    """All of monitor.json."""

    version: Literal[1] = 1
    outcome: Outcome
    summary: Text
    """One sentence."""
    reasons: Annotated[list[Reason], Field(max_length=50)] = []
    model: Name
    made: Name
    """When it was looked: UTC, ISO 8601, to the second."""
    run: Text = ""
    """The address of the workflow run."""
    block: Name = "block"
    """What the rows are grouped by, such as `date`."""
    champion: Champion | None = None
    batch: Looked | None = None
    quality: Quality | None = None
    drift: Drift | None = None
    performance: Performance | None = None
    estimate: Estimate | None = None
    serving: Serving | None = None

    @property
    def retrain(self) -> bool:
        """Whether a new model may help: something moved, and it is not the data that are broken."""
        found = {reason.section for reason in self.reasons}
        return "quality" not in found and bool(
            found & {"drift", "performance", "concept", "estimate"}
        )


def number(value: float | None) -> Number:
    """A float as JSON has it: None for what is not finite."""
    return float(value) if value is not None and isfinite(value) else None


def write(result: Result, path: Path) -> None:
    """Write the result as JSON, floats rounded to 6 decimals."""
    write_json(path, result.model_dump(mode="json"))


def read(text: str | bytes, name: str) -> Result:
    """Parse and check a result; DeclarationError that names `name` and the first mistake."""
    try:
        return Result.model_validate_json(text)
    except ValidationError as invalid:
        error = invalid.errors()[0]
        place = ".".join(map(str, error["loc"])) or "the whole file"
        raise DeclarationError(f"{name}: not a monitor's result; {place}: {error['msg']}") from None


def schema() -> dict[str, Any]:
    """The JSON schema of monitor.json, as published."""
    draft = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "monitor.json"}
    return json.loads(json.dumps(Result.model_json_schema(mode="serialization") | draft))
