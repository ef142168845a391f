"""One row and a thousand in this process, without any HTTP: `python floors.py SECONDS`.

Prints JSON: the microseconds of a call, the median over as many calls as fit into the seconds.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import Any

import joblib
import pandas as pd
from numpy.typing import NDArray
from questions import ask

from serving import manifest
from serving.inputs import Batch, Inputs
from serving.lookup import Lookup
from serving.model import Model

ARTIFACTS = Path(__file__).parents[2] / "artifacts"
FEWEST = 5  # calls, however long they take


def timed(call: Callable[[Any], object], values: list[Any], seconds: float) -> float:
    """The median microseconds of a call, over the values in turn."""
    for value in values[:5]:
        call(value)
    taken, end = [], time.perf_counter() + seconds
    for value in cycle(values):
        began = time.perf_counter()
        call(value)
        taken.append(time.perf_counter() - began)
        if began > end and len(taken) >= FEWEST:
            return 1e6 * statistics.median(taken)
    raise AssertionError("unreachable: the values go round")


def measured(seconds: float) -> dict[str, dict[str, float]]:
    export = ARTIFACTS / "export"
    about, _ = manifest.read(export)
    inputs, model = Inputs(about, Lookup.read(export, about)), Model(export, about)
    trained = joblib.load(ARTIFACTS / "model.joblib")
    found: dict[str, dict[str, float]] = {}
    for kind, questions in ask(ARTIFACTS, about).items():
        columns, frames = [], []
        for body in questions.bodies:
            split = json.loads(body)["dataframe_split"]
            values = map(list, zip(*split["data"], strict=True))
            columns.append(dict(zip(split["columns"], values, strict=True)))
            frames.append(pd.DataFrame(split["data"], columns=split["columns"]))
        rows = len(questions.expected[0])
        prepare = partial(inputs.prepare, rows=rows)
        feeds = [prepare(given).feeds for given in columns]

        def both(
            given: dict[str, list[Any]], prepare: Callable[..., Batch] = prepare
        ) -> NDArray[Any]:
            return model.predict(prepare(given).feeds)

        calls: dict[str, tuple[Callable[[Any], object], list[Any]]] = {
            "Inputs.prepare": (prepare, columns),
            "Model.predict, ONNX Runtime": (model.predict, feeds),
            "both": (both, columns),
        }
        if kind != "keys":
            calls["scikit-learn on a DataFrame"] = (trained.predict_proba, frames)
        found[kind] = {name: timed(call, on, seconds) for name, (call, on) in calls.items()}
    return found


if __name__ == "__main__":
    print(json.dumps(measured(float(sys.argv[1]))))
