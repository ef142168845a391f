"""What a problem folder declares: one class per module of src/problem/, checked when it is loaded.

`problem` never imports this package. It declares plain constants and functions under the names
below (in capitals for constants), and `load(Features)` reads and checks `problem/features.py`.
docs/your-problem.md walks through them.
"""

import inspect
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Literal, Protocol, TypeVar, runtime_checkable

import pandas as pd
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    InstanceOf,
    ValidationError,
    ValidationInfo,
    create_model,
    field_validator,
)
from pydantic_core import ErrorDetails

from mlops.errors import DeclarationError
from mlops.params import Params, expectation, foremost, misplaced, unknown_key

Task = Literal["binary", "multiclass", "regression"]
Tables = Mapping[str, pd.DataFrame]
SHIPPED = Path("src/problem")


@runtime_checkable
class Schema(Protocol):
    """The part of a pandera DataFrameSchema that the machinery uses."""

    columns: dict[str, Any]
    unique: list[str] | None

    def validate(self, check_obj: pd.DataFrame, *, lazy: bool = ...) -> pd.DataFrame: ...


@runtime_checkable
class Estimator(Protocol):
    """The part of a scikit-learn estimator that the machinery uses."""

    def fit(self, X: pd.DataFrame, y: Any) -> Any: ...
    def predict(self, X: pd.DataFrame) -> Any: ...


def _as_list(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _not_empty(value: list[str]) -> list[str]:
    if not value:
        raise ValueError("expected at least one name")
    return value


def _two_columns(value: tuple[str, str]) -> tuple[str, str]:
    if any(column.count(".") != 1 for column in value):
        raise ValueError("expected two names such as table.column")
    return value


def _distribution(value: tuple[Any, ...]) -> tuple[Any, ...]:
    kind, *given = value or ("",)
    if kind == "choice":
        if not given or not all(isinstance(one, bool | int | float | str | None) for one in given):
            raise ValueError(f"expected ('choice', plain values), found {value!r}")
        return value
    if kind not in RANGES:
        kinds = ", ".join(map(repr, ("choice", *RANGES)))
        raise ValueError(f"expected a tuple that begins with one of {kinds}, found {value!r}")
    number = RANGES[kind]
    if len(given) != 2 or not all(type(bound) in {int, number} for bound in given):
        what = "whole numbers" if number is int else "numbers"
        raise ValueError(f"expected ({kind!r}, low, high) with {what}, found {value!r}")
    low, high = given
    if not low < high:
        raise ValueError(f"expected the lower bound first, found {value!r}")
    if kind.startswith("log") and low <= 0:
        raise ValueError(f"expected bounds above 0 on a logarithmic scale, found {value!r}")
    return value


RANGES: dict[str, type[int] | type[float]] = {
    "int": int,
    "log int": int,
    "float": float,
    "log": float,
}
"""Kinds of a Distribution with a low and a high bound, and the numbers that lie between them."""
Distribution = Annotated[tuple[Any, ...], AfterValidator(_distribution)]
Names = Annotated[list[str], BeforeValidator(_as_list)]
SomeNames = Annotated[Names, AfterValidator(_not_empty)]


class Section(BaseModel):
    """A module of the problem folder."""

    model_config = ConfigDict(
        from_attributes=True, arbitrary_types_allowed=True, frozen=True, strict=True
    )


class Source(Section):
    """`source.py`: where the raw files come from."""

    PERIODS: Names
    """Every period the source holds, oldest first; empty when the data does not arrive in parts."""
    materialise: Callable[[Path, str], None]
    """Write every raw file up to a period into a folder; ValueError or OSError when it cannot."""


class Schemas(Section):
    """`schema.py`: what raw files and features must look like."""

    RAW: dict[str, InstanceOf[Schema]]
    """A pandera schema per raw table; NAME is read from NAME.csv, or from NAME-PERIOD.csv files."""
    REFERENCES: dict[Annotated[tuple[str, str], AfterValidator(_two_columns)], float]
    """(table.column, table.column it refers to): the share of rows that may find nothing."""
    period: Callable[[pd.DataFrame], pd.Series]
    """The period of each row of a table that comes in NAME-PERIOD.csv files, as in PERIODS."""
    FEATURES: InstanceOf[Schema]
    """The pandera schema of the model's inputs: its columns, in this order."""


class Features(Section):
    """`features.py`: what the model may know, and when."""

    KEY: SomeNames
    """Columns that identify a row."""
    BLOCK: str
    """The column of the natural block: rows that rise and fall together. Dates read YYYY-MM-DD."""
    TASK: Task
    """binary (labels 0 and 1), multiclass, or regression."""
    TARGET: str
    """The column that is predicted."""
    TABLES: dict[str, Annotated[tuple[str, ...], Field(min_length=1)]]
    """A table feature's name and the columns that look it up."""
    CARRIED_FORWARD: Names
    """Tables whose newest row the server uses for later times; of others, later times have gaps."""
    rows: Callable[[Tables], pd.DataFrame]
    """One row per example: key, block, target, row features, look-up columns."""
    tables: Callable[[Tables], dict[str, pd.DataFrame]]
    """Every table of TABLES, one row per key, from nothing but the past of that key."""


class Model(Section):
    """`model.py`: the estimators."""

    ESTIMATORS: dict[str, Callable[..., InstanceOf[Estimator]]]
    """name: a function (seed, *, parameters) that returns an unfitted scikit-learn pipeline."""
    LINEAR: str
    """Which of ESTIMATORS is the linear baseline."""

    @field_validator("LINEAR")
    @classmethod
    def _is_an_estimator(cls, value: str, declared: ValidationInfo) -> str:
        there_are = declared.data.get("ESTIMATORS", {value: None})
        if value not in there_are:
            raise ValueError(f"expected one of {', '.join(there_are)}, found {value!r}")
        return value


class Slices(Section):
    """`slices.py`: the groups looked at one by one."""

    SLICES: Names
    slices: Callable[[pd.DataFrame], pd.DataFrame]
    """A column of labels per name in SLICES, on the index of the feature table."""


class Expectation(Section):
    """What a change of the inputs must do to a prediction, in at least `share` of the rows."""

    kind: Literal["invariant", "rises", "falls", "low", "high"]
    change: Callable[[pd.DataFrame], pd.DataFrame]
    share: Annotated[float, Field(ge=0, le=1)]
    tolerance: Annotated[float, Field(ge=0)]
    label: Any


class Behaviour(Section):
    """`behaviour.py`: what any sane model must do."""

    EXPECTATIONS: dict[str, Expectation]


class Tuning(Section):
    """`tuning.py`, which only `mlops tune` asks for: what it may try."""

    SPACE: dict[str, dict[str, Distribution]]
    """By estimator and parameter: ("int", low, high), ("float", low, high), the same on a
    logarithmic scale as ("log int", …) and ("log", …), or ("choice", value, …)."""


MODULES: dict[type[Section], str] = {
    Source: "source",
    Schemas: "schema",
    Features: "features",
    Model: "model",
    Slices: "slices",
    Behaviour: "behaviour",
    Tuning: "tuning",
}
S = TypeVar("S", bound=Section)


def load(section: type[S]) -> S:
    """Import a module of the problem folder and check what it declares.

    Raises DeclarationError that names the file and the declaration.
    """
    name = MODULES[section]
    file = str(SHIPPED / f"{name}.py")
    try:
        module = import_module(f"problem.{name}")
    except ModuleNotFoundError as missing:
        if missing.name in ("problem", f"problem.{name}"):
            raise DeclarationError(
                f"{file} is missing. docs/your-problem.md says what belongs there", file=file
            ) from None
        raise DeclarationError(
            f"{file}: cannot be imported, {missing.name} is missing. If it is a package, add it to "
            f"the group `problem` in pyproject.toml and run `make lock environment`"
        ) from missing
    declared = {
        field: getattr(module, field) for field in section.model_fields if hasattr(module, field)
    }
    try:
        return section.model_validate(declared)
    except ValidationError as invalid:
        error = invalid.errors()[0]
        place = ".".join(str(part) for part in error["loc"])
        what = "is missing" if error["type"] == "missing" else _in_words(error)
        raise DeclarationError(
            f"{file}: {place}: {what}. docs/your-problem.md says what belongs there", file=file
        ) from None


def _in_words(error: ErrorDetails) -> str:
    return error["msg"].removeprefix("Value error, ").replace("Input should be", "expected")


def build(model: Model, params: Params, estimator: str) -> Estimator:
    """The unfitted pipeline of an estimator, with what params.yaml sets for it.

    Raises DeclarationError for an estimator or a parameter that src/problem/model.py lacks, and
    for a value of the wrong type.
    """
    given = settings(model, params, estimator)
    builder = model.ESTIMATORS[estimator]
    try:
        inspect.signature(builder).bind(params.seed, **given)
    except TypeError as unfit:
        raise DeclarationError(
            f"src/problem/model.py: {estimator}: expected a function (seed, *, parameters); {unfit}"
        ) from None
    return builder(params.seed, **given)


def settings(model: Model, params: Params, estimator: str) -> dict[str, Any]:
    """All parameters of an estimator: what params.yaml sets, and else the builder's defaults.

    Raises DeclarationError as `build` does.
    """
    if estimator not in model.ESTIMATORS:
        there_are = ", ".join(sorted(model.ESTIMATORS))
        raise misplaced(
            ("model", "estimator"),
            f"unknown estimator {estimator!r}; src/problem/model.py has {there_are}",
        )
    for name in params.model.model_extra or {}:
        if name not in model.ESTIMATORS:
            raise misplaced(("model", name), unknown_key(name, [*model.ESTIMATORS, "estimator"]))
    check = accepted(model, estimator)
    try:
        return check.model_validate(params.model.settings(estimator)).model_dump()
    except ValidationError as invalid:
        error = foremost(invalid)
        key = str(error["loc"][0])
        said = expectation(error, list(check.model_fields))
        raise misplaced(("model", estimator, key), said) from None


def accepted(model: Model, estimator: str) -> type[BaseModel]:
    """The parameters that the function of an estimator takes, by type; nothing else passes."""
    allowed: dict[str, Any] = {
        parameter.name: (_or(parameter.annotation, Any), _or(parameter.default, ...))
        for parameter in inspect.signature(
            model.ESTIMATORS[estimator], eval_str=True
        ).parameters.values()
        if parameter.kind is parameter.KEYWORD_ONLY
    }
    return create_model(estimator, __config__=ConfigDict(extra="forbid", strict=True), **allowed)


def _or(declared: Any, otherwise: Any) -> Any:
    return otherwise if declared is inspect.Parameter.empty else declared
