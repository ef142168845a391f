"""The search: Optuna's tree-structured Parzen estimator (Bergstra et al., 2011) over the space.

A trial is scored fold by fold, and given up when its lead over the first trial is behind the median
of the others at the same fold. The first trial are the present values. Every trial is kept as soon
as it has ended; a search that is started again goes on, and as it would have gone on: what is drawn
depends on the seed and on the trials before.
"""

import fcntl
import itertools
import math
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import optuna
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import FrozenTrial, TrialState

from mlops.errors import DataError, TrainingError
from mlops.evaluation.names import Better
from mlops.tune.result import Settings, State, Trial, same
from mlops.tune.space import Space, suggest

FOLDER = Path(".mlops/tune")
RANDOM = 10  # trials that are drawn at random before the estimator learns from them
PATIENCE = 4  # complete trials before any is given up
ENDED = {TrialState.COMPLETE: "complete", TrialState.PRUNED: "pruned", TrialState.FAIL: "failed"}


class Scores(Protocol):
    """Scores of settings, a fold after the other; TrainingError when they cannot be had."""

    def __call__(self, settings: Settings) -> Iterator[float]: ...


@dataclass(frozen=True)
class Plan:
    """What is searched."""

    key: str
    space: Space
    present: Settings
    better: Better
    folds: int
    seed: int
    trials: int
    share: int = 1
    shares: int = 1
    minutes: float = math.inf
    storage: str = ""
    """The address of a database, such as sqlite:///tune.db; empty for a file of .mlops/tune."""

    @property
    def name(self) -> str:
        """Of the study, and of its file."""
        return f"{self.key[:16]}-{self.share}-of-{self.shares}"


@contextmanager
def opened(plan: Plan) -> Iterator[optuna.Study]:
    """The study, new or as it was left; trials that an end cut short are marked as failed.

    Raises DataError when another `mlops tune` is at it, or it cannot be opened.
    """
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / f"{plan.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DataError(
                f"{FOLDER / plan.name}: another `mlops tune` is at it; wait for its end"
            ) from None
        try:
            study = optuna.create_study(
                storage=plan.storage or _journal(FOLDER / f"{plan.name}.journal"),
                study_name=plan.name,
                direction="maximize" if plan.better == "higher" else "minimize",
                pruner=optuna.pruners.MedianPruner(n_startup_trials=PATIENCE),
                load_if_exists=True,
            )
        except Exception as reason:
            raise DataError(
                f"the study cannot be kept at {plan.storage or FOLDER / plan.name}: "
                f"{str(reason).splitlines()[0]}"
            ) from reason
        for trial in study.get_trials(deepcopy=False, states=[TrialState.RUNNING]):
            study.tell(trial.number, state=TrialState.FAIL)
        yield study


def search(
    study: optuna.Study, plan: Plan, scores: Scores, told: Callable[[Trial], object]
) -> None:
    """Try what is left of the plan's trials, and tell of each when it has ended.

    Raises TrainingError when the present values cannot be scored.
    """
    begun = time.monotonic()
    for number in itertools.count(len(ended(study, plan))):
        known = any(same(trial.settings, plan.present) for trial in complete(study, plan))
        if not known and not study.get_trials(deepcopy=False, states=[TrialState.WAITING]):
            wanted = {name: plan.present[name] for name in plan.space}
            study.enqueue_trial(wanted, user_attrs={"settings": plan.present})
        if known and (number >= plan.trials or time.monotonic() - begun > 60 * plan.minutes):
            return
        study.sampler = _sampler(plan, number)
        _try(study, plan, scores)
        told(ended(study, plan)[-1])


def ended(study: optuna.Study, plan: Plan) -> list[Trial]:
    """The trials that came to an end of their own, in their order."""
    frozen = study.get_trials(deepcopy=False, states=tuple(ENDED))
    return [_trial(one, plan, place) for place, one in enumerate(filter(_counts, frozen))]


def complete(study: optuna.Study, plan: Plan) -> list[Trial]:
    """Those that were scored on every fold."""
    return [trial for trial in ended(study, plan) if trial.state == "complete"]


def _try(study: optuna.Study, plan: Plan, scores: Scores) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of present values that lie outside the space
        trial = study.ask()
        drawn = suggest(trial, plan.space)
    settings = trial.user_attrs.get("settings") or plan.present | drawn
    trial.set_user_attr("settings", settings)
    is_present, first = same(settings, plan.present), complete(study, plan)
    found: list[float] = []
    try:
        for fold, score in enumerate(scores(settings), start=1):
            found.append(score)
            against = first[0].scores[:fold] if first else found
            trial.report((sum(found) - sum(against)) / fold, fold)
            if fold < plan.folds and not is_present and trial.should_prune():
                _end(study, trial, found, TrialState.PRUNED)
                return
    except TrainingError as reason:
        if is_present:
            raise
        _end(study, trial, found, TrialState.FAIL, str(reason))
    else:
        _end(study, trial, found, TrialState.COMPLETE)


def _end(
    study: optuna.Study, trial: optuna.Trial, found: list[float], state: TrialState, why: str = ""
) -> None:
    trial.set_user_attr("scores", found)
    if why:
        trial.set_user_attr("why", why[:500])
    value = sum(found) / len(found) if state is TrialState.COMPLETE else None
    study.tell(trial, value, state=state)


def _journal(path: Path) -> optuna.storages.BaseStorage:
    """A file that only grows: a tenth of what a database costs, and sound when cut short."""
    return JournalStorage(JournalFileBackend(str(path)))


def _sampler(plan: Plan, before: int) -> optuna.samplers.BaseSampler:
    """One for the next trial alone, so that it does not matter when the search was started."""
    (seed,) = np.random.SeedSequence([plan.seed, plan.share, before]).generate_state(1)
    return optuna.samplers.TPESampler(seed=int(seed), n_startup_trials=RANDOM, multivariate=True)


def _counts(trial: FrozenTrial) -> bool:
    """Whether it came to its end: what was cut short has no scores."""
    return "scores" in trial.user_attrs


def _trial(frozen: FrozenTrial, plan: Plan, place: int) -> Trial:
    known: dict[str, Any] = frozen.user_attrs
    state: State = ENDED[frozen.state]  # type: ignore[assignment]
    return Trial(
        share=plan.share,
        number=place,
        state=state,
        settings=known["settings"],
        scores=known["scores"],
    )
