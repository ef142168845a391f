"""The score of parameters: the task's headline metric on each fold of the training rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mlops.contract import Features, Model, build
from mlops.errors import TrainingError
from mlops.evaluation.metrics import scores
from mlops.evaluation.names import headline
from mlops.evaluation.predict import labels, predict
from mlops.evaluation.truth import encode
from mlops.files import DECIMALS
from mlops.params import Params
from mlops.training.fit import fitted
from mlops.tune.folds import Fold


@dataclass(frozen=True)
class Validation:
    """What parameters of one estimator are scored by."""

    estimator: str
    problem: Model
    features: Features
    inputs: list[str]
    knobs: Params
    rows: pd.DataFrame
    folds: list[Fold]

    def scores(self, settings: dict[str, Any]) -> Iterator[float]:
        """Fit and score with all parameters `settings`, a fold after the other.

        Raises TrainingError when it cannot be fitted, DeclarationError for a wrong parameter.
        """
        task = self.features.TASK
        metric = headline(task)
        model = self.knobs.model.model_copy(update={self.estimator: settings})
        knobs = self.knobs.model_copy(update={"model": model})
        for fold in self.folds:
            known, asked = self.rows.iloc[fold.train], self.rows.iloc[fold.test]
            unfitted = build(self.problem, knobs, self.estimator)
            target = self.features.TARGET
            estimator = fitted(self.estimator, unfitted, known, self.inputs, target)
            classes = [] if task == "regression" else labels(estimator)
            truth = encode(asked[target], classes, knobs.evaluate.threshold)
            p = predict(estimator, asked[self.inputs], task)
            if not np.isfinite(p).all():
                raise TrainingError(f"{self.estimator} predicts what is no number: {settings}")
            yield round(scores(task, truth, p, [metric])[metric], DECIMALS)
