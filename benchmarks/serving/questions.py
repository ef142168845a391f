"""Rows of the test set as requests of MLflow's protocol, and what the pipeline said of them."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlops.errors import DataError
from serving.manifest import Manifest

TOLERANCE = 2e-6  # of a probability: single precision, and answers rounded to six decimals
SEED = 20130701
SINGLE, MANY, EACH = 200, 8, 1000  # requests of one row; requests of many rows, and how many


@dataclass(frozen=True)
class Questions:
    """Requests of one kind: a line of JSON each, and the probabilities that are right."""

    bodies: list[bytes]
    expected: list[NDArray[np.float64]]

    def wrong(self, at: int, status: int, answer: bytes) -> str | None:
        """What is wrong with the answer to one of them, if anything is."""
        if status != 200:
            return f"status {status}: {answer[:300].decode(errors='replace')}"
        found = probabilities(json.loads(answer))
        expected = self.expected[at]
        if found.shape != expected.shape:
            return f"expected {len(expected)} predictions, found {found.shape}"
        worst = float(np.abs(found - expected).max())
        return f"a probability is off by {worst:.2g}" if not worst <= TOLERANCE else None


def probabilities(answer: Any) -> NDArray[np.float64]:
    """Of the greater label: from records with `probability`, or rows with one of each label."""
    rows = answer["predictions"]
    chosen = [row["probability"] if isinstance(row, dict) else row[-1] for row in rows]
    return np.array(chosen, dtype=np.float64)


def ask(artifacts: Path, manifest: Manifest) -> dict[str, Questions]:
    """`row`: one row, all inputs given; `keys`: the same rows with keys in place of the table
    features (absent when the model has none); `rows`: a thousand rows, all inputs given.

    Raises DataError when the pipeline has not been run here, or the problem is not binary.
    """
    if manifest.output.task != "binary":
        raise DataError(f"the servers are compared on a binary problem, not {manifest.output.task}")
    names, key = [i.name for i in manifest.inputs], list(manifest.identifiers)
    try:
        said = pd.read_parquet(artifacts / "predictions.parquet", columns=[*key, "prediction"])
        features = pd.read_parquet(artifacts / "features.parquet")
    except OSError as absent:
        raise DataError(f"{absent}; run `mlops run` first") from None
    count = max(SINGLE, MANY * EACH)
    drawn = said.sample(min(count, len(said)), random_state=SEED)
    rows = drawn.merge(features, on=key, how="left", validate="1:1")
    rows = rows.iloc[np.arange(count) % len(rows)]
    single, many = rows.iloc[:SINGLE], rows.iloc[: MANY * EACH]
    found = {"row": _questions(single, names, 1), "rows": _questions(many, names, EACH)}
    if manifest.tables:
        given = [i.name for i in manifest.inputs if i.table is None]
        looked_up = [k.name for k in manifest.keys]
        found["keys"] = _questions(single, [*given, *looked_up], 1)
    return found


def _questions(rows: pd.DataFrame, names: list[str], each: int) -> Questions:
    frame = rows[names].astype(object)
    values = frame.where(frame.notna(), None).to_numpy().tolist()
    right = rows["prediction"].to_numpy(np.float64)
    parts = [slice(start, start + each) for start in range(0, len(values), each)]
    split = [{"dataframe_split": {"columns": names, "data": values[part]}} for part in parts]
    return Questions([json.dumps(s).encode() for s in split], [right[part] for part in parts])
