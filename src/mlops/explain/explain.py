"""The command: rows in, reports/explain/ out."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mlops import params
from mlops.contract import Features, Schemas, Slices, load
from mlops.evaluation.names import headline
from mlops.evaluation.predict import labels
from mlops.explain import method, result, rows
from mlops.explain import trained as training
from mlops.explain.explainer import Explained, Explainer, explain
from mlops.explain.result import Base, Contribution, Importance, Overall, Result, Row, Value
from mlops.explain.rows import Rows
from mlops.explain.scale import prediction
from mlops.explain.trained import Trained
from mlops.files import write_text
from mlops.monitor.batch.cast import sensitive
from mlops.monitor.rows import Problem
from mlops.progress import step
from mlops.report.explain import page, terminal
from mlops.stages import REPORTS

IMPORTANCE = REPORTS / "plots" / "importance.csv"


@dataclass(frozen=True)
class Options:
    """What is explained."""

    file: Path | None = None
    """Rows; without, the newest held-out ones."""
    rows: int = 5
    """How many, at most."""
    keys: Sequence[str] = ()
    """Names of rows, as `rows.by_key` reads them; these, however many."""
    folder: Path = field(default=result.FOLDER)


def main(options: Options) -> None:
    """Write explain.json and explain.html into the folder, and show them.

    Raises DataError for rows that cannot be read, and TrainingError for a model that cannot be
    loaded or explained.
    """
    found = explained(options)
    result.write(found, options.folder / "explain.json")
    write_text(options.folder / "explain.html", page.render(found))
    terminal.show(found, options.folder)


def explained(options: Options) -> Result:
    """The whole of it; nothing is written."""
    knobs = params.load()
    with step("reading the model, its training rows, and those to explain"):
        trained = training.read(knobs.seed)
        classes = labels(trained.estimator) if trained.task == "multiclass" else []
        problem = Problem(load(Features), load(Schemas), load(Slices), knobs, classes)
        tried = rows.held_out(problem)
        chosen = _chosen(problem, tried, options)
    with step("finding out what can be added up"):
        explainer = method.suiting(trained)
    with step(f"explaining {len(chosen.frame):,} rows"):
        found = explain(trained, explainer, chosen.frame[trained.inputs])
    some = training.sample(tried.frame[trained.inputs], explainer.overall, knobs.seed)
    with step(f"explaining {len(some):,} held-out rows, for the whole"):
        whole = explain(trained, explainer, some)
    return Result(
        model=knobs.serving.name,
        estimator=knobs.model.estimator,
        task=trained.task,
        target=problem.features.TARGET,
        classes=classes,
        method=explainer.method,
        scale=explainer.scale,
        metric=headline(trained.task),
        background=explainer.background,
        base=_base(explainer),
        source=chosen.source,
        rows=_rows(problem, chosen.frame, found),
        overall=_overall(trained, whole),
    )


def _chosen(problem: Problem, tried: Rows, options: Options) -> Rows:
    source = rows.of(problem, options.file) if options.file else tried
    if options.keys:
        return rows.by_key(source, problem.features.KEY, options.keys)
    return (rows.first if options.file else rows.newest)(source, options.rows)


def _base(explainer: Explainer) -> Base:
    said = prediction(explainer.scale, explainer.base)
    return Base(score=explainer.base.tolist(), prediction=said.tolist())


def _rows(problem: Problem, frame: pd.DataFrame, found: Explained) -> list[Row]:
    features, declared = problem.features, problem.schemas.FEATURES.columns
    hidden = {name for name in declared if sensitive(declared[name])}
    kept = []
    for at, number in enumerate(frame.index):
        values = {
            name: None if name in hidden else _plain(frame[name].iloc[at])
            for name in map(str, frame)
        }
        scores, said = found.scores[at].tolist(), found.answers[at].tolist()
        told = said.index(max(said))
        contributions = [
            Contribution(input=name, value=values[name], sensitive=name in hidden, adds=adds)
            for name, adds in zip(problem.inputs, found.contributions[at].tolist(), strict=True)
        ]
        kept.append(
            Row(
                row=int(number) + 1,
                key={name: values[name] for name in features.KEY if name in values},
                actual=_label(problem, values.get(features.TARGET)),
                recorded=_recorded([values.get(name) for name in problem.predictions]),
                score=scores,
                prediction=said,
                contributions=sorted(contributions, key=lambda one: -abs(one.adds[told])),
            )
        )
    return kept


def _label(problem: Problem, actual: Value) -> Value:
    """A label of two classes is a whole number, however a file has it."""
    return int(actual) if problem.task == "binary" and actual is not None else actual


def _recorded(values: list[Value]) -> list[float] | None:
    there = [float(value) for value in values if value is not None]
    return there if len(there) == len(values) else None


def _overall(trained: Trained, whole: Explained) -> Overall:
    sizes = np.abs(whole.contributions).mean(axis=(0, 2))
    losses: dict[str, float] = {}
    if IMPORTANCE.is_file():
        table = pd.read_csv(IMPORTANCE, keep_default_na=False, na_values=[""]).dropna()
        losses = dict(zip(table["feature"].astype(str), table["loss"].astype(float), strict=True))
    inputs = [
        Importance(input=name, contribution=float(size), loss=losses.get(name))
        for name, size in zip(trained.inputs, sizes, strict=True)
    ]
    inputs.sort(key=lambda one: -one.contribution)
    return Overall(rows=len(whole.answers), inputs=inputs)


def _plain(value: Any) -> Value:
    """As JSON has it; a float32 with the digits that it is written with, None for a gap."""
    if value is None or pd.isna(value):
        return None
    if isinstance(value, np.float32):
        return float(str(value))
    return value.item() if isinstance(value, np.generic) else value
