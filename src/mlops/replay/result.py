"""`replay.json`: what was asked of which servers, what they answered, and what follows.

Published as docs/replay.schema.json. Servers are strangers: every text is short, every list
bounded, and no value of a row is in it but what names the row.
"""

import json
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mlops.errors import DeclarationError
from mlops.files import write_json

SCHEMA = Path("docs/replay.schema.json")
FOLDER = Path(".mlops/replay")  # replay.json and replay.md

Role = Literal["champion", "challenger"]
Outcome = Literal["pass", "fail", "inconclusive", "not applicable"]
Name = Annotated[str, Field(max_length=300)]
Text = Annotated[str, Field(max_length=2000)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Number = Finite | None
Count = Annotated[int, Field(ge=0)]


class Part(BaseModel):
    """A part of the result; what is not declared here is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Traffic(Part):
    """What was asked."""

    origin: Name
    """A file of recorded requests, or the held-out rows."""
    requests: Count
    rows: Count
    """All rows of these requests; a row may be asked about more than once."""
    hash: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    """sha256 of the requests' bodies, in order."""


class Endpoint(Part):
    """An address beside the predictions, and what it answered; None for no answer."""

    path: Name
    status: int | None


class Latency(Part):
    """Milliseconds from sending a request to the last byte of its answer."""

    kind: Literal["single", "batch"]
    """Requests of one row, or of many."""
    requests: Annotated[int, Field(ge=1)]
    p50: Finite
    p95: Finite
    p99: Finite


class Failing(Part):
    """Requests that got no prediction for the same reason."""

    status: int | None
    """Of HTTP; None where the server did not answer."""
    requests: Annotated[int, Field(ge=1)]
    said: Text
    """The first such answer."""


class Server(Part):
    """A side of the comparison."""

    name: Name
    """Its address, or the folder that it serves."""
    version: Name = ""
    """What it says of itself."""
    answered: Count = 0
    failing: Annotated[list[Failing], Field(max_length=20)] = []
    endpoints: Annotated[list[Endpoint], Field(max_length=20)] = []
    latency: Annotated[list[Latency], Field(max_length=2)] = []


class Check(Part):
    """One question, and its answer."""

    name: Annotated[str, Field(pattern=r"^[a-z_0-9]{1,40}$")]
    question: Text
    outcome: Outcome
    reason: Text
    """One sentence: what was found."""
    value: Number = None
    low: Number = None
    high: Number = None
    """The interval of `value`, over resampled requests."""
    limit: Number = None


class Agreement(Part):
    """How the scores of the rows that both answered differ."""

    rows: Annotated[int, Field(ge=1)]
    equal: Finite
    """Share of rows with the same decision, or, of a regression, with nearly the same value."""
    mean: Finite
    p95: Finite
    largest: Finite
    """Of the difference of a score: between probabilities the largest of any class."""
    psi: Number
    """Population stability index, the champion's scores being the reference."""


class Disagreement(Part):
    """A row on which the two differ most."""

    row: Name
    """What names it, or its number in the traffic, from 1 on."""
    champion: Name
    challenger: Name
    difference: Finite


class Step(Part):
    """A step of a canary."""

    share: Annotated[float, Field(gt=0, le=1)]
    """Of the requests that the challenger was to answer."""
    requests: Count
    """How many those were."""
    outcome: Outcome
    reason: Text


class Replay(Part):
    """All of replay.json."""

    version: Literal[1] = 1
    outcome: Literal["pass", "fail", "inconclusive"]
    summary: Text
    mode: Literal["shadow", "canary", "smoke"]
    """All requests to both; a growing share to the challenger; the challenger alone."""
    traffic: Traffic
    champion: Server | None
    challenger: Server
    checks: Annotated[list[Check], Field(min_length=1, max_length=20)]
    agreement: Agreement | None = None
    """With the champion's answers, or in smoke mode with the recorded ones."""
    disagreements: Annotated[list[Disagreement], Field(max_length=10)] = []
    steps: Annotated[list[Step], Field(max_length=10)] = []


def write(result: Replay, path: Path) -> None:
    """Write the result as JSON, floats rounded to 6 decimals."""
    write_json(path, result.model_dump(mode="json"))


def read(text: str | bytes, name: str) -> Replay:
    """Parse and check a result; DeclarationError that names `name` and the first mistake."""
    try:
        return Replay.model_validate_json(text)
    except ValidationError as invalid:
        error = invalid.errors()[0]
        place = ".".join(map(str, error["loc"])) or "the whole file"
        raise DeclarationError(f"{name}: not a replay; {place}: {error['msg']}") from None


def schema() -> dict[str, Any]:
    """The JSON schema of replay.json, as published."""
    draft = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "replay.json"}
    return json.loads(json.dumps(Replay.model_json_schema(mode="serialization") | draft))
