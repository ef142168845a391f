"""What may be tried for an estimator, and a draw from it."""

from typing import Any

from optuna.trial import Trial
from pydantic import ValidationError

from mlops.contract import RANGES, Model, Tuning, accepted
from mlops.errors import DeclarationError
from mlops.params import unknown_key

Space = dict[str, tuple[Any, ...]]
FILE = "src/problem/tuning.py"
DIGITS = 4  # of a number that is drawn: what is tried is what params.yaml will say


def declared(tuning: Tuning, model: Model, estimator: str) -> Space:
    """The space of an estimator, by parameter.

    Raises DeclarationError when the problem declares none, names what src/problem/model.py has
    not, or a bound is not of the parameter's type.
    """
    for name in tuning.SPACE:
        if name not in model.ESTIMATORS:
            raise _wrong(name, unknown_key(name, list(model.ESTIMATORS)))
    space = tuning.SPACE.get(estimator)
    if not space:
        there_are = ", ".join(sorted(tuning.SPACE)) or "none"
        raise _wrong(estimator, f"expected what may be tried for it; declared are {there_are}")
    check = accepted(model, estimator)
    for parameter, distribution in space.items():
        if parameter not in check.model_fields:
            raise _wrong(f"{estimator}.{parameter}", unknown_key(parameter, [*check.model_fields]))
        kind, *given = distribution
        for value in given:
            probe = value if kind == "choice" else RANGES[kind](value)
            try:
                check.__pydantic_validator__.validate_assignment(
                    check.model_construct(), parameter, probe
                )
            except ValidationError as invalid:
                said = invalid.errors()[0]["msg"].replace("Input should be", "expected")
                raise _wrong(f"{estimator}.{parameter}", f"{said}, found {probe!r}") from None
    return dict(space)


def suggest(trial: Trial, space: Space) -> dict[str, Any]:
    """Values for every parameter of the space; numbers have four significant digits."""
    return {name: _suggest(trial, name, *declared) for name, declared in space.items()}


def _suggest(trial: Trial, name: str, kind: str, *given: Any) -> Any:
    if kind == "choice":
        return trial.suggest_categorical(name, given)
    low, high = given
    log = kind.startswith("log")
    if RANGES[kind] is int:
        return trial.suggest_int(name, low, high, log=log)
    drawn = trial.suggest_float(name, low, high, log=log)
    return min(max(float(f"{drawn:.{DIGITS}g}"), float(low)), float(high))


def _wrong(place: str, what: str) -> DeclarationError:
    return DeclarationError(
        f"{FILE}: SPACE.{place}: {what}. docs/tune.md says what belongs there", file=FILE
    )
