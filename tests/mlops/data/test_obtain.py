"""data/ is brought to what data.dvc pins from whoever has it, or is told why not."""

import shutil
import subprocess
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from mlops import dvc
from mlops.data import pin
from mlops.data.obtain import Obtained, advance, materialise
from mlops.errors import DataError
from problem import source
from tests.conftest import ROOT, execute

FILES = {
    "a-2013-01.csv": "month,x\n1,1\n",
    "a-2013-02.csv": "month,x\n2,1\n",
    "a-2013-03.csv": "month,x\n3,9\n",
}


def small_source(directory: Path, through: str) -> None:
    """A source of three one-line months."""
    for name, content in FILES.items():
        if name.removeprefix("a-").removesuffix(".csv") <= through:
            (directory / name).write_text(content)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A DVC project that pins two months of the small source and has no data yet."""
    monkeypatch.setattr(source, "materialise", small_source)
    monkeypatch.setattr(source, "PERIODS", ("2013-01", "2013-02", "2013-03"))
    folder = tmp_path / "project"
    (folder / ".dvc").mkdir(parents=True)
    (folder / ".dvc" / "config").write_text("[core]\n    no_scm = true\n")
    monkeypatch.chdir(folder)
    pin.RAW.mkdir(parents=True)
    small_source(pin.RAW, "2013-02")
    content = pin.digest(pin.DATA)
    pin.PATH.write_text(
        f"meta:\n  through: 2013-02 # last month\nouts:\n- md5: {content.md5}\n"
        f"  size: {content.size}\n  nfiles: 2\n  hash: md5\n  path: data\n"
    )
    shutil.rmtree(pin.DATA)
    return folder


def no_source(_: Path, through: str) -> None:
    raise OSError(f"no way to the source of {through}")


def held() -> dict[str, str]:
    return {path.name: path.read_text() for path in pin.RAW.iterdir()}


def leftovers() -> list[str]:
    """What lies in the project beside what belongs there."""
    return sorted({p.name for p in Path().iterdir()} - {".dvc", ".mlops", "data", "data.dvc"})


JANUARY_AND_FEBRUARY = {name: FILES[name] for name in list(FILES)[:2]}


@pytest.mark.usefixtures("project")
def test_without_cache_or_remote_the_source_rebuilds_it_and_then_it_is_in_place() -> None:
    assert materialise() == Obtained("source", "2013-02")
    assert held() == JANUARY_AND_FEBRUARY

    assert materialise() == Obtained("in place", "2013-02")
    assert leftovers() == []


def test_the_cache_is_asked_before_the_source(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_in_place()
    assert execute(project, "dvc", "commit", "-q", "-f", "data.dvc").returncode == 0
    shutil.rmtree(pin.DATA)
    monkeypatch.setattr(source, "materialise", no_source)

    assert materialise() == Obtained("cache", "2013-02")
    assert held() == JANUARY_AND_FEBRUARY


def test_a_remote_is_asked_before_the_source(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_in_place()
    config = project / ".dvc" / "config"
    config.write_text(
        f"[core]\n    no_scm = true\n    remote = disk\n['remote \"disk\"']\n"
        f"    url = {tmp_path / 'remote'}\n"
    )
    assert execute(project, "dvc", "commit", "-q", "-f", "data.dvc").returncode == 0
    assert execute(project, "dvc", "push", "-q").returncode == 0
    shutil.rmtree(project / ".dvc" / "cache")
    shutil.rmtree(pin.DATA)
    monkeypatch.setattr(source, "materialise", no_source)

    assert materialise() == Obtained("remote", "2013-02")
    assert held() == JANUARY_AND_FEBRUARY


@pytest.mark.usefixtures("project")
def test_a_source_that_fails_is_named_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "materialise", no_source)

    with pytest.raises(DataError, match="from its source: no way to the source of 2013-02"):
        materialise()

    assert not pin.DATA.exists()
    assert leftovers() == []


@pytest.mark.usefixtures("project")
def test_ctrl_c_while_rebuilding_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(directory: Path, through: str) -> None:
        small_source(directory, "2013-01")
        raise KeyboardInterrupt

    monkeypatch.setattr(source, "materialise", interrupted)

    with pytest.raises(KeyboardInterrupt):
        materialise()

    assert not pin.DATA.exists()
    assert leftovers() == []


@pytest.mark.usefixtures("project")
def test_a_source_that_gives_other_bytes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def other(directory: Path, through: str) -> None:
        small_source(directory, through)
        (directory / "a-2013-01.csv").write_text("month,x\n1,2\n")

    monkeypatch.setattr(source, "materialise", other)

    with pytest.raises(DataError, match=r"data\.dvc pins .*, but its source gives .*DVC remote"):
        materialise()

    assert not pin.DATA.exists()
    assert leftovers() == []


def put_in_place() -> None:
    pin.RAW.mkdir(parents=True)
    small_source(pin.RAW, "2013-02")
    assert pin.digest(pin.DATA).md5 == pin.read().md5


def changed_data() -> None:
    """Data in place, with one file altered, one missing and one more."""
    put_in_place()
    (pin.RAW / "a-2013-01.csv").write_text("month,x\n1,5\n")
    (pin.RAW / "a-2013-02.csv").unlink()
    (pin.RAW / "notes.txt").write_text("mine")


@pytest.mark.usefixtures("project")
def test_changed_data_is_somebodys_work_and_is_not_replaced() -> None:
    changed_data()
    before = held()

    with pytest.raises(DataError) as refused:
        materialise()

    said = str(refused.value)
    assert "data/raw/a-2013-01.csv (altered)" in said
    assert "data/raw/a-2013-02.csv (missing)" in said
    assert "data/raw/notes.txt (not expected)" in said
    assert "`mlops data --restore`" in said
    assert "`dvc add data`" in said
    assert refused.value.file == "data.dvc"
    assert held() == before


@pytest.mark.usefixtures("project")
def test_changed_data_is_replaced_when_asked_to() -> None:
    changed_data()

    assert materialise(restore=True).origin == "source"

    assert held() == JANUARY_AND_FEBRUARY
    assert leftovers() == []


def test_the_next_month_moves_the_pin_as_dvc_add_would(project: Path, tmp_path: Path) -> None:
    put_in_place()

    assert advance("2013-03") == Obtained("source", "2013-03")

    assert held() == FILES
    assert dvc.cached_listing(pin.read().md5) is not None
    copy = tmp_path / "copy"
    shutil.copytree(project / "data", copy / "data")
    shutil.copytree(project / ".dvc", copy / ".dvc", ignore=shutil.ignore_patterns("cache", "tmp"))
    assert execute(copy, "dvc", "add", "-q", "data").returncode == 0
    ours, dvcs = (YAML(typ="safe").load((p / "data.dvc").read_text()) for p in (project, copy))
    assert ours["outs"] == dvcs["outs"]
    assert ours["meta"] == {"through": "2013-03"}
    assert "# last month" in pin.PATH.read_text()
    assert materialise().origin == "in place"


@pytest.mark.usefixtures("project")
def test_a_new_problem_gets_its_first_pin_from_its_source(project: Path) -> None:
    (project / "data.dvc").unlink()

    assert advance() == Obtained("source", "2013-03")

    assert held() == FILES
    assert pin.read() == pin.Pin(pin.digest(pin.DATA).md5, "2013-03")
    assert materialise().origin == "in place"


@pytest.mark.usefixtures("project")
def test_a_month_that_the_source_lacks_is_refused() -> None:
    put_in_place()
    before = pin.PATH.read_text()

    with pytest.raises(DataError, match="no period '2013-04'; it has 2013-01 to 2013-03"):
        advance("2013-04")

    assert pin.PATH.read_text() == before
    assert held() == JANUARY_AND_FEBRUARY


@pytest.mark.usefixtures("project")
def test_changed_data_is_not_moved_on() -> None:
    changed_data()
    before = held()

    with pytest.raises(DataError, match=r"a-2013-01\.csv \(altered\)"):
        advance("2013-03")

    assert held() == before
    assert pin.read().through == "2013-02"


@pytest.mark.usefixtures("project")
def test_a_failure_on_the_way_to_the_next_month_keeps_data_and_pin(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put_in_place()
    before = pin.PATH.read_text()
    monkeypatch.setattr(source, "materialise", no_source)

    with pytest.raises(DataError):
        advance("2013-03")

    assert held() == JANUARY_AND_FEBRUARY
    assert pin.PATH.read_text() == before
    assert leftovers() == []


def test_the_real_source_gives_what_the_repository_pins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(ROOT / "data.dvc", tmp_path)
    monkeypatch.chdir(tmp_path)

    assert materialise().origin == "source"

    january = subprocess.run(
        ["md5sum", "data/raw/flights-2013-01.csv"], capture_output=True, text=True, check=True
    )
    assert january.stdout.split()[0] == "d64193fc80527ddad843b88a4d4cab64"
    assert materialise().origin == "in place"
