"""Reading: every row finds its way back to its line, and what is no table is told where and why."""

from pathlib import Path

import pandas as pd
import pytest
from pandera.pandas import Column, DataFrameSchema

from mlops.data.findings import Finding
from mlops.data.read import RawTable, frames, read

SCHEMA = DataFrameSchema(
    {"code": Column(str, nullable=True), "n": Column(int), "x": Column(float, nullable=True)}
)
GOOD = "code,n,x\nA1,1,0.5\nB2,2,\n"


def table(folder: Path, **files: str | bytes) -> tuple[RawTable | None, list[Finding]]:
    """Read table `t` from files given by their period (`whole` for t.csv)."""
    for period, content in files.items():
        name = "t.csv" if period == "whole" else f"t-{period}.csv"
        data = content if isinstance(content, bytes) else content.encode()
        (folder / name).write_bytes(data)
    tables, findings = read(folder, {"t": SCHEMA})
    return tables.get("t"), findings


def finding(folder: Path, content: str | bytes) -> Finding:
    _, findings = table(folder, whole=content)
    assert len(findings) == 1
    assert findings[0].file == str(folder / "t.csv")
    return findings[0]


def test_types_are_those_declared(tmp_path: Path) -> None:
    found, findings = table(tmp_path, whole=GOOD)

    assert findings == []
    assert found is not None
    assert found.periods == [""]
    expected = pd.DataFrame({"code": ["A1", "B2"], "n": [1, 2], "x": [0.5, None]})
    pd.testing.assert_frame_equal(found.frame, expected.astype({"code": "str"}))
    assert frames({"t": found})["t"] is found.frame


def test_months_are_put_together_in_order_and_each_row_knows_its_line(tmp_path: Path) -> None:
    found, findings = table(tmp_path, b="code,n,x\nC,3,1\n", a=GOOD)

    assert findings == []
    assert found is not None
    assert found.periods == ["a", "b"]
    assert found.frame["n"].tolist() == [1, 2, 3]
    places = [found.place(row) for row in range(3)]
    assert [(path.name, line) for path, line in places] == [
        ("t-a.csv", 2),
        ("t-a.csv", 3),
        ("t-b.csv", 2),
    ]


def test_columns_may_stand_in_another_order(tmp_path: Path) -> None:
    found, _ = table(tmp_path, whole="x,code,n\n0.5,A1,1\n")

    assert found is not None
    assert list(found.frame.columns) == ["code", "n", "x"]
    assert found.frame["n"].tolist() == [1]


@pytest.mark.parametrize("codes", [("007", "012"), ("", ""), ("1.50", ""), ("True", "False")])
def test_a_text_stays_the_text_it_is(tmp_path: Path, codes: tuple[str, str]) -> None:
    found, findings = table(
        tmp_path, a="".join(["code,n,x\n", *(f"{code},1,1\n" for code in codes)]), b=GOOD
    )

    assert findings == []
    assert found is not None
    assert isinstance(found.frame["code"].dtype, pd.StringDtype)
    assert found.frame["code"].fillna("").tolist() == [*codes, "A1", "B2"]


def test_windows_line_ends_are_read(tmp_path: Path) -> None:
    found, findings = table(tmp_path, whole=GOOD.replace("\n", "\r\n"))

    assert findings == []
    assert found is not None
    assert found.frame["code"].tolist() == ["A1", "B2"]


@pytest.mark.parametrize(
    ("content", "expected", "lines"),
    [
        ("", "a header and rows; the file is empty", ()),
        ("\n\n", "a header and rows; the file is empty", ()),
        ("code,n,x\n", "rows; there is only a header", ()),
        (GOOD[:-1], "a line end at the end; the file is truncated", (3,)),
        (GOOD.encode() + b"\xff\xfe,3,1\n", "UTF-8 text", (4,)),
        (GOOD + "C,3,1,9\n", "as many cells in each line as in the header", (4,)),
        ("code,n,x\nA,1,1,9\nB,2,2,9\n", "as many cells in each line as in the header", (2,)),
    ],
)
def test_what_is_no_table_is_told_where(
    tmp_path: Path, content: str | bytes, expected: str, lines: tuple[int, ...]
) -> None:
    found = finding(tmp_path, content)

    assert found.check.startswith(expected)
    assert found.lines == lines


def test_a_word_among_numbers_is_shown_with_its_line(tmp_path: Path) -> None:
    found = finding(tmp_path, "code,n,x\nA,1,0.5\nB,2,warm\nC,3,cold\n")

    assert (found.column, found.check, found.count) == ("x", "a number", 2)
    assert (found.lines, found.samples) == ((3, 4), ("warm", "cold"))


@pytest.mark.parametrize("value", ["1.5", "", "one"])
def test_a_whole_number_is_whole_and_there(tmp_path: Path, value: str) -> None:
    found = finding(tmp_path, f"code,n,x\nA,1,0.5\nB,{value},0.5\n")

    assert (found.column, found.check, found.lines) == ("n", "a whole number", (3,))


def test_a_table_without_a_file_is_missing(tmp_path: Path) -> None:
    found, findings = table(tmp_path)

    assert found is None
    assert findings == [Finding(str(tmp_path / "t.csv"), "", "the file, which is missing")]


def test_every_bad_file_is_told_at_once(tmp_path: Path) -> None:
    found, findings = table(tmp_path, a="", b=GOOD, c="code,n\nA,1\n")

    assert found is None
    assert [Path(f.file).name for f in findings] == ["t-a.csv", "t-c.csv"]
    assert findings[1].column == "x"
