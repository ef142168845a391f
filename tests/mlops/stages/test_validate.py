"""The stage `validate` on the sample: what it tells of the columns, worked out a second time."""

import csv
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from mlops.errors import QualityError
from mlops.stages import validate
from problem import schema

COLUMNS = Path("metrics/columns.json")
RAW = Path("data/raw")


def columns() -> Any:
    return json.loads(COLUMNS.read_text(encoding="utf-8"))


def cells(name: str) -> dict[str, list[str]]:
    """Every column of a raw table as text, NA where there is a gap."""
    files = [*RAW.glob(f"{name}.csv"), *sorted(RAW.glob(f"{name}-*.csv"))]
    rows = [row for file in files for row in csv.DictReader(file.read_text("utf-8").splitlines())]
    return {column: [row[column] for row in rows] for column in rows[0]}


@pytest.mark.usefixtures("finished")
def test_each_column_of_each_raw_table_is_told() -> None:
    found = columns()

    assert {name: list(told) for name, told in found.items()} == {
        name: list(declared.columns) for name, declared in schema.RAW.items()
    }
    for name, told in found.items():
        for column, values in cells(name).items():
            there = [value for value in values if value not in ("", "NA")]
            assert told[column]["missing"] == len(values) - len(there), column
            if told[column]["type"] == "text":
                assert told[column]["distinct"] == len(set(there))
            else:
                numbers = [float(value) for value in there]
                assert told[column]["smallest"] == pytest.approx(min(numbers), abs=1e-6)
                assert told[column]["largest"] == pytest.approx(max(numbers), abs=1e-6)
    carriers = Counter(cells("flights")["carrier"])
    carrier = found["flights"]["carrier"]
    assert (carrier["most_frequent"], carrier["times"]) == carriers.most_common(1)[0]


@pytest.mark.usefixtures("finished")
def test_of_data_that_breaks_a_rule_the_columns_are_not_told_anew() -> None:
    before = COLUMNS.read_bytes()
    file = RAW / "planes.csv"
    file.write_text(file.read_text("utf-8").replace("Turbo-fan", "Turbo-fun"), "utf-8")
    validate.main()
    assert COLUMNS.read_bytes() != before
    kept = COLUMNS.read_bytes()
    file.write_text(
        file.read_text("utf-8").replace("Turbo-fun", "Turbo-fin") + "?,,,,,,,,\n", "utf-8"
    )

    with pytest.raises(QualityError):
        validate.main()

    assert COLUMNS.read_bytes() == kept
