"""The rules of a schema, told by file, column and check with counts, lines and samples."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pandera.pandas import Check, Column, DataFrameSchema

from mlops.contract import Schemas
from mlops.data.checks import check
from mlops.data.findings import Finding
from mlops.data.read import RawTable, read

TRIPS = DataFrameSchema(
    {
        "month": Column(int),
        "bus": Column(int),
        "line": Column(str, Check.str_matches("^[A-Z]$", error="one capital letter")),
        "delay": Column(float, Check.in_range(0, 60, error="between 0 and 60"), nullable=True),
    },
    checks=[
        Check(lambda rows: rows["delay"].isna() | (rows["bus"] > 0), name="a bus", ignore_na=False),
        Check(lambda rows: len(rows) < 100, name="less than 100 rows"),
    ],
    unique=["month", "bus"],
)
LINES = DataFrameSchema({"name": Column(str)})


def month(rows: pd.DataFrame) -> pd.Series:
    return rows["month"].map(lambda number: f"2020-{number:02d}")


@dataclass
class Data:
    """Two months of bus trips and the lines they refer to, to be altered."""

    folder: Path
    references: dict[tuple[str, str], float] = field(default_factory=dict)
    through: str = "2020-02"

    def write(self, name: str, *lines: str) -> None:
        (self.folder / name).write_text("\n".join(lines) + "\n")

    def declared(self) -> Schemas:
        declared: dict[str, Any] = {
            "RAW": {"trips": TRIPS, "lines": LINES},
            "REFERENCES": self.references,
            "period": month,
            "FEATURES": LINES,
        }
        return Schemas.model_validate(declared)

    def tables(self) -> tuple[dict[str, RawTable], Schemas]:
        schemas = self.declared()
        tables, findings = read(self.folder, schemas.RAW)
        assert findings == []
        return tables, schemas

    def findings(self) -> list[Finding]:
        tables, schemas = self.tables()
        found = check(tables, schemas, ["2020-01", "2020-02", "2020-03"], self.through)
        return [_named(finding) for finding in found]


def _named(finding: Finding) -> Finding:
    """The finding with its file by name alone."""
    return Finding(**{**vars(finding), "file": Path(finding.file).name})


HEADER = "month,bus,line,delay"


@pytest.fixture
def data(tmp_path: Path) -> Data:
    data = Data(tmp_path)
    data.write("trips-2020-01.csv", HEADER, "1,1,A,0", "1,2,B,5", "1,3,A,")
    data.write("trips-2020-02.csv", HEADER, "2,1,A,0", "2,2,B,60")
    data.write("lines.csv", "name", "A", "B")
    return data


def test_good_data_has_no_findings(data: Data) -> None:
    data.references = {("trips.line", "lines.name"): 0.0}

    assert data.findings() == []


def test_values_are_told_by_file_with_count_lines_and_samples(data: Data) -> None:
    data.write("trips-2020-01.csv", HEADER, *(f"1,{bus},A,{60 + bus}" for bus in range(1, 8)))
    data.write("trips-2020-02.csv", HEADER, "2,1,A,0", "2,2,B,99")

    assert data.findings() == [
        Finding(
            "trips-2020-01.csv",
            "delay",
            "between 0 and 60",
            7,
            (2, 3, 4, 5, 6),
            ("61.0", "62.0", "63.0", "64.0", "65.0"),
        ),
        Finding("trips-2020-02.csv", "delay", "between 0 and 60", 1, (3,), ("99.0",)),
    ]


def test_several_rules_are_all_told(data: Data) -> None:
    data.write("trips-2020-02.csv", HEADER, "2,1,a,0", "2,2,,61")

    assert [(f.column, f.check, f.lines) for f in data.findings()] == [
        ("line", "a value", (3,)),
        ("line", "one capital letter", (2,)),
        ("delay", "between 0 and 60", (3,)),
    ]


def test_a_rule_of_rows_is_told_once_however_many_columns_there_are(data: Data) -> None:
    data.write("trips-2020-02.csv", HEADER, "2,1,A,0", "2,0,B,5", "2,-1,B,5")

    assert data.findings() == [Finding("trips-2020-02.csv", "", "a bus", 2, (3, 4))]


def test_rules_that_may_rely_on_a_type_are_not_asked_where_it_is_wrong(data: Data) -> None:
    """Neither the period of a row whose month is no number, nor the rule of a bus."""
    data.write("trips-2020-02.csv", HEADER, "2,1,A,0", "two,0,b,5")
    schemas = data.declared()
    tables, _ = read(data.folder, schemas.RAW)

    found = check(tables, schemas, ["2020-01", "2020-02"], "2020-02")

    assert tables["trips"].mistyped == ("month",)
    assert [(f.column, f.check, f.lines) for f in found] == [("line", "one capital letter", (3,))]


def test_a_rule_of_the_table_has_no_lines(data: Data) -> None:
    data.write("trips-2020-01.csv", HEADER, *(f"1,{bus},A,0" for bus in range(1, 101)))

    assert data.findings() == [
        Finding("trips-2020-01.csv … trips-2020-02.csv", "", "less than 100 rows")
    ]


def test_a_key_that_is_there_twice_is_shown_with_all_its_lines(data: Data) -> None:
    data.write("trips-2020-01.csv", HEADER, "1,1,A,0", "1,7,A,0", "1,2,B,5", "1,7,B,3")

    assert data.findings() == [
        Finding("trips-2020-01.csv", "", "(month, bus) only once", 2, (3, 5), ("1 7",))
    ]


def test_a_key_may_be_there_twice_across_files(data: Data) -> None:
    data.write("trips-2020-02.csv", HEADER, "2,1,A,0", "1,2,B,5")

    found = {(f.file, f.check, f.lines) for f in data.findings()}
    assert found == {
        ("trips-2020-01.csv", "(month, bus) only once", (3,)),
        ("trips-2020-02.csv", "(month, bus) only once", (3,)),
        ("trips-2020-02.csv", "rows of 2020-02", (3,)),
    }


def test_rows_of_another_month_are_shown_with_that_month(data: Data) -> None:
    data.write("trips-2020-02.csv", HEADER, "2,1,A,0", "3,9,A,0", "4,9,A,0")

    assert data.findings() == [
        Finding("trips-2020-02.csv", "", "rows of 2020-02", 2, (3, 4), ("2020-03", "2020-04"))
    ]


@pytest.mark.parametrize(
    ("through", "file", "expected"),
    [
        ("2020-03", "trips-2020-03.csv", "the file, which is missing: data.dvc says that 2020-03"),
        ("2020-01", "trips-2020-02.csv", "no such file: data.dvc says that 2020-01 is the last"),
    ],
)
def test_the_months_are_those_up_to_the_last_one(
    data: Data, through: str, file: str, expected: str
) -> None:
    data.through = through

    (found,) = data.findings()

    assert found.file == file
    assert found.check.startswith(expected)


def test_a_month_in_the_middle_is_missed(data: Data) -> None:
    (data.folder / "trips-2020-01.csv").unlink()

    (found,) = data.findings()

    assert found.file == "trips-2020-01.csv"
    assert found.check.startswith("the file, which is missing")


@pytest.mark.parametrize(("allowed", "found"), [(0.0, True), (0.39, True), (0.4, False)])
def test_references_may_miss_up_to_the_share_allowed(
    data: Data, allowed: float, found: bool
) -> None:
    data.write("lines.csv", "name", "A", "A")  # B, in two of five rows, is unknown
    data.references = {("trips.line", "lines.name"): allowed}

    expected = Finding(
        "trips-2020-01.csv … trips-2020-02.csv",
        "line",
        f"at most {allowed:.1%} of rows without a match in lines.name",
        2,
        (),
        ("40.0% without, such as B",),
    )
    assert data.findings() == ([expected] if found else [])


def test_a_reference_into_a_table_that_could_not_be_read_is_left_to_that_finding(
    data: Data,
) -> None:
    data.references = {("trips.line", "lines.name"): 0.0}
    tables, schemas = data.tables()
    del tables["lines"]

    assert check(tables, schemas, ["2020-01", "2020-02"], "2020-02") == []
