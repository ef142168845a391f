"""One model against another on the same rows, in the same resamples."""

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss, roc_auc_score

from mlops.judge.compare import compare
from mlops.judge.rows import Rows
from mlops.params import Params


def test_the_challenger_is_compared_with_the_role_that_is_asked_for(
    rows: Rows, knobs: Params
) -> None:
    y, said = rows.truth.y, rows.said

    found = compare(rows, "linear", ["roc_auc", "brier"], knobs)

    assert list(found) == ["roc_auc", "brier"]
    auc, brier = found["roc_auc"], found["brier"]
    assert auc.value == pytest.approx(roc_auc_score(y, said["challenger"]))
    assert auc.other == pytest.approx(roc_auc_score(y, said["linear"]))
    assert auc.estimate == pytest.approx(auc.value - auc.other)
    assert brier.estimate == pytest.approx(
        brier_score_loss(y, said["linear"]) - brier_score_loss(y, said["challenger"])
    )
    assert auc.blocks == 40


def test_chosen_rows_are_compared_alone_in_the_resamples_of_all(rows: Rows, knobs: Params) -> None:
    """Five days of forty: only they count, and the answer is that of a table without the rest."""
    chosen = np.arange(600)

    found = compare(rows, "linear", ["roc_auc"], knobs, chosen)["roc_auc"]
    alone = compare(rows.some(chosen), "linear", ["roc_auc"], knobs)["roc_auc"]

    assert (found.value, found.other, found.blocks) == (alone.value, alone.other, 12)
    assert found.error == pytest.approx(alone.error, rel=0.15)


def test_the_order_of_the_rows_is_of_no_account(rows: Rows, knobs: Params) -> None:
    shuffled = rows.some(np.random.default_rng(1).permutation(len(rows.block)))

    one, same = (compare(r, "linear", ["roc_auc"], knobs)["roc_auc"] for r in (rows, shuffled))

    assert same.estimate == pytest.approx(one.estimate)
    assert same.error == pytest.approx(one.error)


def test_the_seed_draws_the_resamples(rows: Rows, knobs: Params) -> None:
    other = knobs.model_copy(update={"seed": knobs.seed + 1})

    first, again, another = (
        compare(rows, "linear", ["roc_auc"], k)["roc_auc"] for k in (knobs, knobs, other)
    )

    assert first == again
    assert first.estimate == another.estimate
    assert first.error != another.error
