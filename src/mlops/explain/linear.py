"""A linear model: the contribution of an input is w (z - E z), summed over its encoded columns.

That is its Shapley value, since nothing that is added up interacts (Štrumbelj and Kononenko, 2014).
The mean is that of all training rows.
"""

import numpy as np
import pandas as pd

from mlops.evaluation.predict import Array
from mlops.explain.explainer import Explainer
from mlops.explain.scale import scale_of
from mlops.explain.sources import membership, sources
from mlops.explain.trained import Trained, dense

PROBES = 1000  # training rows on which the formula must say what the model says
OVERALL = 2000  # held-out rows that the overall picture is of


def explainer(trained: Trained) -> Explainer | None:
    """None when the last estimator is not linear in columns that come from one input each."""
    last = trained.last
    if not hasattr(last, "coef_") or not hasattr(last, "intercept_"):
        return None
    columns = sources(trained)
    weights = np.atleast_2d(np.asarray(last.coef_, dtype=np.float64))  # (outputs, columns)
    if columns is None or weights.shape[1] != len(columns):
        return None
    mean = np.asarray(trained.encoded(trained.rows).mean(axis=0), dtype=np.float64).ravel()
    base = weights @ mean + last.intercept_
    of_input = membership(columns, len(trained.inputs))

    def contributions(rows: pd.DataFrame) -> Array:
        away = dense(trained.encoded(rows)) - mean
        return np.einsum("nk,ok,ki->nio", away, weights, of_input)

    probes = trained.sample(PROBES)
    scores = base + contributions(probes).sum(axis=1)
    scale = scale_of(trained.task, scores, trained.answers(probes))
    if scale is None:  # such as a log link, or one of several classes against each other
        return None
    return Explainer(
        method="linear",
        scale=scale,
        base=base,
        background=len(trained.rows),
        overall=OVERALL,
        contributions=contributions,
    )
