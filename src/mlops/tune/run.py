"""`mlops tune` from one end to the other."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from mlops import params, pipeline
from mlops.contract import Features, Model, Schemas, Tuning, load, settings
from mlops.evaluation.names import BETTER, headline
from mlops.progress import console
from mlops.report import tuning as report
from mlops.stages import REPORTS
from mlops.tune import result, values
from mlops.tune.decide import decide, ranked
from mlops.tune.folds import folds
from mlops.tune.key import TRAINING, key
from mlops.tune.logged import Log
from mlops.tune.result import Fold, Search, Trial, Tuned
from mlops.tune.space import declared
from mlops.tune.study import FOLDER, Plan, ended, opened, search
from mlops.tune.validation import Validation

RECORD = REPORTS / "tuning.json"
PAGE = REPORTS / "tuning.md"
SHARES = FOLDER / "shares"


@dataclass(frozen=True)
class Options:
    """What a person may choose; `trials` are those of all shares together."""

    trials: int = 30
    minutes: float | None = None
    estimator: str | None = None
    folds: int = 5
    share: int = 1
    shares: int = 1
    storage: str = ""


def here(options: Options, *, dry_run: bool = False) -> Tuned:
    """Search, and write the winner into params.yaml and the record into reports/.

    With `dry_run` nothing is written but the study. Raises what stopped it; what is done by then is
    kept, and the next call goes on.
    """
    return finish(find(options), dry_run=dry_run)


def part(options: Options, output: Path | None = None) -> Path:
    """Make a share of a search, and leave it for `mlops tune merge`."""
    found = find(options)
    path = output or SHARES / f"share-{options.share}.json"
    result.write(found, path)
    console.print(f"{path} has {len(found.trials)} trials for `mlops tune merge`")
    return path


def find(options: Options) -> Search:
    """Bring the training rows up to date, and search."""
    pipeline.reproduce(["split"])
    return of_rows(pd.read_parquet(TRAINING), options)


def of_rows(rows: pd.DataFrame, options: Options) -> Search:
    """Search for parameters on these training rows."""
    knobs, problem, features = params.load(), load(Model), load(Features)
    estimator = options.estimator or knobs.model.estimator
    present = settings(problem, knobs, estimator)
    space = declared(load(Tuning), problem, estimator)
    parts = folds(rows, features, knobs, options.folds)
    inputs = list(load(Schemas).FEATURES.columns)
    validation = Validation(estimator, problem, features, inputs, knobs, rows, parts)
    metric = headline(features.TASK)
    known: dict[str, Any] = {
        "estimator": estimator,
        "fixed": {name: value for name, value in present.items() if name not in space},
        "folds": options.folds,
        "rule": knobs.split.rule,
        "seed": knobs.seed,
        "space": space,
        "threshold": knobs.evaluate.threshold,
    }
    study = key(known)
    plan = Plan(
        key=study,
        space=space,
        present=present,
        better=BETTER[features.TASK][metric],
        folds=options.folds,
        seed=knobs.seed,
        trials=_of_the_share(options),
        share=options.share,
        shares=options.shares,
        minutes=math.inf if options.minutes is None else options.minutes,
        storage=options.storage,
    )
    empty = Search(
        study=study,
        estimator=estimator,
        metric=metric,
        better=plan.better,
        folds=[Fold(train=len(fold.train), test=len(fold.test)) for fold in parts],
        space={name: list(distribution) for name, distribution in space.items()},
        present=present,
        trials=[],
    )
    return _searched(plan, empty, validation)


def _searched(plan: Plan, empty: Search, validation: Validation) -> Search:
    with opened(plan) as study, _shown(plan, empty) as told:
        log = Log(empty, plan.name)
        for trial in ended(study, plan):
            log.trial(trial)
            told(trial)

        def note(trial: Trial) -> None:
            log.trial(trial)
            told(trial)

        search(study, plan, validation.scores, note)
        found = empty.model_copy(update={"trials": ended(study, plan)})
        log.end(ranked(found)[0].value)
    return found


def _of_the_share(options: Options) -> int:
    """How many of all trials a share makes: the first ones have what does not divide."""
    each, left = divmod(options.trials, options.shares)
    return max(1, each + (options.share <= left))


def finish(found: Search, *, dry_run: bool = False) -> Tuned:
    """Decide, show, and write what was decided."""
    tuned = decide(found)
    report.show(tuned)
    if dry_run:
        console.print("nothing is written: --dry-run")
        return tuned
    values.write(tuned)
    result.write(tuned, RECORD)
    report.write(tuned, PAGE)
    if tuned.better:
        console.print(f"{params.PATH} has the winner; `mlops run` makes the model of it")
    return tuned


@contextmanager
def _shown(plan: Plan, empty: Search) -> Iterator[Any]:
    """A bar with the best so far; where there is no terminal, a line a trial."""
    seen: list[Trial] = []

    def best() -> str:
        scored = ranked(empty.model_copy(update={"trials": seen}))
        return f"best {empty.metric} {scored[0].value:.4f}" if scored else "no score yet"

    if not console.is_terminal:
        console.print(f"  tuning {empty.estimator}: {plan.trials} trials …")

        def line(trial: Trial) -> None:
            seen.append(trial)
            said = f"{trial.value:.4f}" if trial.state == "complete" else trial.state
            console.print(f"  trial {len(seen)} of {plan.trials}: {said}, {best()}")

        yield line
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as bar:
        task = bar.add_task(f"tuning {empty.estimator}", total=plan.trials)

        def drawn(trial: Trial) -> None:
            seen.append(trial)
            bar.update(task, advance=1, description=f"tuning {empty.estimator}: {best()}")

        yield drawn
