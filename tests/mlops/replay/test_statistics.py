"""Quantiles, agreement and stability against NumPy, SciPy and plain loops."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy.stats import bootstrap

from mlops.data import shift
from mlops.replay import statistics
from mlops.replay.statistics import Bootstrap, Timed

RANDOM = np.random.default_rng(3)
HOW = Bootstrap(requests=400, resamples=2000, level=0.9, seed=1)
EACH = np.arange(400)


def timed(milliseconds: statistics.Array) -> Timed:
    return Timed(milliseconds, np.arange(len(milliseconds)))


@pytest.mark.parametrize("q", [0.5, 0.95, 0.99])
def test_a_quantile_is_that_of_numpy(q: float) -> None:
    times = RANDOM.gamma(2.0, 3.0, 357)
    counts = RANDOM.multinomial(357, np.full(357, 1 / 357), size=20)

    found = statistics.quantile(timed(times), q, counts)

    for drawn, value in zip(counts, found, strict=True):
        assert value == np.quantile(np.repeat(times, drawn), q, method="inverted_cdf")


def test_a_request_that_was_timed_twice_counts_twice() -> None:
    twice = Timed(np.array([1.0, 2.0, 9.0]), np.array([0, 1, 1]))

    found = statistics.quantile(twice, 0.5, np.array([[1, 1], [2, 0], [0, 0]]))

    assert found[:2].tolist() == [2.0, 1.0]
    assert math.isnan(found[2])


def test_the_interval_of_a_ratio_is_that_of_scipy() -> None:
    noise = RANDOM.gamma(2.0, 1.0, 400)  # of the machine, which both feel
    champion, challenger = 5 + noise + RANDOM.random(400), 7 + noise + RANDOM.random(400)

    found = statistics.latency_ratio(timed(champion), timed(challenger), 0.5, HOW)

    def ratio(a: statistics.Array, b: statistics.Array, axis: int) -> statistics.Array:
        over = np.quantile(b, 0.5, method="inverted_cdf", axis=axis)
        return over / np.quantile(a, 0.5, method="inverted_cdf", axis=axis)

    expected = bootstrap(
        (champion, challenger),
        ratio,
        paired=True,
        n_resamples=2000,
        confidence_level=0.9,
        method="percentile",
        rng=np.random.default_rng(5),
    ).confidence_interval
    assert found.value == ratio(champion, challenger, 0)
    assert (found.low, found.high) == pytest.approx(tuple(expected), abs=0.01)


def test_agreement_resamples_requests_not_rows() -> None:
    request = np.repeat(np.arange(40), 25)
    equal = np.repeat(RANDOM.random(40) < 0.7, 25)  # whole requests agree or do not
    how = Bootstrap(requests=40, resamples=4000, level=0.9, seed=1)

    found = statistics.agreement(equal, request, how)

    def share(which: statistics.Array, axis: int) -> statistics.Array:
        return which.mean(axis=axis)

    expected = bootstrap(
        (equal[::25].astype(float),),
        share,
        n_resamples=4000,
        confidence_level=0.9,
        method="percentile",
        rng=np.random.default_rng(5),
    ).confidence_interval
    assert found.value == equal.mean()
    assert (found.low, found.high) == pytest.approx(tuple(expected), abs=0.026)


def brute_force_psi(before: statistics.Array, after: statistics.Array) -> float:
    edges = [np.quantile(before, tenth / 10) for tenth in range(1, 10)]
    total = 0.0
    for low, high in zip([-math.inf, *edges], [*edges, math.inf], strict=True):
        p = max(sum(low <= value < high for value in before) / len(before), 1e-4)
        q = max(sum(low <= value < high for value in after) / len(after), 1e-4)
        total += (p - q) * math.log(p / q)
    return total


def test_stability_is_the_index_of_the_definition() -> None:
    before, after = RANDOM.beta(2, 5, 400), RANDOM.beta(3, 5, 400)

    found = statistics.stability(before[:, None], after[:, None], EACH, HOW)

    assert found.value == pytest.approx(brute_force_psi(before, after))
    assert found.value == pytest.approx(shift.psi(pd.Series(before), pd.Series(after)))
    assert found.low < found.value < found.high


def test_equal_scores_are_stable_without_doubt() -> None:
    scores = RANDOM.random((400, 1))

    found = statistics.stability(scores, scores, EACH, HOW)

    assert (found.value, found.low, found.high) == (0, 0, 0)


def test_of_several_classes_the_least_stable_counts() -> None:
    before = RANDOM.dirichlet([2, 2, 2], 400)
    after = before[:, [0, 1, 2]].copy()
    after[:, 1] = RANDOM.beta(8, 2, 400)

    found = statistics.stability(before, after, EACH, HOW)

    assert found.value == pytest.approx(brute_force_psi(before[:, 1], after[:, 1]))


def test_the_interval_does_not_depend_on_how_much_fits_into_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    champion, challenger = timed(RANDOM.gamma(2.0, size=400)), timed(RANDOM.gamma(2.0, size=400))
    at_once = statistics.latency_ratio(champion, challenger, 0.99, HOW)

    monkeypatch.setattr(statistics, "AT_ONCE", 10_000)

    assert statistics.latency_ratio(champion, challenger, 0.99, HOW) == at_once
