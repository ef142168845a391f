"""The stage `features` on the sample: what it writes, and what it refuses."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlops.contract import Features, Schemas, load
from mlops.errors import DeclarationError, QualityError
from mlops.stages import features
from problem import features as problem

INPUTS = list(load(Schemas).FEATURES.columns)
TABLE = Path("artifacts/features.parquet")


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted((folder / "artifacts").rglob("*.parquet"))
        if "features" in path.name or "tables" in path.parts
    }


def test_the_feature_table_holds_keys_block_target_and_inputs(finished: Path) -> None:
    table = pd.read_parquet(TABLE)

    assert list(table) == [
        *["time_hour", "carrier", "flight", "date", "late", "origin", "tailnum", "dest"],
        *INPUTS[3:],
    ]
    assert not table.duplicated(["time_hour", "carrier", "flight"]).any()
    kinds = {str(table[name].dtype) for name in set(INPUTS) - {"carrier", "origin", "dest"}}
    assert kinds == {"float32"}
    load(Schemas).FEATURES.validate(table[INPUTS])


def test_it_has_a_row_for_every_flight_that_arrived(finished: Path) -> None:
    raw = pd.concat(pd.read_csv(path) for path in sorted(Path("data/raw").glob("flights-*.csv")))
    arrived = raw.dropna(subset=["arr_delay"])

    table = pd.read_parquet(TABLE)

    key = ["time_hour", "carrier", "flight"]
    assert set(table[key].itertuples(index=False, name=None)) == set(
        arrived[key].itertuples(index=False, name=None)
    )
    found = table.set_index(key)["late"].sort_index()
    expected = (arrived.set_index(key)["arr_delay"] >= 15).astype("int8").sort_index()
    assert (found == expected).all()


def test_yesterdays_rate_is_that_of_the_raw_files(finished: Path) -> None:
    raw = pd.concat(pd.read_csv(path) for path in sorted(Path("data/raw").glob("flights-*.csv")))
    day = raw[(raw["month"] == 5) & (raw["day"] == 14) & (raw["origin"] == "LGA")]
    landed = day[(day["sched_arr_time"] > day["sched_dep_time"]) & day["arr_delay"].notna()]

    table = pd.read_parquet(TABLE)

    today = table[(table["date"] == "2013-05-15") & (table["origin"] == "LGA")]
    assert today["origin_late_1d"].nunique() == 1
    assert today["origin_late_1d"].iloc[0] == pytest.approx((landed["arr_delay"] >= 15).mean())


def test_every_table_is_kept_for_serving_one_row_a_key(finished: Path) -> None:
    files = {path.stem for path in Path("artifacts/tables").iterdir()}

    assert files == set(problem.TABLES)
    for name, key in problem.TABLES.items():
        table = pd.read_parquet(f"artifacts/tables/{name}.parquet")
        assert not table.duplicated(list(key)).any()
    weather = pd.read_parquet("artifacts/tables/weather.parquet").set_index(["origin", "time_hour"])
    flight = pd.read_parquet(TABLE).query("temp.notna()").iloc[100]
    assert flight["temp"] == pytest.approx(
        weather.loc[(flight["origin"], flight["time_hour"]), "temp"]
    )


def test_a_second_run_writes_the_same_bytes(finished: Path) -> None:
    before = digests(finished)

    features.main()

    assert digests(finished) == before
    assert len(before) == 8


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (pd.DataFrame({"tailnum": ["N1", "N1"]}), r"'plane' has a key \(tailnum\) twice"),
        (pd.DataFrame({"tail": ["N1"]}), "'plane' is looked up by tailnum, but tailnum is not"),
    ],
)
def test_a_table_that_cannot_be_looked_up_stops_the_run_and_leaves_the_old_features(
    finished: Path, monkeypatch: pytest.MonkeyPatch, table: pd.DataFrame, said: str
) -> None:
    before, honest = digests(finished), problem.tables
    monkeypatch.setattr(problem, "tables", lambda raw: honest(raw) | {"plane": table})

    with pytest.raises(DeclarationError, match=said):
        features.main()

    assert digests(finished) == before


def test_features_that_break_the_schema_stop_the_run(
    finished: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, honest = digests(finished), problem.tables
    too_warm = honest(raw_tables())["weather"].assign(temp=200.0)
    monkeypatch.setattr(problem, "tables", lambda raw: honest(raw) | {"weather": too_warm})

    with pytest.raises(
        QualityError, match=r"feature temp: expected between -60 and 130; found 200"
    ):
        features.main()

    assert digests(finished) == before


def raw_tables() -> Any:
    from mlops.data.read import frames, read

    return frames(read(Path("data/raw"), load(Schemas).RAW)[0])


SHOPS = Features(
    KEY=["id"],
    BLOCK="day",
    TASK="binary",
    TARGET="y",
    TABLES={"shop": ("shop",), "sales": ("shop", "day")},
    CARRIED_FORWARD=[],
    rows=lambda raw: raw["rows"],
    tables=dict,
)
ROWS = pd.DataFrame({"id": [1, 2, 3], "shop": ["a", "b", "a"], "day": [1, 1, 2], "y": [0, 1, 0]})
SHOP = pd.DataFrame({"shop": ["a"], "size": [10]})
SALES = pd.DataFrame({"shop": ["a", "a"], "day": [1, 2], "sold": [5, 6]})


def test_tables_are_joined_by_their_keys_and_what_is_not_there_is_a_gap() -> None:
    joined = features.join(SHOPS, ROWS, {"shop": SHOP, "sales": SALES})

    assert joined["id"].tolist() == [1, 2, 3]
    np.testing.assert_array_equal(joined["size"], [10, np.nan, 10])
    np.testing.assert_array_equal(joined["sold"], [5, np.nan, 6])


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        ({"shop": SHOP}, r"returned \['shop'\], TABLES declares \['sales', 'shop'\]"),
        ({"shop": SHOP, "sales": SALES, "more": SHOP}, "'more'"),
        ({"shop": SHOP, "sales": SALES.drop(columns="day")}, "day is not a column of both"),
        ({"shop": pd.concat([SHOP, SHOP]), "sales": SALES}, r"'shop' has a key \(shop\) twice"),
    ],
)
def test_tables_that_are_not_as_declared_are_named(
    tables: dict[str, pd.DataFrame], said: str
) -> None:
    with pytest.raises(DeclarationError, match=f"src/problem/features.py: .*{said}"):
        features.join(SHOPS, ROWS, tables)


def test_a_feature_without_any_value_is_named() -> None:
    table = pd.DataFrame({name: [1.0, 2.0] for name in INPUTS}).assign(seats=np.nan)

    with pytest.raises(
        QualityError, match="feature seats: expected values, all 2 rows are missing"
    ):
        features.check_features(table, INPUTS, load(Schemas))


@pytest.mark.parametrize("name", ["time_hour", "date", "late"])
def test_a_row_without_key_block_or_target_is_named(name: str) -> None:
    table = pd.DataFrame(
        {"time_hour": ["a", "b"], "carrier": "AA", "flight": 1, "date": "2013-01-01", "late": 0}
    ).astype(object)
    features.check_rows(table, load(Features))
    table.loc[1, name] = None

    with pytest.raises(QualityError, match=f"column {name}: expected a value in every row, 1 have"):
        features.check_rows(table, load(Features))


def test_a_key_that_stands_twice_is_shown() -> None:
    table = pd.DataFrame(
        {"time_hour": ["a", "a"], "carrier": "AA", "flight": 1, "date": "2013-01-01", "late": 0}
    )

    with pytest.raises(QualityError, match=r"expected once, 1 rows repeat one, the first a, AA, 1"):
        features.check_rows(table, load(Features))
