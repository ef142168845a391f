"""Slices of the labelled rows beside the same slices of the held-out rows."""

import numpy as np
import pytest
from sklearn import metrics as sk

from mlops.monitor.performance import slices as module
from mlops.monitor.performance.slices import slices
from mlops.monitor.result import Slice
from tests.mlops.monitor import worlds

LATER = "2030-03-01"


def by_name(found: list[Slice]) -> dict[str, Slice]:
    return {entry.name: entry for entry in found}


def test_metrics_are_those_of_the_rows_of_the_slice() -> None:
    rng = np.random.default_rng(1)
    then, now = worlds.rows(rng), worlds.rows(rng, LATER, 42)

    found = by_name(slices(worlds.problem(), worlds.reference(then), now, [0, 1]))

    for label in ("large", "small"):
        entry = found[f"kind = {label}"]
        here, before = now[now["kind"] == label], then[then["kind"] == label]
        assert entry.rows == len(here)
        for values, rows in ((entry.metrics, here), (entry.held_out, before)):
            assert list(values) == ["roc_auc", "brier"]  # the headline, and what is gated
            assert values["roc_auc"] == pytest.approx(
                sk.roc_auc_score(rows["late"], rows["prediction"])
            )
            assert values["brier"] == pytest.approx(
                sk.brier_score_loss(rows["late"], rows["prediction"])
            )


def test_a_small_slice_is_listed_without_metrics() -> None:
    rng = np.random.default_rng(2)
    then, now = worlds.rows(rng), worlds.rows(rng, LATER, 28)

    rare = by_name(slices(worlds.problem(), worlds.reference(then), now, [0, 1]))["kind = rare"]

    assert rare.rows == (now["kind"] == "rare").sum()
    assert (rare.metrics, rare.held_out) == ({}, {})


def test_the_slice_that_has_worsened_most_comes_first() -> None:
    rng = np.random.default_rng(3)
    then, now = worlds.rows(rng), worlds.rows(rng, LATER, 56)
    broken = now["kind"] == "small"
    now.loc[broken, "prediction"] = rng.permutation(now.loc[broken, "prediction"])

    found = slices(worlds.problem(), worlds.reference(then), now, [0, 1])

    assert [entry.name for entry in found] == ["kind = small", "kind = large", "kind = rare"]


def test_a_slice_that_is_new_has_nothing_to_be_held_beside() -> None:
    rng = np.random.default_rng(4)
    now = worlds.rows(rng, LATER, 28).assign(kind="new")

    found = by_name(slices(worlds.problem(), worlds.reference(worlds.rows(rng)), now, [0, 1]))

    assert found["kind = new"].metrics["roc_auc"] is not None
    assert found["kind = new"].held_out == {}


def test_without_the_column_that_slices_are_made_of_there_are_none() -> None:
    rng = np.random.default_rng(5)
    now = worlds.rows(rng, LATER, 28).drop(columns="kind")

    assert slices(worlds.problem(), worlds.reference(worlds.rows(rng)), now, [0, 1]) == []


def test_a_row_whose_label_cannot_be_told_is_in_no_slice() -> None:
    rng = np.random.default_rng(6)
    now = worlds.rows(rng, LATER, 28)
    now.loc[:99, "kind"] = None

    found = slices(worlds.problem(), worlds.reference(worlds.rows(rng)), now, [0, 1])

    assert sum(entry.rows for entry in found) == len(now) - 100


def test_of_very_many_slices_as_many_are_told_as_there_is_room_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = np.random.default_rng(7)
    monkeypatch.setattr(module, "MOST", 2)
    now = worlds.rows(rng, LATER, 28)
    now["kind"] = now["kind"] + "x" * 300

    found = slices(worlds.problem(), worlds.reference(worlds.rows(rng)), now, [0, 1])

    assert [len(entry.name) for entry in found] == [200, 200]
