"""The example's raw files: the package's own lines, by month, and nothing of later months."""

import csv
import hashlib
import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest

from problem import source


@pytest.fixture(scope="module")
def two_months(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("two_months")
    source.materialise(folder, "2013-02")
    return folder


def test_there_is_a_file_per_month_up_to_the_last_one_asked_for(two_months: Path) -> None:
    assert sorted(path.name for path in two_months.iterdir()) == [
        "airlines.csv",
        "airports.csv",
        "flights-2013-01.csv",
        "flights-2013-02.csv",
        "planes.csv",
        "weather-2013-01.csv",
        "weather-2013-02.csv",
    ]


def test_januarys_bytes_are_those_that_every_python_and_pandas_gave(two_months: Path) -> None:
    content = (two_months / "flights-2013-01.csv").read_bytes()

    assert hashlib.md5(content).hexdigest() == "d64193fc80527ddad843b88a4d4cab64"


@pytest.mark.parametrize("table", ["flights", "weather"])
@pytest.mark.parametrize("month", ["2013-01", "2013-02"])
def test_a_months_file_has_rows_of_that_month_alone(
    two_months: Path, table: str, month: str
) -> None:
    with (two_months / f"{table}-{month}.csv").open(newline="") as file:
        found = {f"{row['year']}-{int(row['month']):02d}" for row in csv.DictReader(file)}

    assert found == {month}


def test_a_later_month_changes_no_earlier_file(two_months: Path, tmp_path: Path) -> None:
    source.materialise(tmp_path, "2013-04")

    for earlier in two_months.iterdir():
        assert (tmp_path / earlier.name).read_bytes() == earlier.read_bytes()


def test_the_year_is_whole(tmp_path: Path) -> None:
    source.materialise(tmp_path, source.PERIODS[-1])

    rows = [len(p.read_bytes().splitlines()) - 1 for p in sorted(tmp_path.glob("flights-*.csv"))]
    assert len(rows) == 12
    assert sum(rows) == 336_776


def test_an_altered_package_is_refused_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = find_spec(source.PACKAGE)
    assert package is not None
    assert package.origin is not None
    altered = tmp_path / "packages" / source.PACKAGE
    shutil.copytree(Path(package.origin).parent, altered, ignore=shutil.ignore_patterns("*.pyc"))
    with (altered / "data" / "flights.csv.zip").open("ab") as archive:
        archive.write(b"one more byte")
    monkeypatch.syspath_prepend(tmp_path / "packages")
    target = tmp_path / "raw"
    target.mkdir()

    with pytest.raises(ValueError, match=r"flights\.csv\.zip was altered: its sha256 is .*Remove"):
        source.materialise(target, "2013-01")

    assert list(target.iterdir()) == []


def test_an_absent_package_is_told_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "PACKAGE", "nycflights1913")

    with pytest.raises(ValueError, match="nycflights1913 is not installed; run `make environment`"):
        source.materialise(tmp_path, "2013-01")
