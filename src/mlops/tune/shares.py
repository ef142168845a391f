"""The same search by several machines: who makes which share, and what comes of all of them."""

import json
import shutil
from pathlib import Path

from mlops import params, pipeline
from mlops.contract import Model, Tuning, load
from mlops.errors import DataError
from mlops.files import replacing
from mlops.github.job import output, say, summarise
from mlops.report import tuning as report
from mlops.tune import result, values
from mlops.tune.propose import FILES, FOLDER
from mlops.tune.result import Search, Trial, Tuned, canonical
from mlops.tune.run import SHARES, finish
from mlops.tune.space import declared

MOST = 200  # shares


def plan(shares: int, estimator: str | None = None) -> str:
    """The shares as a JSON list such as [1, 2], also as the step's output `shares`.

    Raises DeclarationError when nothing may be tried for the estimator, before a machine begins.
    """
    declared(load(Tuning), load(Model), estimator or params.load().model.estimator)
    made = json.dumps(list(range(1, shares + 1)))
    output("shares", made)
    return made


def merge(folder: Path = SHARES, *, dry_run: bool = False) -> Tuned:
    """Decide by all shares below `folder`, as `mlops tune` does by its own trials.

    Raises DataError when there are none, or they are not of one search.
    """
    found = together([result.read(path, Search) for path in _files(folder)])
    return finish(found, dry_run=dry_run)


def main(folder: Path = SHARES) -> Tuned:
    """Merge, and with a winner run the pipeline and leave what `mlops tune propose` takes.

    Sets the step's output `changed` (true or false). The whole record is in the job's summary.
    """
    shutil.rmtree(FOLDER, ignore_errors=True)
    tuned = merge(folder)
    changed = bool(values.changes(tuned))
    if changed:
        pipeline.reproduce([])
        _leave()
    output("changed", "true" if changed else "false")
    summarise(report.markdown(tuned))
    say(report.decision(tuned))
    return tuned


def together(shares: list[Search]) -> Search:
    """One search with the trials of all; those of one setting count once. Order means nothing.

    Raises DataError when they differ in anything but their trials.
    """
    first = shares[0]
    for other in shares[1:]:
        if other.model_copy(update={"trials": first.trials}) != first:
            raise DataError(
                f"the shares are of different searches, {first.study[:12]} and "
                f"{other.study[:12]}: other data, code, space or parameters. Make all of them from "
                f"the same commit"
            )
    trials: dict[str, Trial] = {}
    for trial in sorted((t for s in shares for t in s.trials), key=lambda t: (t.number, t.share)):
        known = trials.setdefault(canonical(trial.settings), trial)
        if {known.state, trial.state} == {"complete"} and known.scores != trial.scores:
            raise DataError(
                f"{canonical(trial.settings)} has other scores in share {known.share} than in "
                f"share {trial.share}; make all shares with the same packages"
            )
        if known.state != "complete" == trial.state:
            trials[canonical(trial.settings)] = trial
    return first.model_copy(update={"trials": list(trials.values())})


def _files(folder: Path) -> list[Path]:
    found = sorted(folder.rglob("*.json")) if folder.is_dir() else []
    if not found:
        raise DataError(f"{folder} has no shares; `mlops tune --share I/N` leaves them")
    if len(found) > MOST:
        raise DataError(f"{folder} has {len(found)} files, more than {MOST} shares")
    return found


def _leave() -> None:
    with replacing(FOLDER) as scratch:
        for pattern in FILES:
            for path in sorted(Path().glob(pattern)):
                (scratch / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, scratch / path)
