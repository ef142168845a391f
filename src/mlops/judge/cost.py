"""What a prediction of the challenger costs here. It has no place in dvc.lock: machines differ."""

import time
from collections.abc import Callable
from pathlib import Path

import joblib
import pandas as pd

from mlops.contract import Features, Schemas, load
from mlops.evaluation.predict import predict
from mlops.judge.evidence import Cost
from mlops.progress import step
from mlops.stages import ARTIFACTS

MODEL = ARTIFACTS / "model.joblib"
SINGLE, MANY = 50, 10  # how often one row, and a thousand, are predicted


def measure(model: Path = MODEL, test: Path = ARTIFACTS / "test.parquet") -> Cost:
    """Time predictions of single rows and of a thousand rows, the fastest after a warm-up.

    The fastest is what the model costs; all above it is what else the machine did (see timeit).
    """
    estimator, task = joblib.load(model), load(Features).TASK
    rows = pd.read_parquet(test)[list(load(Schemas).FEATURES.columns)]
    thousand = rows.iloc[[i % len(rows) for i in range(1000)]]

    def single(i: int) -> object:
        return predict(estimator, rows.iloc[[i % len(rows)]], task)

    def many(_: int) -> object:
        return predict(estimator, thousand, task)

    with step("timing predictions"):
        return Cost(fastest(single, SINGLE), fastest(many, MANY), model.stat().st_size)


def fastest(action: Callable[[int], object], times: int) -> float:
    """Milliseconds of the shortest of `times` calls, each with its number, after another one."""
    action(0)
    found = []
    for i in range(times):
        started = time.perf_counter()
        action(i)
        found.append(1000 * (time.perf_counter() - started))
    return min(found)
