"""Paired differences by block, against rows that are literally resampled and against theory."""

from itertools import pairwise
from math import sqrt
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.special import expit
from sklearn import metrics as sk

from mlops.evaluation.bootstrap import FEWEST_BLOCKS, Sample, draw
from mlops.evaluation.metrics import Truth
from mlops.judge.statistics import Difference, holm, level, paired, part

NAN = float("nan")
PLAIN = {
    "roc_auc": (1, sk.roc_auc_score),
    "average_precision": (1, sk.average_precision_score),
    "brier": (-1, sk.brier_score_loss),
    "log_loss": (-1, sk.log_loss),
}


def two_models(
    rng: np.random.Generator, days: int, a_day: int, mistakes: float = 0.4
) -> tuple[Sample, Sample]:
    """Two equal models of flights whose days share a shock; each errs by day in its own way."""
    day = np.repeat(np.arange(days), rng.integers(a_day // 2, 3 * a_day // 2, days))
    seen = rng.normal(size=len(day))
    late = rng.random(len(day)) < expit(-1 + seen + rng.normal(0, 0.7, days)[day])
    truth = Truth(late.astype(np.float64), 2, 0.5)

    def model() -> Sample:
        level, slope = rng.normal(0, mistakes, (2, days))[:, day]
        return Sample(truth, np.asarray(expit(-1 + level + (1 + slope) * seen)), day, days)

    return model(), model()


def by_row(sample: Sample) -> Sample:
    """Every row a block of its own."""
    rows = len(sample.block)
    return Sample(sample.truth, sample.p, np.arange(rows), rows)


def test_estimate_and_error_are_those_of_rows_literally_resampled() -> None:
    mine, other = two_models(np.random.default_rng(1), days=25, a_day=30)
    counts = draw(25, 100, seed=5)
    y, day = mine.truth.y, mine.block

    found = paired("binary", mine, other, counts, list(PLAIN))

    assert list(found) == list(PLAIN)
    for name, (sign, score) in PLAIN.items():
        differences = []
        for row in counts:
            drawn = np.concatenate([np.flatnonzero(day == d) for d in np.repeat(range(25), row)])
            differences.append(
                sign * (score(y[drawn], mine.p[drawn]) - score(y[drawn], other.p[drawn]))
            )
        estimate = sign * (score(y, mine.p) - score(y, other.p))
        assert found[name].value == pytest.approx(score(y, mine.p))
        assert found[name].other == pytest.approx(score(y, other.p))
        assert found[name].estimate == pytest.approx(estimate)
        # 25 drawn blocks vary as 24 independent ones do: the factor makes up for it.
        error = np.std(differences, ddof=1) * sqrt(25 / 24)
        assert found[name].error == pytest.approx(error, rel=1e-4)
        assert found[name].blocks == 25
        reach = stats.t(24).ppf(0.975) * error
        assert found[name].interval(0.95) == pytest.approx(
            (estimate - reach, estimate + reach), rel=1e-3
        )


@pytest.mark.parametrize("days", [12, 60])
def test_the_error_of_a_mean_is_that_of_a_ratio_of_cluster_totals(days: int) -> None:
    """Brier: the difference is a mean, whose cluster-robust error has a closed form."""
    mine, other = two_models(np.random.default_rng(2), days, a_day=60)
    y, day = mine.truth.y, mine.block
    gain = (other.p - y) ** 2 - (mine.p - y) ** 2
    influence = np.bincount(day, gain - gain.mean())
    closed = sqrt(days / (days - 1) * (influence**2).sum()) / len(y)

    found = paired("binary", mine, other, draw(days, 20_000, seed=3), ["brier"])["brier"]

    assert found.estimate == pytest.approx(gain.mean())
    assert found.error == pytest.approx(closed, rel=0.05)


def test_a_challenger_that_is_the_champion_differs_by_nothing_in_any_resample() -> None:
    mine, _ = two_models(np.random.default_rng(3), days=20, a_day=20)

    for found in paired("binary", mine, mine, draw(20, 50, seed=1), list(PLAIN)).values():
        assert (found.estimate, found.error) == (0.0, 0.0)
        assert found.outcome(0.001, 0.99999) == "pass"


def test_pairing_takes_away_what_both_models_share() -> None:
    """Both are better on easy days; the difference of the two does not care."""
    mine, other = two_models(np.random.default_rng(4), days=60, a_day=60, mistakes=0.1)
    constant = Sample(mine.truth, np.full(len(mine.p), 0.3), mine.block, 60)
    counts = draw(60, 1000, seed=2)

    of_two = paired("binary", mine, other, counts, ["roc_auc"])["roc_auc"]
    of_one = paired("binary", mine, constant, counts, ["roc_auc"])["roc_auc"]

    assert of_two.error < 0.5 * of_one.error


def test_the_intervals_of_a_slice_know_only_the_days_that_it_flies() -> None:
    """A part keeps the numbers of its blocks; what has no rows there counts for nothing."""
    mine, other = two_models(np.random.default_rng(5), days=30, a_day=40)
    rows = np.flatnonzero(mine.block < 12)
    a, b = part(mine, rows), part(other, rows)
    short_a, short_b = (Sample(p.truth, p.p, p.block, 12) for p in (a, b))

    among_all = paired("binary", a, b, draw(30, 20_000, seed=1), ["brier"])["brier"]
    alone = paired("binary", short_a, short_b, draw(12, 20_000, seed=1), ["brier"])["brier"]

    assert (among_all.blocks, alone.blocks) == (12, 12)
    assert among_all.estimate == alone.estimate
    assert among_all.error == pytest.approx(alone.error, rel=0.1)


@pytest.mark.slow
def test_intervals_by_day_cover_the_truth_and_by_row_do_not() -> None:
    """Equal models: the truth is 0. By row, each flight counts as evidence of its own."""
    rng = np.random.default_rng(6)
    worlds, days = 120, 40
    covered = dict.fromkeys([(unit, name) for unit in ("day", "row") for name in PLAIN], 0)
    for _ in range(worlds):
        mine, other = two_models(rng, days, a_day=20, mistakes=0.8)
        by = {"day": (mine, other), "row": (by_row(mine), by_row(other))}
        for unit, (one, two) in by.items():
            counts = draw(one.blocks, 100, seed=8)
            for name, found in paired("binary", one, two, counts, list(PLAIN)).items():
                low, high = found.interval(0.95)
                covered[unit, name] += low <= 0 <= high

    for name in PLAIN:
        assert covered["day", name] / worlds >= 0.9, name
        assert covered["row", name] / worlds <= 0.85, name


def difference(estimate: float = 0.0, error: float = 0.01, blocks: int = 60) -> Difference:
    return Difference(0.7 + estimate, 0.7, estimate, error, blocks)


def test_an_interval_is_wider_at_a_higher_level_and_with_fewer_blocks() -> None:
    def reach(blocks: int, at: float) -> float:
        low, high = difference(0.02, 0.01, blocks).interval(at)
        assert (low + high) / 2 == pytest.approx(0.02)
        return (high - low) / 2

    assert reach(1_000_000, 0.95) == pytest.approx(0.0195996, abs=1e-6)  # the normal quantile
    assert reach(11, 0.95) == pytest.approx(0.0222814, abs=1e-6)  # t of 10 degrees, from a table
    assert reach(11, 0.99) == pytest.approx(0.0316927, abs=1e-6)


def test_the_outcome_turns_where_an_end_of_the_interval_meets_the_margin() -> None:
    low, high = difference(-0.03).interval(0.95)

    assert difference(-0.03).outcome(-low, 0.95) == "pass"
    assert difference(-0.03).outcome(-low - 1e-12, 0.95) == "inconclusive"
    assert difference(-0.03).outcome(-high, 0.95) == "inconclusive"
    assert difference(-0.03).outcome(-high - 1e-12, 0.95) == "fail"


@pytest.mark.parametrize("estimate", [-0.08, -0.03, 0.0, 0.02])
def test_a_one_sided_p_value_agrees_with_the_interval(estimate: float) -> None:
    """p < 2.5 % just when the whole 95 % interval is below the margin."""
    found = difference(estimate)
    _, high = found.interval(0.95)

    assert found.inferior(-high) == pytest.approx(0.025)
    assert found.inferior(-estimate) == pytest.approx(0.5)
    assert (found.inferior(0.03) < 0.025) == (found.outcome(0.03, 0.95) == "fail")


def test_without_any_error_the_p_value_is_one_or_nothing() -> None:
    assert difference(-0.03, 0.0).inferior(0.03) == 1.0
    assert difference(-0.03, 0.0).inferior(0.0299) == 0.0


@pytest.mark.parametrize(
    "unknown",
    [
        Difference(NAN, NAN, NAN, 0.01, 60),
        Difference(0.7, NAN, NAN, 0.01, 60),
        Difference(0.7, 0.7, 0.0, NAN, 60),
        Difference(0.9, 0.1, 0.8, 0.001, FEWEST_BLOCKS - 1),
    ],
)
def test_what_has_no_value_or_too_few_blocks_tells_nothing(unknown: Difference) -> None:
    assert not unknown.tells
    assert unknown.outcome(0.5, 0.95) == "inconclusive"
    assert unknown.inferior(0.5) == 1.0
    assert unknown.blocks_needed(0.5, 0.95) is None
    assert Difference(0.9, 0.1, 0.8, 0.001, FEWEST_BLOCKS).outcome(0.5, 0.95) == "pass"


def test_a_value_that_only_the_other_has_is_a_failure() -> None:
    assert Difference(NAN, 0.7, NAN, 0.01, 60).outcome(0.5, 0.95) == "fail"


def test_a_metric_without_a_value_in_most_resamples_has_no_error() -> None:
    """Both late flights were on one day: a third of the resamples lack it, then most do."""
    y = np.zeros(60)
    y[:2] = 1
    p = np.random.default_rng(0).random(60)
    mine, other = (
        Sample(Truth(y, 2, 0.5), q, np.repeat(np.arange(12), 5), 12) for q in (p, p[::-1].copy())
    )
    counts = draw(12, 1000, seed=1)
    counts_without = counts[counts[:, 0] == 0]
    mostly = np.vstack([counts_without, counts[counts[:, 0] > 0][: len(counts_without) - 1]])

    enough = paired("binary", mine, other, counts, ["roc_auc"])["roc_auc"]
    too_few = paired("binary", mine, other, mostly, ["roc_auc"])["roc_auc"]

    assert enough.tells
    assert np.isnan(too_few.error)
    assert not too_few.tells


def test_one_block_has_no_error() -> None:
    mine, other = two_models(np.random.default_rng(9), days=1, a_day=50)

    found = paired("binary", mine, other, draw(1, 20, seed=1), ["brier"])["brier"]

    assert np.isnan(found.error)
    assert not found.tells


@pytest.mark.parametrize(("estimate", "margin"), [(-0.01, 0.03), (0.0, 0.015), (-0.05, 0.02)])
def test_with_as_many_blocks_more_the_interval_just_meets_the_margin(
    estimate: float, margin: float
) -> None:
    found = difference(estimate, 0.02, 60)
    assert found.outcome(margin, 0.95) == "inconclusive"

    more = found.blocks_needed(margin, 0.95)

    assert more is not None
    reach = stats.t(59).ppf(0.975) * 0.02  # of 60 blocks; it falls with the root of their number
    gap = abs(estimate + margin)
    assert reach * sqrt(60 / (60 + more)) <= gap
    assert reach * sqrt(60 / (60 + more - 1)) > gap


def test_when_no_realistic_number_of_blocks_would_settle_it_none_is_said() -> None:
    reach = difference().interval(0.95)[1]
    hundred_times, more = (difference(reach / sqrt(101) * by - 0.02) for by in (1.00001, 0.9999))

    assert hundred_times.blocks_needed(0.02, 0.95) == 60 * 100
    assert more.blocks_needed(0.02, 0.95) is None
    assert difference(-0.02).blocks_needed(0.02, 0.95) is None  # on the margin itself


def adjusted(p_values: dict[str, float]) -> dict[str, float]:
    """Holm's adjusted p-values by their definition: max over smaller ones of min(1, (m - j) p)."""
    ordered = sorted(p_values, key=lambda name: p_values[name])
    terms = [min(1.0, (len(ordered) - j) * p_values[name]) for j, name in enumerate(ordered)]
    return {name: max(terms[: i + 1]) for i, name in enumerate(ordered)}


@given(
    st.lists(
        st.sampled_from([0.0001, 0.004, 0.006, 0.012, 0.02, 0.024, 0.04, 0.3, 1.0]), max_size=9
    ),
    st.sampled_from([0.025, 0.05]),
)
def test_holm_rejects_what_its_adjusted_p_values_reject(values: list[float], alpha: float) -> None:
    p_values = {f"h{i}": p for i, p in enumerate(values)}

    expected = {name for name, p in adjusted(p_values).items() if p <= alpha * (1 + 1e-12)}

    assert holm(p_values, alpha * (1 + 1e-12)) == expected


def test_holm_on_the_textbook_example() -> None:
    """0.005 ≤ 0.05 / 4 and 0.01 ≤ 0.05 / 3, but 0.03 > 0.05 / 2, and there it stops."""
    p_values = {"a": 0.01, "b": 0.04, "c": 0.03, "d": 0.005}

    assert holm(p_values, 0.05) == {"a", "d"}
    assert holm({}, 0.05) == set()


def test_holm_errs_at_all_no_more_often_than_it_may() -> None:
    rng = np.random.default_rng(12)
    worlds = 4000
    wrong = sum(bool(holm(dict(enumerate_names(rng.random(20))), 0.05)) for _ in range(worlds))

    assert wrong / worlds == pytest.approx(0.05, abs=0.012)


def enumerate_names(values: Any) -> list[tuple[str, float]]:
    return [(str(i), float(p)) for i, p in enumerate(values)]


def test_the_level_tightens_with_each_use_and_never_spends_more_than_it_has() -> None:
    levels = [level(0.95, uses) for uses in range(1, 10_001)]

    assert levels[:3] == pytest.approx([1 - 0.05 / 2, 1 - 0.05 / 6, 1 - 0.05 / 12])
    assert all(later > earlier for earlier, later in pairwise(levels))
    spent = sum(1 - at for at in levels)
    assert 0.0499 < spent <= 0.05
