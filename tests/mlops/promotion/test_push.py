"""What the pipeline computed goes to the DVC remote."""

import shutil
from pathlib import Path

import pytest

from mlops import dvc
from mlops.errors import DataError, DeclarationError
from mlops.promotion import push
from tests.conftest import execute, once

STAGES = """\
stages:
  one:
    cmd: echo one > one.txt
    outs: [one.txt]
  two:
    cmd: echo two > two.txt
    deps: [one.txt]
    outs: [two.txt]
"""


@pytest.fixture
def project(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A DVC project whose pipeline ran, current directory; on nobody's runner."""

    def make(folder: Path) -> None:
        (folder / ".dvc").mkdir()
        (folder / ".dvc" / "config").write_text("[core]\n    no_scm = true\n")
        (folder / "dvc.yaml").write_text(STAGES)
        assert execute(folder, "dvc", "repro", "--quiet").returncode == 0

    folder = tmp_path / "project"
    shutil.copytree(once(tmp_path_factory, "dvc-project", make), folder)
    monkeypatch.chdir(folder)
    for name in ("GITHUB_ACTIONS", "MLOPS_REMOTE", "AWS_ROLE_ARN"):
        monkeypatch.delenv(name, raising=False)
    return folder


def files(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


@pytest.mark.usefixtures("project")
def test_without_a_remote_nothing_is_pushed_and_that_is_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    push.push()

    assert "no DVC remote is configured, so nothing is pushed" in capsys.readouterr().out


def test_another_machine_gets_it_from_there_and_the_repository_is_left_as_it_is(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MLOPS_REMOTE", "../a remote")
    settings = (project / ".dvc" / "config").read_text()

    push.push()

    remote = project.parent / "a remote"
    pushed = files(remote)
    assert sum(name.startswith("files/md5/") for name in pushed) == 2
    assert any(name.startswith("runs/") for name in pushed)
    assert "the DVC remote has all" in capsys.readouterr().out
    assert (project / ".dvc" / "config").read_text() == settings
    assert not (project / ".dvc" / "config.local").exists()

    push.push()
    assert files(remote) == pushed

    shutil.rmtree(project / ".dvc" / "cache")
    for out in ("one.txt", "two.txt"):
        (project / out).unlink()
    assert dvc.pull("dvc.yaml")
    assert (project / "two.txt").read_text() == "two\n"


def test_what_was_altered_at_the_remote_is_not_taken(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLOPS_REMOTE", str(project.parent / "remote"))
    push.push()
    (one,) = (
        path
        for path in (project.parent / "remote" / "files").rglob("*")
        if path.is_file() and path.read_text() == "one\n"
    )
    one.chmod(0o644)
    one.write_text("another\n")
    shutil.rmtree(project / ".dvc" / "cache")
    (project / "one.txt").unlink()

    assert not dvc.pull("dvc.yaml")
    assert not (project / "one.txt").exists()


def test_a_remote_of_the_repositorys_own_is_used(project: Path) -> None:
    with (project / ".dvc" / "config").open("a") as settings:
        settings.write("    remote = own\n['remote \"own\"']\n    url = ../../own\n")

    push.push()

    assert len(files(project.parent / "own" / "files")) == 2


def test_what_is_neither_here_nor_there_is_told(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLOPS_REMOTE", "../remote")
    shutil.rmtree(project / ".dvc" / "cache")

    with pytest.raises(DataError, match=r"^2 of the objects .* `mlops run`"):
        push.push()


@pytest.mark.usefixtures("project")
def test_a_remote_that_refuses_is_told_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLOPS_REMOTE", "/dev/null/remote")

    with pytest.raises(DataError, match=r"does not take it: .*"):
        push.push()


@pytest.mark.parametrize("address", ['a"b', "a\nurl = elsewhere", " "])
def test_an_address_that_no_configuration_holds_is_refused(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLOPS_REMOTE", address)

    with pytest.raises(DeclarationError, match=r"MLOPS_REMOTE: expected the URL or the path"):
        dvc.push()
