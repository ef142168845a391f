"""Anything else: Shapley values from permutations of the inputs (Štrumbelj and Kononenko, 2014).

Each permutation is walked forwards and backwards, so that what two inputs do together is shared
exactly, and every walk ends at the row itself, so that contributions add up to its score.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from mlops.errors import TrainingError
from mlops.evaluation.predict import Array
from mlops.explain.explainer import Explainer
from mlops.explain.library import shap
from mlops.explain.scale import Scale, scale_of
from mlops.explain.trained import Trained

BACKGROUND = 100  # training rows; each is asked about at every step of a permutation
PERMUTATIONS = 10
OVERALL = 50  # held-out rows that the overall picture is of

Ask = Callable[[pd.DataFrame], Array]
"""The scores of rows, shape (rows, outputs)."""


def explainer(trained: Trained) -> Explainer:
    """Needs nothing of the estimator but its answers."""
    library = shap()
    background = trained.sample(BACKGROUND)
    scale, ask = _scores(trained, background)

    def contributions(rows: pd.DataFrame) -> Array:
        codes, decoded = _coded(pd.concat([background, rows]))
        known, asked = codes[: len(background)], codes[len(background) :]

        def scores(some: Array) -> Array:
            found = ask(decoded(some))
            return found[:, 0] if found.shape[1] == 1 else found

        masker = library.maskers.Independent(known, max_samples=len(known))
        permuting = library.PermutationExplainer(scores, masker, seed=trained.seed)
        steps = 2 * len(trained.inputs) + 1
        try:
            found = permuting(asked, max_evals=PERMUTATIONS * steps, silent=True)
        except (TypeError, ValueError) as why:
            raise TrainingError(
                f"{type(trained.last).__name__} cannot be explained: it refuses a row with some "
                f"inputs of another: {str(why).splitlines()[0]}"
            ) from why
        return np.asarray(found.values).reshape(len(rows), len(trained.inputs), -1)

    return Explainer(
        method="sampled",
        scale=scale,
        base=ask(background).mean(axis=0),
        background=len(background),
        overall=OVERALL,
        contributions=contributions,
    )


def _scores(trained: Trained, probes: pd.DataFrame) -> tuple[Scale, Ask]:
    """Log-odds or logits where the estimator has them, else what it says."""
    if hasattr(trained.estimator, "decision_function"):

        def decide(rows: pd.DataFrame) -> Array:
            found = trained.estimator.decision_function(rows)
            return np.asarray(found, dtype=np.float64).reshape(len(rows), -1)

        if scale := scale_of(trained.task, decide(probes), trained.answers(probes)):
            return scale, decide
    return ("value" if trained.task == "regression" else "probability"), trained.answers


def _coded(rows: pd.DataFrame) -> tuple[Array, Callable[[Array], pd.DataFrame]]:
    """The rows as numbers, whatever they hold, and the way back: shap permutes matrices."""
    pairs = {name: pd.factorize(rows[name], use_na_sentinel=False) for name in rows}

    def decoded(codes: Array) -> pd.DataFrame:
        places = codes.astype(np.int64).T
        columns = zip(pairs.items(), places, strict=True)
        return pd.DataFrame({name: values.take(at) for (name, (_, values)), at in columns})

    return np.stack([codes for codes, _ in pairs.values()], axis=1).astype(np.float64), decoded
