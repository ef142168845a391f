"""What the model says of rows, as columns."""

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from serving.manifest import Output


class Answers:
    """Binary: the target and `probability`, that of the greater label. Multi-class: the target and
    `probability_CLASS` each. Regression: the target.
    """

    def __init__(self, output: Output) -> None:
        self._output = output
        self._threshold = 0.5 if output.threshold is None else output.threshold
        self._labels = pa.array(output.classes) if output.classes else None

    @property
    def names(self) -> list[str]:
        target, classes = self._output.target, self._output.classes
        if self._output.task == "binary":
            return [target, "probability"]
        return [target, *(f"probability_{label}" for label in classes)]

    def columns(self, predictions: NDArray[Any]) -> dict[str, pa.Array]:
        """predictions: as `serving.model.Model.predict` gives them."""
        if self._labels is None:
            return dict(zip(self.names, [pa.array(predictions)], strict=True))
        if self._output.task == "binary":
            # In double precision, as the trained model's own decisions are taken.
            codes = (predictions.astype(np.float64) >= self._threshold).astype(np.int64)
            by_class = predictions.reshape(-1, 1)
        else:
            codes, by_class = predictions.argmax(axis=1), predictions
        probabilities = [pa.array(column) for column in np.ascontiguousarray(by_class.T)]
        return dict(zip(self.names, [self._labels.take(codes), *probabilities], strict=True))
