"""DVC, as the machinery calls it, in a real repository."""

import sys
from pathlib import Path

import pytest

from mlops import dvc
from mlops.data import pin
from mlops.errors import DataError
from tests.conftest import execute

STAGE = """\
stages:
  one:
    cmd: python stage.py
    deps: [stage.py]
    outs: [out.txt]
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty DVC project without git, current directory."""
    (tmp_path / ".dvc").mkdir()
    (tmp_path / ".dvc" / "config").write_text("[core]\n    no_scm = true\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def pinned_folder(project: Path) -> str:
    """A folder `data` of two files, added and then removed; returns its hash."""
    (project / "data" / "raw").mkdir(parents=True)
    (project / "data" / "raw" / "a.csv").write_text("x\n1\n")
    (project / "data" / "b.csv").write_text("x\n2\n")
    assert execute(project, "dvc", "add", "-q", "data").returncode == 0
    return pin.read().md5


def test_a_cached_folder_is_listed_and_checked_out(project: Path) -> None:
    md5 = pinned_folder(project)
    before = pin.digest(Path("data"))
    (project / "data" / "b.csv").unlink()

    assert dvc.checkout("data.dvc")

    assert pin.digest(Path("data")) == before
    assert dvc.cached_listing(md5) == before.files


@pytest.mark.usefixtures("project")
def test_without_a_cache_there_is_nothing_to_check_out_or_list() -> None:
    assert not dvc.checkout("data.dvc")
    assert dvc.cached_listing("0123456789abcdef0123456789abcdef.dir") is None


@pytest.mark.usefixtures("project")
def test_without_a_remote_there_is_nothing_to_pull() -> None:
    assert not dvc.pull("data.dvc")


def test_repro_runs_with_this_python_and_returns_0(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    (project / "dvc.yaml").write_text(STAGE)
    (project / "stage.py").write_text("import sys\nopen('out.txt', 'w').write(sys.prefix)\n")

    assert dvc.repro(["--quiet"]) == (0, "")

    assert (project / "out.txt").read_text() == sys.prefix


@pytest.mark.parametrize("code", [4, 130])
def test_repro_returns_the_code_of_the_stage_that_failed(
    project: Path, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "dvc.yaml").write_text(STAGE)
    (project / "stage.py").write_text(f"raise SystemExit({code})\n")

    found, said = dvc.repro([])

    assert found == code
    assert said.startswith("failed to reproduce 'one'")
    assert "failed to reproduce 'one'" in capsys.readouterr().err


def test_repro_of_a_broken_pipeline_is_dvcs_own_code(project: Path) -> None:
    (project / "dvc.yaml").write_text("stages: [\n")

    code, said = dvc.repro([])

    assert code == 255
    assert "dvc.yaml" in said


def test_a_state_that_dvc_cannot_tell_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    with pytest.raises(DataError, match="`dvc status` failed: ERROR: you are not inside"):
        dvc.status()
