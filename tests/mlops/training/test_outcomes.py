"""What the parts of a split hold, counted by hand."""

from typing import Any

import pandas as pd
import pytest

from mlops.contract import Features
from mlops.training.outcomes import outcomes


def problem(task: str) -> Features:
    return Features.model_validate(
        {
            "KEY": ["day"],
            "BLOCK": "day",
            "TASK": task,
            "TARGET": "y",
            "TABLES": {},
            "CARRIED_FORWARD": [],
            "rows": pd.DataFrame,
            "tables": dict,
        }
    )


def parts(train: list[Any], test: list[Any]) -> dict[str, pd.DataFrame]:
    """Three rows of January 30 and one each of the days after it; a row of March each."""
    days = ["2013-01-30"] * 3 + ["2013-01-31", "2013-02-01", "2013-02-02"]
    return {
        "train": pd.DataFrame({"day": days, "y": train}).sample(frac=1, random_state=0),
        "test": pd.DataFrame(
            {"day": [f"2013-03-{n + 1:02d}" for n in range(len(test))], "y": test}
        ),
    }


def test_a_part_of_dated_blocks_has_its_ends_and_each_month_its_rate() -> None:
    split = parts([1, 0, 0, 0, 1, 0], [1, 1, 0, 1])

    found = outcomes(problem("binary"), split, dated=True)

    assert found["parts"] == {
        "train": {
            "rows": 6,
            "blocks": 4,
            "first": "2013-01-30",
            "last": "2013-02-02",
            "outcome": {"rate": pytest.approx(1 / 3)},
        },
        "test": {
            "rows": 4,
            "blocks": 4,
            "first": "2013-03-01",
            "last": "2013-03-04",
            "outcome": {"rate": 0.75},
        },
    }
    assert found["months"] == {
        "2013-01": {"rows": 4, "part": "train", "outcome": {"rate": 0.25}},
        "2013-02": {"rows": 2, "part": "train", "outcome": {"rate": 0.5}},
        "2013-03": {"rows": 4, "part": "test", "outcome": {"rate": 0.75}},
    }
    assert list(found["months"]) == ["2013-01", "2013-02", "2013-03"]


def test_blocks_without_a_date_are_not_named() -> None:
    """They may be people."""
    found = outcomes(problem("binary"), parts([1, 0, 0, 0, 1, 0], [1, 0]), dated=False)

    assert found["months"] == {}
    assert found["parts"]["test"] == {"rows": 2, "blocks": 2, "outcome": {"rate": 0.5}}


def test_every_class_has_a_share_in_each_part_also_where_it_is_absent() -> None:
    split = parts(["red", "red", "blue", "red", "blue", "red"], ["green", "red"])

    found = outcomes(problem("multiclass"), split, dated=True)

    train, test = (found["parts"][name]["outcome"] for name in ("train", "test"))
    assert train == pytest.approx({"blue": 1 / 3, "green": 0, "red": 2 / 3})
    assert test == {"blue": 0, "green": 0.5, "red": 0.5}
    assert list(found["months"]["2013-02"]["outcome"]) == ["blue", "green", "red"]


def test_a_regression_has_a_mean() -> None:
    found = outcomes(problem("regression"), parts([1, 2, 3, 4, 5, 9], [10.0, 20.0]), dated=False)

    assert found["parts"]["train"]["outcome"] == {"mean": 4.0}
    assert found["parts"]["test"]["outcome"] == {"mean": 15.0}
