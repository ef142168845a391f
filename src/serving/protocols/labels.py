"""Probabilities to the labels that they stand for."""

from typing import Any

from numpy.typing import NDArray

from serving.manifest import Output, Scalar

EVEN = 0.5


def labels(predictions: NDArray[Any], output: Output) -> list[Scalar]:
    """The label of each row of `predictions`, as `Model.predict` gives them for classifiers.

    Binary: the greater label from the manifest's threshold on. Multi-class: the likeliest, the
    first of equals.
    """
    if output.task == "binary":
        threshold = EVEN if output.threshold is None else output.threshold
        lesser, greater = output.classes
        return [greater if p >= threshold else lesser for p in predictions.tolist()]
    return [output.classes[place] for place in predictions.argmax(axis=1).tolist()]
