"""What every way of explaining gives."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from mlops.errors import TrainingError
from mlops.evaluation.predict import Array
from mlops.explain.scale import TOLERANCE, Scale, gap
from mlops.explain.trained import Trained

Method = Literal["linear", "trees", "sampled"]


@dataclass(frozen=True)
class Explainer:
    """A model that can be explained, and how."""

    method: Method
    scale: Scale
    base: Array
    """The mean score of the background, shape (outputs,)."""
    background: int
    """How many training rows that is."""
    overall: int
    """How many held-out rows the overall picture is worth."""
    contributions: Callable[[pd.DataFrame], Array]
    """What each input adds to the score of each row, shape (rows, inputs, outputs)."""


@dataclass(frozen=True)
class Explained:
    """Rows with what each input adds: base and contributions sum to the score."""

    contributions: Array
    """Shape (rows, inputs, outputs)."""
    scores: Array
    """Shape (rows, outputs)."""
    answers: Array
    """What the model says of the rows, shape (rows, outputs)."""


def explain(trained: Trained, explainer: Explainer, rows: pd.DataFrame) -> Explained:
    """Raises TrainingError unless what is added up is what the model says."""
    contributions = explainer.contributions(rows)
    scores, answers = explainer.base + contributions.sum(axis=1), trained.answers(rows)
    apart = gap(explainer.scale, scores, answers)
    if apart > TOLERANCE:
        raise TrainingError(
            f"{type(trained.last).__name__} cannot be explained: what its inputs add up to is "
            f"{apart:.3g} away from what it says. Does it answer the same rows differently when "
            f"asked again? See its pipeline in src/problem/model.py"
        )
    return Explained(contributions, scores, answers)
