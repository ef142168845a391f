"""How well the champion does in every slice, beside the held-out rows of that slice."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from mlops.contract import Task
from mlops.evaluation.metrics import Truth, scores
from mlops.evaluation.names import BETTER, headline
from mlops.monitor.performance.outcomes import CHAMPION, answered, known
from mlops.monitor.result import Slice, number
from mlops.monitor.rows import Problem, Reference

MOST = 200  # that the result has room for
LONGEST = 200  # characters of a name

Scored = dict[tuple[str, str], tuple[int, dict[str, float]]]
"""By slice and label: how many rows, and the metrics where they are enough."""


def slices(
    problem: Problem, reference: Reference, rows: pd.DataFrame, classes: list[Any]
) -> list[Slice]:
    """The headline metric and the gated ones by slice of `rows`, the most worsened slice first.

    Slices under `evaluate.minimum_slice` rows are listed without. Nothing where the rows lack a
    column that the slices are made of; a row whose label cannot be told is in no slice.
    """
    key, task = problem.features.KEY, problem.task
    names = list(dict.fromkeys([headline(task), *problem.knobs.gates.slice_margins]))
    inputs = reference.rows.drop_duplicates(key)
    repeated = [c for c in inputs if c not in key and c in reference.predictions]
    tried = reference.predictions.merge(inputs.drop(columns=repeated), on=key, how="left")
    try:
        now = _scored(problem, rows, classes, names)
        then = _scored(problem, tried, classes, names)
    except KeyError:
        return []
    found = [
        Slice(
            name=f"{name} = {label}"[:LONGEST],
            rows=size,
            metrics={metric: number(value) for metric, value in values.items()},
            held_out={m: number(v) for m, v in then.get((name, label), (0, {}))[1].items()},
        )
        for (name, label), (size, values) in now.items()
    ]
    found.sort(key=lambda entry: (_gain(task, names[0], entry), -entry.rows, entry.name))
    return found[:MOST]


def _scored(
    problem: Problem, rows: pd.DataFrame, classes: list[Any], names: Sequence[str]
) -> Scored:
    rows = answered(problem, rows, classes)
    of_all = known(problem, rows, classes)
    truth, p = of_all.truth, of_all.said[CHAMPION]
    groups = problem.slices.slices(rows)
    found: Scored = {}
    for name in problem.slices.SLICES:
        for label, i in groups.groupby(name, observed=True).indices.items():
            values: dict[str, float] = {}
            if len(i) >= problem.knobs.evaluate.minimum_slice:
                part = Truth(truth.y[i], truth.classes, truth.threshold)
                values = scores(problem.task, part, p[i], names)
            found[name, str(label)] = (len(i), values)
    return found


def _gain(task: Task, metric: str, entry: Slice) -> float:
    """How much better a slice is than it was; those that cannot be compared come last."""
    value, before = entry.metrics.get(metric), entry.held_out.get(metric)
    if value is None or before is None:
        return float("inf")
    return value - before if BETTER[task][metric] == "higher" else before - value
