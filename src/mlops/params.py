"""params.yaml, checked: every key known, every value of its type, every mistake placed."""

from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import YAMLError

from mlops.errors import DeclarationError

PATH = Path("params.yaml")
Share = Annotated[float, Field(gt=0, lt=1)]
Positive = Annotated[float, Field(gt=0)]


class Section(BaseModel):
    """A block of params.yaml; a key that is not declared here is an error."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Split(Section):
    """Which rows are held out."""

    rule: Literal["time", "random"]
    test_months: Annotated[int, Field(ge=1)]
    test_share: Share


class Model(Section):
    """The estimator, and under the name of each estimator the parameters of its builder."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)

    __pydantic_extra__: dict[str, dict[str, Any] | None]
    estimator: str

    def settings(self, estimator: str) -> dict[str, Any]:
        """What params.yaml sets for this estimator; nothing set means the builder's defaults."""
        return dict(self.__pydantic_extra__.get(estimator) or {})


class Evaluate(Section):
    """How the held-out rows are scored."""

    threshold: Share
    resamples: Annotated[int, Field(ge=100)]
    level: Annotated[float, Field(ge=0.5, lt=1)]
    importance_rows: Annotated[int, Field(ge=10)]
    minimum_slice: Annotated[int, Field(ge=1)]


class Shift(Section):
    """When a column's distribution is called shifted."""

    psi: Positive


class Audit(Section):
    """How a score is tried for luck and leaks."""

    seeds: Annotated[int, Field(ge=1)]
    rows: Annotated[int, Field(ge=10)]


class Serving(Section):
    """What the exported model is called, and what it does with odd values."""

    name: Annotated[str, Field(pattern=r"^[a-z]([a-z0-9-]*[a-z0-9])?$")]
    unknown: Literal["reject", "flag"]
    outside: Literal["reject", "flag"]


class Calibration(Section):
    """How far forecasts may be from what happens."""

    error: Positive
    slope: Annotated[list[float], Field(min_length=2, max_length=2)]


class Leaks(Section):
    """Values of the headline metric that only a leak explains."""

    too_good: float
    alone: float


class Budgets(Section):
    """What a prediction and the model may cost."""

    row_ms: Positive
    thousand_rows_ms: Positive
    model_mb: Positive


class Gates(Section):
    """What a pull request must pass."""

    level: Annotated[float, Field(ge=0.5, lt=1)]
    resamples: Annotated[int, Field(ge=2000)]
    floors: dict[str, float]
    margins: Annotated[dict[str, Positive], Field(min_length=1)]
    slice_margins: Annotated[dict[str, Positive], Field(min_length=1)]
    calibration: Calibration
    leaks: Leaks
    stability: Positive
    parity: Positive
    budgets: Budgets


class Replay(Section):
    """What a challenger's server must keep to beside the champion's."""

    requests: Annotated[int, Field(ge=1, le=100_000)]
    batch_share: Annotated[float, Field(ge=0, lt=1)]
    minimum: Annotated[int, Field(ge=1)]
    resamples: Annotated[int, Field(ge=200)]
    level: Annotated[float, Field(ge=0.5, lt=1)]
    errors: Annotated[float, Field(ge=0, lt=1)]
    agreement: Share
    tolerance: Positive
    same: Share
    psi: Positive
    latency_ratio: Annotated[float, Field(gt=1)]
    latency_slack_ms: Annotated[float, Field(ge=0)]


class Counted(Section):
    """What servers may count."""

    errors: Annotated[float, Field(ge=0, lt=1)]
    rejected: Annotated[float, Field(ge=0, lt=1)]
    flagged: Annotated[float, Field(ge=0, lt=1)]
    p99_ms: Positive


class Monitor(Section):
    """When a model is said to age."""

    window: Annotated[int, Field(ge=1)]
    windows: Annotated[int, Field(ge=1)]
    reference: Annotated[int, Field(ge=1)]
    alpha: Share
    effect: Positive
    mature: Annotated[float, Field(gt=0, le=1)]
    serving: Counted
    heartbeat_days: Annotated[int, Field(ge=1)]


class Retrain(Section):
    """How often a new model may be proposed."""

    cooldown_days: Annotated[int, Field(ge=0)]
    most: Annotated[int, Field(ge=1)]


class Params(Section):
    """All of params.yaml."""

    seed: Annotated[int, Field(ge=0)]
    split: Split
    model: Model
    evaluate: Evaluate
    shift: Shift
    audit: Audit
    serving: Serving
    gates: Gates
    replay: Replay
    monitor: Monitor
    retrain: Retrain


def load(path: Path = PATH) -> Params:
    """Read and check the parameters.

    Raises DeclarationError that names the key, its line, what was expected and the closest key.
    """
    content = document(path, "safe")
    try:
        return Params.model_validate(content if isinstance(content, dict) else {})
    except ValidationError as invalid:
        error = foremost(invalid)
        place = error["loc"]
        raise misplaced(place, expectation(error, _known(place[:-1])), path) from None


def misplaced(
    place: tuple[int | str, ...], expectation: str, path: Path = PATH
) -> DeclarationError:
    """The error for the key at `place` of params.yaml, with its line."""
    line = _line(document(path, "rt"), place)
    where = f"{path}{f', line {line}' if line else ''}, key {'.'.join(map(str, place))}"
    return DeclarationError(f"{where}: {expectation}", file=str(path), line=line)


def foremost(invalid: ValidationError) -> ErrorDetails:
    """The mistake to tell first: an unknown key, which is why its right name is missing, or any."""
    return min(invalid.errors(), key=lambda error: error["type"] != "extra_forbidden")


def unknown_key(key: str, known: list[str]) -> str:
    """Say that `key` is not known, which one may have been meant, and which there are."""
    close = get_close_matches(key, known, n=1)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    return f"unknown key.{hint} Known here: {', '.join(sorted(known)) or 'none'}"


def expectation(error: ErrorDetails, known: list[str]) -> str:
    """What pydantic expected, in a sentence; `known` are the keys allowed in that place."""
    if error["type"] == "extra_forbidden":
        return unknown_key(str(error["loc"][-1]), known)
    if error["type"] == "missing":
        return "required, and missing"
    if error["type"] in ("model_type", "dict_type"):
        return f"expected keys with values below it, found {error['input']!r}"
    return f"{error['msg'].replace('Input should be', 'expected')}, found {error['input']!r}"


def document(path: Path, kind: str = "safe") -> Any:
    """A YAML file, read as ruamel's `kind` does; DeclarationError with the line for no YAML."""
    try:
        return YAML(typ=kind).load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DeclarationError(
            f"{path} is missing; restore it with `git checkout {path}`"
        ) from None
    except (YAMLError, UnicodeDecodeError) as broken:
        mark = getattr(broken, "problem_mark", None)
        line = mark.line + 1 if mark else None
        what = getattr(broken, "problem", None) or broken
        where = f"{path}{f', line {line}' if line else ''}"
        raise DeclarationError(
            f"{where}: not valid YAML ({what})", file=str(path), line=line
        ) from None


def _known(parents: tuple[int | str, ...]) -> list[str]:
    section: Any = Params
    for parent in parents:
        field = section.model_fields.get(str(parent))
        section = field.annotation if field else None
        if not (isinstance(section, type) and issubclass(section, Section)):
            return []
    return list(section.model_fields)


def _line(content: Any, place: tuple[int | str, ...]) -> int | None:
    line = None
    for key in place:
        if not isinstance(content, CommentedMap) or key not in content:
            break
        line = content.lc.key(key)[0] + 1
        content = content[key]
    return line
