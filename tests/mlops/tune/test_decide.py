"""The best takes over only when its lead is more than noise."""

import math

import numpy as np
import pytest
from scipy import stats

from mlops.errors import TrainingError
from mlops.tune.decide import LEVEL, decide, lead, ranked
from mlops.tune.result import Fold
from tests.mlops.tune.conftest import searched, trial

PRESENT = trial(1.0, 0.40, 0.50, 0.30, 0.45, 0.35)
NOISY = trial(2.0, 0.55, 0.40, 0.42, 0.38, 0.37, number=1)
STEADY = trial(3.0, 0.44, 0.54, 0.35, 0.49, 0.39, number=2)


def test_the_bound_is_that_of_a_paired_t_test_but_for_what_folds_share() -> None:
    """With hardly a test row per training row, nothing is shared, and scipy's interval is it."""
    search = searched(PRESENT, STEADY, folds=[Fold(train=10**9, test=1)] * 5)
    expected = stats.ttest_rel(STEADY.scores, PRESENT.scores, alternative="greater")

    found = lead(STEADY, PRESENT, search)

    assert found.mean == pytest.approx(0.042)
    assert found.low == pytest.approx(expected.confidence_interval(LEVEL).low, abs=1e-6)


def test_shared_rows_widen_it_as_nadeau_and_bengio_have_it() -> None:
    search = searched(PRESENT, NOISY)  # five folds of 80 and 20
    differences = np.subtract(NOISY.scores, PRESENT.scores)
    error = math.sqrt((1 / 5 + 20 / 80) * differences.var(ddof=1))

    found = lead(NOISY, PRESENT, search)

    assert found.low == pytest.approx(differences.mean() - stats.t.ppf(0.95, 4) * error)


def test_a_steady_lead_takes_over_and_a_noisy_one_does_not() -> None:
    steady, noisy = decide(searched(PRESENT, STEADY)), decide(searched(PRESENT, NOISY))

    assert steady.better
    assert steady.best == {"alpha": 3.0}
    assert not noisy.better
    assert noisy.lead > 0 > noisy.low


def test_where_less_is_better_the_lead_turns_round() -> None:
    search = searched(PRESENT, STEADY, better="lower")

    assert ranked(search) == [PRESENT, STEADY]
    assert not decide(search).better
    assert lead(PRESENT, STEADY, search).mean > 0


def test_the_order_of_trials_and_what_was_given_up_mean_nothing() -> None:
    pruned = trial(9.0, 0.9, number=3, state="pruned")
    one = searched(PRESENT, NOISY, STEADY, pruned)
    other = searched(PRESENT, pruned, STEADY, STEADY, NOISY)

    assert ranked(one) == ranked(other) == [STEADY, NOISY, PRESENT]


def test_without_the_present_values_nothing_is_decided() -> None:
    with pytest.raises(TrainingError, match="present values"):
        decide(searched(STEADY))
