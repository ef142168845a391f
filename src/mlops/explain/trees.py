"""Trees: exact Shapley values by TreeSHAP against a background (Lundberg et al., 2020)."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from mlops.evaluation.predict import Array
from mlops.explain.explainer import Explainer
from mlops.explain.library import shap
from mlops.explain.scale import scale_of
from mlops.explain.sources import NONE, membership, sources
from mlops.explain.trained import Trained, dense

BACKGROUND = 500  # training rows; the time it takes grows with them
PROBES = 20  # training rows on which the trees must say what the model says
OVERALL = 200  # held-out rows that the overall picture is of
AT_ONCE = 10  # rows: between calls Ctrl-C is heard, and a short one draws no bar of its own
NODES = 1 << 15  # of a tree, that shap's loop over a background can count
NUMERIC = 0  # a threshold that is one


def explainer(trained: Trained) -> Explainer | None:
    """None when the last estimator is no trees that shap can read, or an input has several columns.

    Columns of one input move together, as one-hot ones do: taken one by one, they would make rows
    that cannot exist.
    """
    columns = sources(trained)
    if columns is None or np.bincount(columns[columns != NONE], minlength=1).max() > 1:
        return None
    library = shap()
    background = dense(trained.encoded(trained.sample(BACKGROUND)))
    masker = library.maskers.Independent(background, max_samples=len(background))
    try:
        trees = library.TreeExplainer(trained.last, masker, feature_perturbation="interventional")
    except Exception:  # noqa: BLE001 - whatever it says of a model that it cannot read
        return None
    ensemble = trees.model
    if ensemble.thresholds.shape[1] >= NODES or (ensemble.threshold_types != NUMERIC).any():
        return None
    ranks = _ranked(ensemble, background.shape[1])
    trees.data = ranks(background)
    of_input = membership(columns, len(trained.inputs))
    outputs = trained.answers(trained.sample(1)).shape[1]

    def contributions(rows: pd.DataFrame) -> Array:
        encoded = ranks(dense(trained.encoded(rows)))
        parts = [encoded[at : at + AT_ONCE] for at in range(0, len(encoded), AT_ONCE)]
        found = [_values(trees, part) for part in parts]
        by_output = np.concatenate(found)[..., -outputs:]  # of two classes, the greater one
        return np.einsum("nko,ki->nio", by_output, of_input)

    base = np.atleast_1d(np.asarray(trees.expected_value, dtype=np.float64)).ravel()[-outputs:]
    probes = trained.sample(PROBES)
    scores = base + contributions(probes).sum(axis=1)
    scale = scale_of(trained.task, scores, trained.answers(probes))
    if scale is None:  # such as a split on categories, which shap does not know
        return None
    return Explainer(
        method="trees",
        scale=scale,
        base=base,
        background=len(background),
        overall=OVERALL,
        contributions=contributions,
    )


def _values(trees: Any, encoded: Array) -> Array:
    """Shape (rows, columns, outputs)."""
    found = trees.shap_values(encoded, check_additivity=False)
    stacked = np.stack(found, axis=-1) if isinstance(found, list) else np.asarray(found)
    return stacked.reshape(*encoded.shape, -1)


def _ranked(ensemble: Any, columns: int) -> Callable[[Array], Array]:
    """Put the rank of every threshold among those of its column in its place, and give what does
    the same to a matrix: the number of thresholds that a value lies above; a gap stays one.

    shap's loop over a background rounds thresholds to single precision. Of ranks nothing is lost.
    """
    splits = ensemble.children_left >= 0
    of_column = []
    for column in range(columns):
        here = splits & (ensemble.features == column)
        of_column.append(np.unique(ensemble.thresholds[here]))
        ensemble.thresholds[here] = np.searchsorted(of_column[-1], ensemble.thresholds[here])

    def ranks(matrix: Array) -> Array:
        as_compared = matrix.astype(ensemble.input_dtype).astype(np.float64)
        pairs = zip(of_column, as_compared.T, strict=True)
        above = np.stack([np.searchsorted(known, values) for known, values in pairs], axis=1)
        return np.where(np.isnan(matrix), np.nan, above)

    return ranks
