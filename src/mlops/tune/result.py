"""What a search found, as JSON: a share of one that several machines make, or all of it."""

import json
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from mlops.errors import DataError
from mlops.evaluation.names import Better
from mlops.files import write_text

MOST = 5_000_000  # bytes of a file
Finite = Annotated[float, Field(allow_inf_nan=False)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z_]\w{0,99}$")]
Text = Annotated[str, Field(max_length=200)]
Value = Annotated[bool | int | Finite | Text | None, Field(union_mode="smart")]
Settings = Annotated[dict[Name, Value], Field(max_length=100)]
Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
State = Literal["complete", "pruned", "failed"]


P = TypeVar("P", bound="Part")


class Part(BaseModel):
    """A part of such a file; what is not declared here is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Trial(Part):
    """Parameters that were tried."""

    share: Annotated[int, Field(ge=1)]
    number: Annotated[int, Field(ge=0)]
    """Its place in the share."""
    state: State
    """complete: scored on every fold; pruned: given up after some; failed: could not be fitted."""
    settings: Settings
    """All of the estimator's parameters, those that stay as they are included."""
    scores: Annotated[list[Finite], Field(max_length=100)]
    """The headline metric on each fold."""

    @property
    def value(self) -> float:
        """The mean over the folds."""
        return sum(self.scores) / len(self.scores)


class Fold(Part):
    """The sizes of a fold, in rows."""

    train: Annotated[int, Field(ge=1)]
    test: Annotated[int, Field(ge=1)]


class Search(Part):
    """All that a search, or a share of one, leaves."""

    study: Hash
    """Of what it depends on; shares of one search have the same."""
    estimator: Name
    metric: Name
    better: Better
    folds: Annotated[list[Fold], Field(min_length=2, max_length=100)]
    space: dict[Name, Annotated[list[Value], Field(min_length=2, max_length=100)]]
    present: Settings
    """What params.yaml had."""
    trials: Annotated[list[Trial], Field(max_length=100_000)]

    @model_validator(mode="after")
    def _complete_is_on_every_fold(self) -> "Search":
        for trial in self.trials:
            if trial.state == "complete" and len(trial.scores) != len(self.folds):
                raise ValueError(f"trial {trial.number} is complete without a score on every fold")
            if trial.settings.keys() != self.present.keys():
                raise ValueError(f"trial {trial.number} has other parameters than params.yaml")
        return self


class Tuned(Part):
    """reports/tuning.json: the search, and what was decided."""

    search: Search
    best: Settings
    lead: Finite
    """By how much the best is better than the present values, as a mean over the folds."""
    low: Finite
    """The lower end of that lead's interval."""
    level: Annotated[float, Field(gt=0, lt=1)]
    better: bool
    """Whether the best is better beyond noise, and takes the place of the present values."""


def write(found: Part, path: Path) -> None:
    """As JSON, whole or not at all."""
    write_text(path, found.model_dump_json(indent=1))


def read(path: Path, kind: type[P]) -> P:
    """Raises DataError when it is missing, a link, too large, or not such a file."""
    try:
        if path.is_symlink() or path.stat().st_size > MOST:
            raise DataError(f"{path} is a link or has more than {MOST:,} bytes")
        return kind.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise DataError(f"{path} is missing; `mlops tune` writes it") from None
    except ValidationError as invalid:
        error = invalid.errors()[0]
        place = ".".join(map(str, error["loc"])) or "the whole file"
        raise DataError(f"{path}: {place}: {error['msg']}") from None


def same(a: Settings, b: Settings) -> bool:
    """Whether two settings mean the same; 1 and true do not, 1 and 1.0 do not either."""
    return canonical(a) == canonical(b)


def canonical(settings: Settings) -> str:
    """Settings as text that does not depend on their order."""
    return json.dumps(settings, sort_keys=True)
