"""Is the score luck, or a leak? Fit it again with other seeds, try every input alone."""

import numpy as np
import pandas as pd

from mlops import params
from mlops.contract import Features, Model, Schemas, load
from mlops.evaluation.alone import Rows, alone
from mlops.evaluation.metrics import scores
from mlops.evaluation.names import headline
from mlops.evaluation.predict import predict
from mlops.evaluation.truth import encode
from mlops.files import write_json
from mlops.progress import step
from mlops.stages import ARTIFACTS, METRICS, run
from mlops.training.fit import fitted
from mlops.training.overlap import overlap
from mlops.training.seeds import reseeded

UNUSED = 0.5  # the threshold: a headline metric takes no decisions


def main() -> None:
    """Write metrics/audit.json: what the split shares, and the headline metric by seed and input.

    Raises DeclarationError for an unknown estimator or parameter before anything is read, and
    TrainingError when the rows cannot be learned from or the target has an unknown label.
    """
    knobs, problem, features = params.load(), load(Model), load(Features)
    task, metric = features.TASK, headline(features.TASK)
    inputs = list(load(Schemas).FEATURES.columns)
    unfitted = reseeded(problem, knobs)
    train, test = (pd.read_parquet(ARTIFACTS / f"{part}.parquet") for part in ("train", "test"))
    classes = [] if task == "regression" else np.unique(train[features.TARGET]).tolist()
    known, truth = (encode(part[features.TARGET], classes, UNUSED) for part in (train, test))

    with step(f"comparing {len(test):,} test rows with {len(train):,} training rows"):
        shared = overlap(train, test, features, inputs)
    with step(f"trying {len(inputs)} inputs alone"):
        by_input = alone(
            task,
            Rows(train[inputs], known),
            Rows(test[inputs], truth),
            sample=knobs.audit.rows,
            seed=knobs.seed,
        )
    by_seed = {}
    for seed, estimator in unfitted.items():
        with step(f"fitting {knobs.model.estimator} with seed {seed}"):
            model = fitted(knobs.model.estimator, estimator, train, inputs, features.TARGET)
            predicted = predict(model, test[inputs], task)
        by_seed[str(seed)] = scores(task, truth, predicted, [metric])[metric]

    found = {"metric": metric, "seeds": by_seed, "alone": by_input, "overlap": shared}
    write_json(METRICS / "audit.json", found)


if __name__ == "__main__":
    run(main)
