"""Metrics by slice, against groupby and scikit-learn."""

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics as sk

from mlops.contract import Slices
from mlops.errors import DeclarationError
from mlops.evaluation.metrics import Truth
from mlops.evaluation.slices import by_slice, labels


def world(rows: int = 600) -> tuple[Truth, Any, pd.DataFrame]:
    rng = np.random.default_rng(0)
    y, p = rng.integers(0, 2, rows).astype(np.float64), rng.random(rows)
    groups = pd.DataFrame(
        {"size": rng.choice(["S", "M", "L"], rows, p=[0.7, 0.25, 0.05]), "colour": "red"},
        index=rng.permutation(rows),  # the index of a feature table is no position
    )
    return Truth(y, 2, 0.5), p, groups


def test_each_slice_has_the_scores_of_its_own_rows() -> None:
    truth, p, groups = world()

    found = by_slice("binary", truth, p, groups, minimum=1)

    assert list(found) == ["size", "colour"]
    table = groups.assign(y=truth.y, p=p)
    for name in groups:
        for label, part in table.groupby(str(name)):
            values = found[str(name)][str(label)]
            assert values["rows"] == len(part)
            assert values["roc_auc"] == pytest.approx(sk.roc_auc_score(part["y"], part["p"]))
            assert values["brier"] == pytest.approx(sk.brier_score_loss(part["y"], part["p"]))
            assert values["f1"] == pytest.approx(sk.f1_score(part["y"], part["p"] >= 0.5))


def test_the_slices_of_a_name_share_all_rows_among_them() -> None:
    truth, p, groups = world()

    found = by_slice("binary", truth, p, groups, minimum=1)

    assert all(sum(v["rows"] for v in by.values()) == 600 for by in found.values())


def test_a_slice_under_the_minimum_is_listed_and_not_scored() -> None:
    truth, p, groups = world()
    small = int((groups["size"] == "L").sum())

    found = by_slice("binary", truth, p, groups, minimum=small + 1)["size"]
    at_minimum = by_slice("binary", truth, p, groups, minimum=small)["size"]

    assert found["L"] == {"rows": small}
    assert "roc_auc" in found["M"]
    assert "roc_auc" in at_minimum["L"]


def test_a_slice_of_one_class_alone_has_no_auc_but_has_its_losses() -> None:
    truth = Truth(np.array([0.0, 0.0, 1.0, 0.0]), 2, 0.5)
    groups = pd.DataFrame({"day": ["mon", "mon", "tue", "tue"]})

    found = by_slice("binary", truth, np.array([0.1, 0.3, 0.9, 0.2]), groups, minimum=1)["day"]

    assert math.isnan(found["mon"]["roc_auc"])
    assert found["mon"]["brier"] == pytest.approx(0.05)
    assert found["tue"]["roc_auc"] == 1.0


def test_regression_and_several_classes_are_sliced_alike() -> None:
    groups = pd.DataFrame({"half": ["a", "a", "b", "b"]})
    y = np.array([0.0, 1.0, 2.0, 1.0])

    values = by_slice(
        "regression", Truth(y, 0, 0.5), y + np.array([0, 2, 1, 1]), groups, minimum=1
    )["half"]
    classes = by_slice("multiclass", Truth(y, 3, 0.5), np.eye(3)[[0, 0, 2, 1]], groups, minimum=1)

    assert (values["a"]["mae"], values["b"]["mae"]) == (1.0, 1.0)
    assert values["a"]["rmse"] == pytest.approx(math.sqrt(2))
    assert classes["half"]["a"]["accuracy"] == 0.5
    assert classes["half"]["b"]["accuracy"] == 1.0


def test_labels_are_those_of_the_problem_as_text() -> None:
    problem = Slices(
        SLICES=["band", "code"],
        slices=lambda rows: pd.DataFrame(
            {
                "unused": 1,
                "code": rows["n"],
                "band": pd.cut(rows["n"], [0, 5, 9], labels=["a", "b"]),
            }
        ),
    )

    found = labels(problem, pd.DataFrame({"n": [3, 7]}, index=[40, 20]))

    assert found.to_dict("list") == {"band": ["a", "b"], "code": ["3", "7"]}
    assert found.index.tolist() == [40, 20]


@pytest.mark.parametrize(
    ("declared", "slices", "said"),
    [
        ("n", lambda rows: rows[["absent"]], "asks for the column .*absent.*it has n"),
        ("size", lambda rows: rows[["n"]], "declares 'size', but slices\\(\\) returns n"),
        (
            "n",
            lambda rows: rows.where(rows["n"] > 1),
            "'n' has no label for 1 rows, the first with n 1$",
        ),
    ],
)
def test_a_slice_that_does_not_fit_is_named(declared: str, slices: Any, said: str) -> None:
    problem = Slices(SLICES=[declared], slices=slices)

    with pytest.raises(DeclarationError, match=said):
        labels(problem, pd.DataFrame({"n": [1, 2]}))
