"""`explain.json`: what each input adds to some predictions, and how much it moves all of them.

Lists of numbers have one for each output: one for each class where there are several, in the order
of `classes`, else a single one.
"""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from mlops.contract import Task
from mlops.explain.explainer import Method
from mlops.explain.scale import Scale
from mlops.files import write_json

FOLDER = Path("reports/explain")  # explain.json and the page
DIFFERENT = 1e-4  # between two answers, in units of their size where that is above 1

Finite = Annotated[float, Field(allow_inf_nan=False)]
Value = bool | int | float | str | None


class Part(BaseModel):
    """A part of the result; what is not declared here is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Base(Part):
    """Where every row starts: the mean score of the background, and what that says."""

    score: list[Finite]
    prediction: list[Finite]


class Contribution(Part):
    """What an input adds to the score of a row."""

    input: str
    value: Value = None
    """None for a gap, and for what the schema marks as sensitive."""
    sensitive: bool = False
    adds: list[Finite]


class Row(Part):
    """A prediction, and what it is made of: base and contributions add up to the score."""

    row: int
    """Its number in the source, from 1 on."""
    key: dict[str, Value]
    actual: Value = None
    """The target, where it is known."""
    recorded: list[Finite] | None = None
    """What was answered when the row was asked about, where the source says."""
    score: list[Finite]
    prediction: list[Finite]
    contributions: list[Contribution]
    """Every input, the largest contribution to the likeliest output first."""

    @property
    def likeliest(self) -> int:
        """The output that is told: the likeliest class, or the only one."""
        return self.prediction.index(max(self.prediction))

    @property
    def is_anothers(self) -> bool:
        """Whether the recorded answer is not this model's, so that it is not what is explained."""
        pairs = zip(self.recorded or self.prediction, self.prediction, strict=True)
        return any(abs(before - now) > DIFFERENT * max(1.0, abs(now)) for before, now in pairs)


class Importance(Part):
    """How much an input moves predictions."""

    input: str
    contribution: Finite
    """The mean size of its contributions over rows and outputs."""
    loss: Finite | None = None
    """How much worse the headline metric gets when it is shuffled, as reports/plots/ has it."""


class Overall(Part):
    """Every input, the largest mean contribution first."""

    rows: int
    """How many held-out rows it is the mean of."""
    inputs: list[Importance]


class Result(Part):
    """What `mlops explain` found."""

    model: str
    estimator: str
    task: Task
    target: str
    classes: list[Value]
    """The labels of a multi-class problem; else empty."""
    method: Method
    scale: Scale
    metric: str
    """The headline metric, in whose units `loss` is."""
    background: int
    """How many training rows stand in for what is not known of a row."""
    base: Base
    source: str
    rows: list[Row]
    overall: Overall


def write(result: Result, path: Path) -> None:
    """Write the result as JSON, floats rounded to 6 decimals."""
    write_json(path, result.model_dump(mode="json"))
