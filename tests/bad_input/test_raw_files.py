"""Raw files that are broken in one way each: validate says which, where, and what to do."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from mlops.data import pin
from tests.bad_input.conftest import Stage, changed, snapshot
from tests.conftest import Run, repin

MARCH = "data/raw/flights-2013-03.csv"
REPORTS = {"metrics/data.json", "reports/data_quality.md"}
Break = Callable[[Path], None]


def lines_of(file: str) -> list[str]:
    return Path(file).read_text().splitlines()


def put(file: str, lines: list[str]) -> None:
    Path(file).write_text("\n".join(lines) + "\n")


def cell(file: str, line: int, column: str, value: str) -> Break:
    """Set the cell of a column in a line (the header is line 1)."""

    def break_it(_: Path) -> None:
        lines = lines_of(file)
        cells = lines[line - 1].split(",")
        cells[lines[0].split(",").index(column)] = value
        lines[line - 1] = ",".join(cells)
        put(file, lines)

    return break_it


def header(before: str, after: str) -> Break:
    def break_it(_: Path) -> None:
        first, *rest = lines_of(MARCH)
        put(MARCH, [f",{first},".replace(f",{before},", f",{after},").strip(","), *rest])

    return break_it


def without_column(_: Path) -> None:
    lines = [line.split(",") for line in lines_of(MARCH)]
    at = lines[0].index("distance")
    put(MARCH, [",".join(cells[:at] + cells[at + 1 :]) for cells in lines])


def with_another_column(_: Path) -> None:
    first, *rest = lines_of(MARCH)
    put(MARCH, [f"{first},colour", *(f"{line},red" for line in rest)])


def flight_twice(_: Path) -> None:
    lines = lines_of(MARCH)
    put(MARCH, [*lines[:5], lines[4], *lines[5:]])


def april_flight_in_march(_: Path) -> None:
    """The last flight of April moves to the end of March's file."""
    april = lines_of("data/raw/flights-2013-04.csv")
    put("data/raw/flights-2013-04.csv", april[:-1])
    put(MARCH, [*lines_of(MARCH), april[-1]])


def days_out_of_order(_: Path) -> None:
    first, *rest = lines_of(MARCH)
    put(MARCH, [first, rest[-1], *rest[:-1]])


def missing_month(_: Path) -> None:
    Path("data/raw/flights-2013-04.csv").unlink()


def month_too_many(_: Path) -> None:
    august = lines_of("data/raw/flights-2013-08.csv")
    put("data/raw/flights-2013-09.csv", [row.replace("2013,8,", "2013,9,") for row in august])


def empty(_: Path) -> None:
    Path(MARCH).write_bytes(b"")


def only_a_header(_: Path) -> None:
    put(MARCH, lines_of(MARCH)[:1])


def cut_within_a_line(_: Path) -> None:
    lines = lines_of(MARCH)
    Path(MARCH).write_text("\n".join(lines[:50]) + "\n" + lines[50][:20])


def cut_before(day: int, file: str) -> Break:
    """Cut at a line's end, so that the file is in order and its last days are missing."""

    def break_it(_: Path) -> None:
        lines = lines_of(file)
        put(file, [lines[0], *(line for line in lines[1:] if int(line.split(",")[2]) < day)])

    return break_it


def not_utf8(_: Path) -> None:
    lines = Path(MARCH).read_bytes().split(b"\n")
    lines[3] = lines[3].replace(b",", b",\xe9", 1)
    Path(MARCH).write_bytes(b"\n".join(lines))


def a_cell_too_many(_: Path) -> None:
    lines = lines_of(MARCH)
    lines[8] += ",more"
    put(MARCH, lines)


def missing_table(_: Path) -> None:
    Path("data/raw/planes.csv").unlink()


class Case(NamedTuple):
    """A way to break the raw files, and what is said of it: file, column, rule, line, sample."""

    break_it: Break
    file: str
    column: str
    expected: str
    line: int | None = None
    sample: str = ""


CASES = {
    "column missing": Case(without_column, MARCH, "distance", "this column; it is missing"),
    "column extra": Case(with_another_column, MARCH, "colour", "no such column"),
    "column renamed": Case(
        header("distance", "distnce"), MARCH, "distance", "this column; distnce is there instead"
    ),
    "wrong type": Case(
        cell(MARCH, 7, "distance", "far"), MARCH, "distance", "a whole number", 7, "far"
    ),
    "month that is no number": Case(
        cell(MARCH, 7, "month", "May"), MARCH, "month", "a whole number", 7, "May"
    ),
    "fraction": Case(cell(MARCH, 7, "day", "1.5"), MARCH, "day", "a whole number", 7, "1.5"),
    "value out of range": Case(
        cell(MARCH, 5, "dep_delay", "99999"),
        MARCH,
        "dep_delay",
        "between -120 and 2880",
        5,
        "99999.0",
    ),
    "unknown code": Case(
        cell(MARCH, 6, "origin", "BOS"), MARCH, "origin", "one of EWR, JFK, LGA", 6, "BOS"
    ),
    "duplicate flights": Case(
        flight_twice, MARCH, "", "(time_hour, carrier, flight) only once", 5, "2013-03-01T"
    ),
    "rows of another month": Case(
        april_flight_in_march, MARCH, "", "rows of 2013-03", None, "2013-04"
    ),
    "days out of order": Case(days_out_of_order, MARCH, "", "days in order", 3),
    "missing month": Case(
        missing_month,
        "data/raw/flights-2013-04.csv",
        "",
        "the file, which is missing: data.dvc says that 2013-08 is the last period",
    ),
    "month too many": Case(
        month_too_many,
        "data/raw/flights-2013-09.csv",
        "",
        "no such file: data.dvc says that 2013-08 is the last period",
    ),
    "empty file": Case(empty, MARCH, "", "a header and rows; the file is empty"),
    "only a header": Case(only_a_header, MARCH, "", "rows; there is only a header"),
    "cut within a line": Case(
        cut_within_a_line, MARCH, "", "a line end at the end; the file is truncated", 51
    ),
    "last day cut off": Case(
        cut_before(31, MARCH),
        "data/raw/flights-2013-04.csv",
        "",
        "rows of the day before, too",
        2,
    ),
    "newest day cut off": Case(
        cut_before(31, "data/raw/flights-2013-08.csv"),
        "data/raw/flights-2013-08.csv",
        "",
        "rows up to the last day of the month",
    ),
    "not UTF-8": Case(not_utf8, MARCH, "", "UTF-8 text", 4, "b'\\xe9"),
    "a cell too many": Case(
        a_cell_too_many, MARCH, "", "as many cells in each line as in the header", 9
    ),
    "table missing": Case(missing_table, "data/raw/planes.csv", "", "the file, which is missing"),
}


@pytest.mark.usefixtures("in_actions")
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_it_is_told_with_its_place_and_remedy_and_the_reports_are_whole(
    repository: Path, stage: Stage, case: Case
) -> None:
    case.break_it(repository)
    before = snapshot(repository)

    ended = stage("validate")

    said = ended.refused(4)
    assert " data checks failed, the first: data/raw/" in said
    assert "Mend the data and `dvc add data`, or, where the rule is wrong, src/problem/" in said
    assert changed(before, snapshot(repository)) == REPORTS

    summary = json.loads(Path("metrics/data.json").read_text())
    report = Path("reports/data_quality.md").read_text()
    assert summary["failed_checks"] >= 1
    assert summary["md5"] == pin.digest(pin.DATA).md5
    assert f"**{summary['failed_checks']} checks failed.**" in report
    beginning = f"| {case.file} | {case.column} | {case.expected}"
    (row,) = [line for line in report.splitlines() if line.startswith(beginning)]
    assert case.sample in row

    place = f"::error file={case.file}" + (f",line={case.line}" if case.line else "")
    (annotation,) = [
        a
        for a in ended.out.splitlines()
        if a.startswith(place) and f"expected {case.expected}" in a
    ]
    assert case.column in annotation


def test_failures_are_grouped_by_file_column_and_check(repository: Path, stage: Stage) -> None:
    for line in (5, 7, 9, 11, 13, 15, 17):
        cell(MARCH, line, "distance", f"-{line}")(repository)
    cell(MARCH, 7, "dep_delay", "-999")(repository)
    cell("data/raw/weather-2013-05.csv", 3, "humid", "101")(repository)

    said = stage("validate").refused(4)

    assert "3 data checks failed" in said
    summary = json.loads(Path("metrics/data.json").read_text())
    assert (summary["failed_checks"], summary["failed_rows"]) == (3, 9)
    report = Path("reports/data_quality.md").read_text()
    assert (
        f"| {MARCH} | distance | between 1 and 6000 | 7 | 5, 7, 9, 11, 13 | -5, -7, -9, -11, -13 |"
        in report
    )
    assert f"| {MARCH} | dep_delay | between -120 and 2880 | 1 | 7 | -999.0 |" in report
    assert "| data/raw/weather-2013-05.csv | humid | between 0 and 100 | 1 | 3 | 101.0 |" in report


@pytest.mark.parametrize("column", ["year", "month", "day", "distance"])
def test_a_word_among_numbers_is_all_that_is_told(
    repository: Path, stage: Stage, column: str
) -> None:
    cell(MARCH, 7, column, "May")(repository)

    said = stage("validate").refused(4)

    expected = f"{MARCH}: {column}: expected a whole number; not so in 1 row, such as May (line 7)."
    assert f"1 data checks failed, the first: {expected} " in said


def test_bad_data_that_is_pinned_stops_the_run_with_code_4_before_features(
    finished: Path, run: Run
) -> None:
    cell(MARCH, 5, "distance", "-1")(finished)
    repin(finished)
    before = snapshot(finished)

    stopped = run("mlops", "run")

    assert stopped.returncode == 4
    assert f"{MARCH}: distance: expected between 1 and 6000; not so in 1 row" in stopped.stderr
    assert "Traceback" not in stopped.stdout + stopped.stderr
    assert "Running stage 'features'" not in stopped.stdout
    assert changed(before, snapshot(finished)) == REPORTS
    assert json.loads(Path("metrics/data.json").read_text())["failed_checks"] == 1


def test_mended_data_passes_and_the_reports_say_so(repository: Path, stage: Stage) -> None:
    good = Path(MARCH).read_bytes()
    without_column(repository)
    stage("validate").refused(4)
    Path(MARCH).write_bytes(good)

    assert stage("validate").code == 0

    assert json.loads(Path("metrics/data.json").read_text())["failed_checks"] == 0
    assert "All checks passed" in Path("reports/data_quality.md").read_text()


def test_the_feature_stage_does_not_build_on_a_file_that_cannot_be_read(
    finished: Path, stage: Stage
) -> None:
    empty(finished)
    before = snapshot(finished)

    said = stage("features").refused(4)

    assert said.startswith(f"error: {MARCH}: expected a header and rows; the file is empty")
    assert changed(before, snapshot(finished)) == set()
