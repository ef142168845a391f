"""Data that is not what data.dvc pins: nothing runs on it, and nothing of it is lost."""

import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest

from mlops.data.obtain import materialise
from mlops.errors import ending
from problem import source
from tests.bad_input.conftest import changed, snapshot
from tests.conftest import ROOT, Run

MARCH = "data/raw/flights-2013-03.csv"


def test_a_tampered_file_stops_the_run_with_code_3(finished: Path, run: Run) -> None:
    with Path(MARCH).open("a") as file:
        file.write("2013,3,31,…\n")
    before = snapshot(finished)

    stopped = run("mlops", "run")

    assert stopped.returncode == 3
    assert stopped.stderr.startswith("error: data/ is not what data.dvc pins (md5 ")
    assert "`mlops data --restore`" in stopped.stderr
    assert "`dvc add data`, then commit data.dvc" in stopped.stderr
    assert "Traceback" not in stopped.stderr
    assert "Running stage" not in stopped.stdout
    assert changed(before, snapshot(finished)) == set()
    assert run("git", "status", "--porcelain").stdout == ""


@pytest.fixture
def real(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The real data and its pin alone, current directory."""
    folder = tmp_path / "real"
    (folder / "data" / "raw").mkdir(parents=True)
    shutil.copy(ROOT / "data.dvc", folder)
    source.materialise(folder / "data" / "raw", "2013-08")
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.usefixtures("real")
def test_the_tampered_file_is_named_where_the_source_still_has_the_pinned_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with Path(MARCH).open("a") as file:
        file.write("one more line\n")
    Path("data/raw/planes.csv").unlink()
    tampered = Path(MARCH).read_bytes()

    assert ending(materialise) == 3

    said = capsys.readouterr().err
    assert f"{MARCH} (altered), data/raw/planes.csv (missing). To go back" in said
    assert Path(MARCH).read_bytes() == tampered
    assert {p.name for p in Path().iterdir()} == {"data", "data.dvc", ".mlops"}
    assert list(Path(".mlops").iterdir()) == []


def test_an_altered_data_package_is_refused_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    package = find_spec(source.PACKAGE)
    assert package is not None
    assert package.origin is not None
    altered = tmp_path / "packages" / source.PACKAGE
    shutil.copytree(Path(package.origin).parent, altered, ignore=shutil.ignore_patterns("*.pyc"))
    (altered / "data" / "planes.csv").write_text("tailnum,year\n")
    monkeypatch.syspath_prepend(tmp_path / "packages")
    folder = tmp_path / "repository"
    folder.mkdir()
    shutil.copy(ROOT / "data.dvc", folder)
    monkeypatch.chdir(folder)

    assert ending(materialise) == 3

    said = capsys.readouterr().err
    assert said.startswith("error: the data cannot be rebuilt from its source: ")
    assert "planes.csv was altered: its sha256 is " in said
    assert "run `make environment`" in said
    assert [p.name for p in folder.iterdir()] == ["data.dvc"]


@pytest.mark.usefixtures("finished")
def test_an_unknown_month_is_refused_with_code_3_and_moves_nothing(run: Run) -> None:
    stopped = run("mlops", "data", "--through", "2014-01")

    assert stopped.returncode == 3
    assert stopped.stderr == (
        "error: the source has no period '2014-01'; it has 2013-01 to 2013-12\n"
    )
    assert run("git", "status", "--porcelain").stdout == ""
