"""The held-out rows, laid on the champion's by their keys."""

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest

from mlops.contract import Features
from mlops.errors import TrainingError
from mlops.judge.rows import match, own, prediction_columns, truth_of

FEATURES = cast(
    Features,
    SimpleNamespace(KEY=["hour", "flight"], BLOCK="date", TARGET="late", TASK="binary"),
)


def table(**changed: Any) -> pd.DataFrame:
    """Six flights on three days, as artifacts/predictions.parquet has them."""
    columns = {
        "hour": ["07-01T05", "07-01T05", "07-01T06", "07-02T05", "07-02T06", "07-03T05"],
        "flight": [1, 2, 1, 1, 2, 9],
        "date": ["07-01", "07-01", "07-01", "07-02", "07-02", "07-03"],
        "late": [0, 1, 0, 1, 1, 0],
        "prediction": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6],
        "linear_prediction": [0.2] * 6,
        "dummy_prediction": [0.5] * 6,
    }
    return pd.DataFrame(columns | changed)


GROUPS = pd.DataFrame({"origin": ["JFK", "JFK", "EWR", "EWR", "JFK", "LGA"]})


def test_own_rows_have_the_model_and_its_baselines_by_role() -> None:
    rows = own(table(), GROUPS, FEATURES, 0.3)

    assert {role: list(p[:2]) for role, p in rows.said.items()} == {
        "challenger": [0.1, 0.2],
        "linear": [0.2, 0.2],
        "dummy": [0.5, 0.5],
    }
    assert list(rows.truth.y) == [0, 1, 0, 1, 1, 0]
    assert (rows.truth.classes, rows.truth.threshold) == (2, 0.3)
    assert list(rows.groups["origin"]) == list(GROUPS["origin"])


def test_blocks_are_numbered_by_their_names_not_by_their_order() -> None:
    backwards = table().iloc[::-1].reset_index(drop=True)

    sample = own(backwards, GROUPS, FEATURES, 0.3).sample("challenger")

    assert (list(sample.block), sample.blocks) == ([2, 1, 1, 0, 0, 0], 3)
    assert list(sample.p) == [0.6, 0.5, 0.4, 0.3, 0.2, 0.1]


def test_some_rows_are_chosen_throughout() -> None:
    rows = own(table(), GROUPS, FEATURES, 0.3).some(np.array([4, 0]))

    assert list(rows.truth.y) == [1, 0]
    assert list(rows.block) == ["07-02", "07-01"]
    assert list(rows.groups["origin"]) == ["JFK", "JFK"]
    assert list(rows.said["challenger"]) == [0.5, 0.1]
    assert list(rows.block.index) == list(rows.groups.index) == [0, 1]


def test_a_hold_out_is_named_by_its_blocks() -> None:
    """Dropping the hard rows of a day must not start the count of its uses anew."""
    rows = own(table(), GROUPS, FEATURES, 0.3)

    assert rows.some(np.array([5, 3, 0])).hash == rows.hash
    assert rows.some(np.array([0, 1, 2, 3])).hash != rows.hash


def matched(champion: pd.DataFrame, mine: pd.DataFrame | None = None) -> Any:
    mine = table() if mine is None else mine
    return match(own(mine, GROUPS[: len(mine)], FEATURES, 0.3), mine, champion, FEATURES)


def test_the_same_table_matches_row_by_row() -> None:
    found = matched(table(prediction=[0.6, 0.5, 0.4, 0.3, 0.2, 0.1]))

    assert (found.missing, found.relabelled, found.first_missing) == (0, 0, "")
    assert list(found.rows.said["champion"]) == [0.6, 0.5, 0.4, 0.3, 0.2, 0.1]
    assert set(found.rows.said) == {"challenger", "champion", "linear", "dummy"}


def test_rows_are_found_by_key_in_whatever_order_they_stand() -> None:
    shuffled = table().iloc[[3, 5, 0, 2, 4, 1]]

    found = matched(shuffled)

    assert list(found.rows.said["champion"]) == list(table()["prediction"])
    assert list(found.rows.truth.y) == list(table()["late"])


def test_a_row_that_the_challenger_dropped_is_missed_and_named() -> None:
    found = matched(table(), mine=table().drop(index=[1, 4]).reset_index(drop=True))

    assert (found.missing, found.first_missing) == (2, "07-01T05, 2")
    assert list(found.rows.said["champion"]) == [0.1, 0.3, 0.4, 0.6]


def test_a_row_that_is_new_to_the_champion_is_left_out() -> None:
    found = matched(table().drop(index=[0]))

    assert found.missing == 0
    assert len(found.rows.block) == 5
    assert list(found.rows.groups["origin"]) == list(GROUPS["origin"][1:])


def test_targets_that_differ_are_counted() -> None:
    found = matched(table(late=[1, 1, 0, 1, 1, 1]))

    assert found.relabelled == 2
    assert list(found.rows.truth.y) == list(table()["late"])  # the challenger's decide


@pytest.mark.parametrize("lost", ["flight", "late", "prediction"])
def test_a_champion_of_other_columns_cannot_be_laid_on(lost: str) -> None:
    with pytest.raises(TrainingError, match=f"its predictions lack {lost};"):
        matched(table().drop(columns=lost))


def test_a_champion_of_other_classes_cannot_be_laid_on() -> None:
    with pytest.raises(TrainingError, match="its predictions are prediction, prediction_b"):
        matched(table().assign(prediction_b=0.5))


def test_keys_that_repeat_or_are_of_another_type_cannot_be_laid_on() -> None:
    with pytest.raises(TrainingError, match="cannot be laid on the challenger's by hour, flight"):
        matched(pd.concat([table(), table().head(1)]))
    with pytest.raises(TrainingError, match="cannot be laid on the challenger's by hour, flight"):
        matched(table().astype({"flight": "str"}))


def test_prediction_columns_are_those_of_the_model_alone() -> None:
    assert prediction_columns(table()) == ["prediction"]
    several = pd.DataFrame(columns=["key", "prediction_a", "prediction_b", "linear_prediction_a"])
    assert prediction_columns(several) == ["prediction_a", "prediction_b"]


def test_the_truth_of_classes_is_numbered_as_their_columns_are() -> None:
    target = pd.Series(["b", "a", "c", "b"])

    truth = truth_of(target, ["prediction_c", "prediction_a", "prediction_b"], "multiclass", 0.5)

    assert (list(truth.y), truth.classes) == ([2, 1, 0, 2], 3)


def test_the_truth_of_a_regression_is_its_values() -> None:
    truth = truth_of(pd.Series([3, 1.5]), ["prediction"], "regression", 0.5)

    assert (list(truth.y), truth.classes) == ([3.0, 1.5], 0)


def test_predictions_of_several_classes_have_a_column_each() -> None:
    both = {"prediction_0": [0.9] * 6, "prediction_1": [0.1] * 6}
    whole = both | {f"{role}_{name}": p for role in ("linear", "dummy") for name, p in both.items()}
    features = cast(Features, SimpleNamespace(**(vars(FEATURES) | {"TASK": "multiclass"})))
    mine = table().drop(columns=["prediction", "linear_prediction", "dummy_prediction"])

    rows = own(mine.assign(**whole), GROUPS, features, 0.3)

    assert {p.shape for p in rows.said.values()} == {(6, 2)}
    assert rows.said["dummy"][0].tolist() == [0.9, 0.1]
