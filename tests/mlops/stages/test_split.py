"""The stage `split` on the sample."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from mlops.errors import TrainingError
from mlops.stages import split
from tests.mlops.stages.knobs import turn

FEATURES = Path("artifacts/features.parquet")
SPLIT = Path("metrics/split.json")


def parts() -> tuple[pd.DataFrame, pd.DataFrame]:
    return pd.read_parquet("artifacts/train.parquet"), pd.read_parquet("artifacts/test.parquet")


@pytest.mark.usefixtures("finished")
def test_every_row_is_either_trained_on_or_tested() -> None:
    train, test = parts()

    both = pd.concat([train, test])
    every = pd.read_parquet(FEATURES)
    key = ["time_hour", "carrier", "flight"]
    assert not both.duplicated(key).any()
    pd.testing.assert_frame_equal(
        both.sort_values(key, ignore_index=True), every.sort_values(key, ignore_index=True)
    )


@pytest.mark.usefixtures("finished")
def test_all_of_the_training_lies_before_all_of_the_test() -> None:
    train, test = parts()

    assert train["date"].max() == "2013-06-30"
    assert test["date"].min() == "2013-07-01"
    assert set(test["date"].str[:7]) == {"2013-07", "2013-08"}


@pytest.mark.usefixtures("finished")
def test_it_is_told_what_happened_in_each_part_and_month() -> None:
    written = json.loads(SPLIT.read_text(encoding="utf-8"))

    for name, part in zip(("train", "test"), parts(), strict=True):
        told = written["parts"][name]
        assert (told["rows"], told["blocks"]) == (len(part), part["date"].nunique())
        assert (told["first"], told["last"]) == (part["date"].min(), part["date"].max())
        assert told["outcome"]["rate"] == pytest.approx(part["late"].mean(), abs=1e-6)
    every = pd.read_parquet(FEATURES)
    rates = every.groupby(every["date"].str[:7])["late"].mean()
    told = {month: found["outcome"]["rate"] for month, found in written["months"].items()}
    assert told == pytest.approx(rates.to_dict(), abs=1e-6)
    held_out = [month for month, found in written["months"].items() if found["part"] == "test"]
    assert held_out == ["2013-07", "2013-08"]


@pytest.mark.usefixtures("finished")
def test_a_random_split_never_parts_a_day() -> None:
    turn("rule: time", "rule: random")

    split.main()

    assert json.loads(SPLIT.read_text(encoding="utf-8"))["months"] == {}

    train, test = parts()
    assert not set(train["date"]) & set(test["date"])
    assert test["date"].nunique() / 243 == pytest.approx(0.25, abs=0.08)
    assert test["date"].min() < train["date"].max()


@pytest.mark.parametrize(
    ("late", "part", "found"),
    [
        (lambda f: f["late"].where(f["date"] < "2013-07", 0), "test", "only the value 0"),
        (lambda f: f["late"].where(f["date"] > "2013-07", 1), "train", "only the value 1"),
    ],
)
def test_a_part_whose_outcome_is_always_the_same_stops_the_run(
    finished: Path, late: Any, part: str, found: str
) -> None:
    before = [path.read_bytes() for path in sorted(finished.glob("artifacts/t*.parquet"))]
    pd.read_parquet(FEATURES).assign(late=late).to_parquet(FEATURES)

    with pytest.raises(TrainingError, match=rf"artifacts/{part}.parquet, column late.*{found}"):
        split.main()

    after = [path.read_bytes() for path in sorted(finished.glob("artifacts/t*.parquet"))]
    assert after == before


@pytest.mark.usefixtures("finished")
def test_a_random_share_without_any_block_stops_the_run() -> None:
    turn("rule: time", "rule: random", "test_share: 0.25", "test_share: 0.000001")

    with pytest.raises(TrainingError, match=r"artifacts/test.parquet.*found no rows"):
        split.main()
