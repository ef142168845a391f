"""Rows that nothing can be learned from: told by the first stage that sees it."""

from pathlib import Path

import pandas as pd

from tests.bad_input.conftest import Stage, changed, snapshot


def rewrite(pattern: str, **columns: str) -> None:
    """Set whole columns in every raw file of a pattern."""
    for path in Path("data/raw").glob(pattern):
        table = pd.read_csv(path, dtype="str", keep_default_na=False)
        table.assign(**columns).to_csv(path, index=False, lineterminator="\n")


def test_a_constant_target_is_told_by_split_before_anything_is_trained(
    finished: Path, stage: Stage
) -> None:
    punctual = pd.read_parquet("artifacts/features.parquet").assign(late=0)
    punctual.to_parquet("artifacts/features.parquet", index=False)
    before = snapshot(finished)

    said = stage("split").refused(6)

    assert said == (
        "error: artifacts/train.parquet, column late: expected at least two values of the target, "
        "found only the value 0. Change `split` in params.yaml, or the target in "
        "src/problem/features.py\n"
    )
    assert changed(before, snapshot(finished)) == set()


def test_flights_that_all_arrive_in_time_give_a_constant_target(
    repository: Path, stage: Stage
) -> None:
    rewrite("flights-*.csv", arr_delay="0", air_time="100")
    assert stage("features").code == 0

    assert "column late: expected at least two values" in stage("split").refused(6)


def test_more_months_held_out_than_there_are_is_told(finished: Path, stage: Stage) -> None:
    knobs = Path("params.yaml").read_text()
    Path("params.yaml").write_text(knobs.replace("test_months: 2", "test_months: 8"))
    before = snapshot(finished)

    said = stage("split").refused(6)

    assert "split.test_months: expected fewer than the 8 months that the data has, found 8" in said
    assert changed(before, snapshot(finished)) == set()


def test_a_feature_without_any_value_is_told_and_the_old_table_stays(
    finished: Path, stage: Stage
) -> None:
    rewrite("planes.csv", year="")
    before = snapshot(finished)

    said = stage("features").refused(4)

    assert said.startswith("error: feature plane_year: expected values, all ")
    assert "rows are missing. See how src/problem/features.py makes it, or drop it from" in said
    assert changed(before, snapshot(finished)) == set()


def test_a_feature_with_too_many_gaps_is_told_with_its_share(finished: Path, stage: Stage) -> None:
    planes = pd.read_csv("data/raw/planes.csv", dtype="str", keep_default_na=False)
    planes.loc[::2, "year"] = ""
    planes.to_csv("data/raw/planes.csv", index=False, lineterminator="\n")
    before = snapshot(finished)

    said = stage("features").refused(4)

    assert said.startswith("error: feature plane_year: expected missing at most 30.0%; found ")
    assert "% missing." in said
    assert changed(before, snapshot(finished)) == set()
