"""Can an estimator be exported? Asked before it is fitted, since fitting takes longest."""

from collections.abc import Iterator
from typing import Any

from sklearn.base import BaseEstimator

from mlops.errors import DeclarationError

FILE = "src/problem/model.py"
OWN = ("onnx_converter", "to_onnx")  # an estimator that knows itself how it is written in ONNX


def check(name: str, estimator: object) -> None:
    """Raises DeclarationError when a part of the estimator has no ONNX form, with those that do.

    The list is skl2onnx's. docs/your-problem.md says how an estimator brings its own.
    """
    from skl2onnx import _supported_operators as known

    exportable = known.sklearn_operator_name_map
    for part in _parts(estimator):
        if type(part) not in exportable and not any(hasattr(part, way) for way in OWN):
            there_are = ", ".join(sorted({kind.__name__ for kind in exportable}, key=str.lower))
            raise DeclarationError(
                f"{FILE}: {name}: {type(part).__name__} cannot be exported to ONNX, so it could "
                f"not be served. These can: {there_are}. Choose among them, or give it a method "
                f"onnx_converter; docs/your-problem.md shows one",
                file=FILE,
            )


def _parts(value: Any) -> Iterator[BaseEstimator]:
    """Every estimator in an unfitted estimator, unless it exports itself as a whole."""
    if isinstance(value, BaseEstimator):
        yield value
        if hasattr(value, "to_onnx"):
            return
        value = list(value.get_params(deep=False).values())
    elif not isinstance(value, list | tuple):
        return
    for inner in value:
        yield from _parts(inner)
