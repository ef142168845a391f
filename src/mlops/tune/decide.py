"""Is the best of the trials better than the present values, beyond noise?

The scores of two settings are compared fold by fold. Folds share training rows, so their
differences vary less than those of fresh data would; the variance is corrected for that (Nadeau,
Bengio, 2003, "Inference for the generalization error", equation 9).
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

from mlops.errors import TrainingError
from mlops.tune.result import Fold, Search, Trial, Tuned, canonical, same

LEVEL = 0.95  # one-sided


@dataclass(frozen=True)
class Lead:
    """Of one setting over another: the mean over the folds, and its lower bound."""

    mean: float
    low: float


def decide(search: Search) -> Tuned:
    """The record of a search; its best takes over when the lower bound of its lead is above 0.

    Raises TrainingError when the present values were not scored on every fold.
    """
    scored = [trial for trial in search.trials if trial.state == "complete"]
    present = [trial for trial in scored if same(trial.settings, search.present)]
    if not present:
        raise TrainingError(
            "the present values of params.yaml were not scored on every fold, so that nothing can "
            "be compared with them; run `mlops tune` again"
        )
    best = ranked(search)[0]
    found = lead(best, present[0], search)
    return Tuned(
        search=search,
        best=best.settings,
        lead=found.mean,
        low=found.low,
        level=LEVEL,
        better=found.low > 0,
    )


def ranked(search: Search) -> list[Trial]:
    """The complete trials, each setting once, the best first; the order they came in is nothing."""
    sign = -1 if search.better == "higher" else 1
    scored = (trial for trial in search.trials if trial.state == "complete")
    each = {canonical(trial.settings): trial for trial in scored}
    return [each[k] for k in sorted(each, key=lambda k: (sign * each[k].value, k))]


def lead(one: Trial, other: Trial, search: Search) -> Lead:
    """Of `one` over `other`, in units of the metric; more is better, whatever the metric."""
    sign = 1 if search.better == "higher" else -1
    differences = sign * (np.array(one.scores) - np.array(other.scores))
    mean, spread = float(differences.mean()), float(differences.std(ddof=1))
    quantile = float(stats.t.ppf(LEVEL, len(differences) - 1))
    return Lead(mean, mean - quantile * spread * math.sqrt(_inflation(search.folds)))


def _inflation(folds: list[Fold]) -> float:
    """What the variance is multiplied by: one over the folds, plus test over training rows."""
    shares = [fold.test / fold.train for fold in folds]
    return 1 / len(folds) + sum(shares) / len(shares)
