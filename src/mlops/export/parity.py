"""Does the exported model say what the trained one says, on every test row?"""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from onnxruntime.capi.onnxruntime_pybind11_state import Fail, InvalidArgument, RuntimeException

from mlops.evaluation.predict import Array
from serving.errors import Rejected
from serving.inputs import Batch, Inputs
from serving.lookup import Lookup
from serving.manifest import Manifest
from serving.model import Model


def compare(
    folder: Path, manifest: Manifest, rows: pd.DataFrame, predictions: Array
) -> dict[str, Any]:
    """Rows, the largest difference, rounded up to a millionth, flipped decisions, and rows whose
    inputs come out otherwise when they are looked up.

    The rows go the way of a request: through the server's checks, its look-up and its model.
    predictions: what the trained model says of the rows, as `evaluation.predict` gives it. A
    difference of a regression is a share of the predictions' standard deviation.
    """
    checked = Inputs(manifest, Lookup.read(folder, manifest))
    given = {name: rows[name].to_numpy() for name in rows.columns}
    features = {name for table in manifest.tables for name in table.columns}
    try:
        batch = checked.prepare(given, len(rows))
        bare = {name: values for name, values in given.items() if name not in features}
        filled = checked.prepare(bare, len(rows)) if features else batch
    except Rejected as refused:
        return {"rows": len(rows), "refused": refused.message}
    try:
        answers = Model(folder, manifest).predict(batch.feeds).astype(np.float64)
    except (Fail, InvalidArgument, RuntimeException) as broken:  # such as a category it never saw
        return {"rows": len(rows), "refused": f"a row stops the exported model: {broken}"[:1000]}
    difference = np.abs(answers - predictions)
    if manifest.output.task == "regression":
        difference = difference / (predictions.std() or 1.0)
    return {
        "rows": len(rows),
        "largest_difference": np.ceil(1e6 * difference.max()) / 1e6,
        "flipped": int((_decided(answers, manifest) != _decided(predictions, manifest)).sum()),
        "looked_up_otherwise": _differing(batch, filled),
    }


def _decided(predictions: NDArray[Any], manifest: Manifest) -> NDArray[Any]:
    task, threshold = manifest.output.task, manifest.output.threshold
    if task == "binary":
        return predictions >= threshold
    return predictions.argmax(axis=1) if task == "multiclass" else np.zeros(len(predictions))


def _differing(one: Batch, other: Batch) -> int:
    """Rows of which an input differs; two gaps are equal."""
    differs = np.zeros(one.rows, dtype=bool)
    for kind, matrix in one.feeds.items():
        same = matrix == other.feeds[kind]
        if matrix.dtype.kind == "f":
            same |= np.isnan(matrix) & np.isnan(other.feeds[kind])
        differs |= ~same.all(axis=1)
    return int(differs.sum())
