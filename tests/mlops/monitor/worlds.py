"""Made-up problems whose truth is known: what the model sees, says, and what happens."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandera.pandas import Column, DataFrameSchema
from scipy.special import expit, softmax

from mlops import params
from mlops.contract import Features, Schemas, Slices, Task
from mlops.monitor.rows import Problem, Reference

ROOT = Path(__file__).parents[3]
INPUTS = ["x", "kind"]
CLASSES = ["calm", "fair", "wild"]
MARGINS: dict[Task, dict[str, float]] = {
    "binary": {"roc_auc": 0.02, "brier": 0.01},
    "multiclass": {"roc_auc": 0.02, "brier": 0.02},
    "regression": {"r2": 0.05, "rmse": 0.1},
}
FLOORS: dict[Task, dict[str, float]] = {
    "binary": {"roc_auc": 0.6},
    "multiclass": {"roc_auc": 0.6},
    "regression": {"r2": 0.2},
}


def problem(task: Task = "binary", **knobs: Any) -> Problem:
    """`late` by `day`, from `x` and `kind`; `knobs` such as monitor={"window": 5}."""
    features = Features.model_construct(KEY=["row"], BLOCK="day", TASK=task, TARGET="late")
    schema = DataFrameSchema({"x": Column(float), "kind": Column(str)})
    schemas = Schemas.model_construct(FEATURES=schema)
    slices = Slices.model_construct(SLICES=["kind"], slices=lambda rows: rows[["kind"]])
    found = params.load(ROOT / "params.yaml")
    gates: dict[str, Any] = {
        "margins": MARGINS[task],
        "floors": FLOORS[task],
        "slice_margins": dict([*MARGINS[task].items()][1:]),
    }
    turned: dict[str, dict[str, Any]] = {"gates": gates, "evaluate": {"resamples": 200}}
    for section in {*turned, *knobs}:
        update = turned.get(section, {}) | knobs.get(section, {})
        part = getattr(found, section).model_copy(update=update)
        found = found.model_copy(update={section: part})
    return Problem(features, schemas, slices, found, CLASSES if task == "multiclass" else [])


def days(first: str, count: int) -> list[str]:
    return [str(day.date()) for day in pd.date_range(first, periods=count)]


def rows(
    rng: np.random.Generator,
    first: str = "2030-01-01",
    count: int = 56,
    a_day: int = 60,
    *,
    task: Task = "binary",
    unseen: float = 0.0,
    spread: float = 1.5,
    day_spread: float = 0.1,
) -> pd.DataFrame:
    """Rows whose forecasts are right but for a shock of each day, and for `unseen`.

    spread: how far inputs tell rows apart. unseen: by how much more happens than inputs say.
    """
    names = np.repeat(days(first, count), a_day)
    size = len(names)
    x = rng.normal(0, spread, size)
    shock = np.repeat(rng.normal(0, day_spread, count), a_day) + unseen
    frame = pd.DataFrame(
        {
            "row": [f"{first} {i}" for i in range(size)],
            "day": names,
            "x": x,
            "kind": rng.choice(["large", "small", "rare"], size, p=[0.7, 0.29, 0.01]),
        }
    )
    if task == "binary":
        late = rng.random(size) < expit(x - 1 + shock)
        return frame.assign(late=late.astype(np.int64), prediction=expit(x - 1))
    if task == "regression":
        return frame.assign(late=2 * x + shock + rng.normal(size=size), prediction=2 * x)
    told = softmax(np.stack([x, np.zeros(size), -x], axis=1), axis=1)
    real = softmax(np.stack([x + 3 * shock, np.zeros(size), -x], axis=1), axis=1)
    late = drawn(rng, real)
    frame["late"] = np.array(CLASSES)[late]
    return frame.assign(**{f"prediction_{c}": told[:, k] for k, c in enumerate(CLASSES)})


def drawn(rng: np.random.Generator, p: NDArray[np.float64]) -> NDArray[np.int64]:
    """A class for each row of probabilities, shape (n, classes)."""
    above = p.cumsum(axis=1) < rng.random(len(p))[:, None]
    return np.minimum(above.sum(axis=1), p.shape[1] - 1)


def reference(held_out: pd.DataFrame) -> Reference:
    """What the champion knows: here just the rows that it was tried on."""
    keys, rows = ["row", "day", "late"], held_out.reset_index(drop=True)
    return Reference(rows[[*keys, *INPUTS]], rows[[*keys, *rows.filter(like="prediction")]])


def scrambled(rng: np.random.Generator, batch: pd.DataFrame, share: float) -> pd.DataFrame:
    """Some of the forecasts are given to the wrong rows."""
    wrong = np.flatnonzero(rng.random(len(batch)) < share)
    p = batch["prediction"].to_numpy().copy()
    p[wrong] = p[rng.permutation(wrong)]
    return batch.assign(prediction=p)
