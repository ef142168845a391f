"""What a raw table's columns may hold and do hold, of small tables written out."""

from pathlib import Path
from typing import Any

import pandas as pd
from pandera.pandas import Check, Column, DataFrameSchema

from mlops.data.columns import columns
from mlops.data.read import read

PATTERN = r"^[A-Z]\d$"
SCHEMA = DataFrameSchema(
    {
        "bus": Column(int, Check.in_range(1, 99, error="between 1 and 99")),
        "delay": Column(float, [Check.ge(0), Check.le(60)], nullable=True),
        "line": Column(str, Check.str_matches(PATTERN, error="a line such as A1")),
        "driver": Column(str, nullable=True, metadata={"sensitive": True}),
        "age": Column(float, metadata={"sensitive": True}),
        "ticket": Column(str),
    }
)
TRIPS = (
    "bus,delay,line,driver,age,ticket",
    "7,0.5,B2,Ann,41,t1",
    "12,,A1,Ann,42,t2",
    "3,59.25,A1,,43,t3",
    "12,,B2,Bo,44,t4",
)


def told(folder: Path, *lines: str, schema: DataFrameSchema = SCHEMA) -> dict[str, Any]:
    (folder / "trips.csv").write_text("\n".join(lines) + "\n")
    tables, findings = read(folder, {"trips": schema})
    assert findings == []
    return columns(tables, {"trips": schema})["trips"]


def test_a_number_has_its_type_rules_gaps_and_ends(tmp_path: Path) -> None:
    found = told(tmp_path, *TRIPS)

    assert list(found) == ["bus", "delay", "line", "driver", "age", "ticket"]
    assert found["bus"] == {
        "type": "int64",
        "rules": ["between 1 and 99"],
        "pattern": None,
        "nullable": False,
        "sensitive": False,
        "missing": 0,
        "smallest": 3,
        "largest": 12,
    }
    delay = found["delay"]
    assert delay["rules"] == ["greater_than_or_equal_to(0)", "less_than_or_equal_to(60)"]
    assert (delay["nullable"], delay["missing"]) == (True, 2)
    assert (delay["smallest"], delay["largest"]) == (0.5, 59.25)


def test_a_text_has_its_pattern_its_values_and_the_most_frequent_of_them(tmp_path: Path) -> None:
    found = told(tmp_path, *TRIPS)["line"]

    assert found == {
        "type": "text",
        "rules": ["a line such as A1"],
        "pattern": PATTERN,
        "nullable": False,
        "sensitive": False,
        "missing": 0,
        "distinct": 2,
        "most_frequent": "A1",  # of two that are as frequent, the first in the alphabet
        "times": 2,
    }


def test_where_all_values_differ_none_is_the_most_frequent(tmp_path: Path) -> None:
    found = told(tmp_path, *TRIPS)["ticket"]

    assert found["distinct"] == 4
    assert not {"most_frequent", "times"} & set(found)


def test_of_a_sensitive_column_no_value_is_told(tmp_path: Path) -> None:
    found = told(tmp_path, *TRIPS)

    assert found["driver"] == {
        "type": "text",
        "rules": [],
        "pattern": None,
        "nullable": True,
        "sensitive": True,
        "missing": 1,
        "distinct": 2,
    }
    assert not {"smallest", "largest"} & set(found["age"])


def test_a_column_without_any_value_says_so(tmp_path: Path) -> None:
    schema = DataFrameSchema(
        {"delay": Column(float, nullable=True), "note": Column(str, nullable=True)}
    )

    found = told(tmp_path, "delay,note", ",", ",", schema=schema)

    assert found["delay"]["missing"] == found["note"]["missing"] == 2
    assert pd.isna(found["delay"]["smallest"])
    assert found["note"]["distinct"] == 0


def test_flags_are_values_and_long_texts_are_cut(tmp_path: Path) -> None:
    schema = DataFrameSchema({"full": Column(bool), "note": Column(str)})

    found = told(tmp_path, "full,note", f"True,{'x' * 90}", f"True,{'x' * 90}", schema=schema)

    assert (found["full"]["type"], found["full"]["most_frequent"]) == ("bool", "True")
    assert found["note"]["most_frequent"] == "x" * 40 + "…"
