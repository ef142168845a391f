"""A study of the estimator in use, as `mlops tune` would leave it."""

from pathlib import Path
from typing import Any

from mlops import params
from mlops.contract import Model, load, settings
from mlops.score.tuned import ENOUGH, RECORD
from mlops.tune import result
from mlops.tune.result import Fold, Search, Trial, Tuned

AGAIN = ".github/workflows/tune-again.yml"
WORKFLOW = """name: tune-again
on:
  schedule:
    - cron: "29 3 5 1 *"
jobs:
  tune:
    steps:
      - run: .venv/bin/mlops tune
"""


def write(folder: Path) -> None:
    """The study, whose best values are those of params.yaml, and a workflow that makes it anew."""
    result.write(found(folder), folder / RECORD)
    (folder / AGAIN).write_text(WORKFLOW)


def found(folder: Path, trials: int = ENOUGH) -> Tuned:
    """As many trials of the estimator that the folder's params.yaml names, with all its values."""
    knobs = params.load(folder / "params.yaml")
    estimator = knobs.model.estimator
    present: dict[str, Any] = settings(load(Model), knobs, estimator)
    tried = [
        Trial(share=1, number=n, state="complete", settings=present, scores=[0.7, 0.7])
        for n in range(trials)
    ]
    search = Search(
        study="0" * 64,
        estimator=estimator,
        metric="roc_auc",
        better="higher",
        folds=[Fold(train=10, test=5), Fold(train=15, test=5)],
        space={name: ["log", 0.1, 1.0] for name in present},
        present=present,
        trials=tried,
    )
    return Tuned(search=search, best=present, lead=0.0, low=0.0, level=0.95, better=False)
