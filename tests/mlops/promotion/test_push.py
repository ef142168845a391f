"""What the pipeline computed goes to the DVC remote; a runner says by GitHub's word who it is."""

import json
import os
import shutil
import stat
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from mlops import dvc
from mlops.errors import DataError, DeclarationError
from mlops.github.api import GitHubError
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
ROLE = "arn:aws:iam::123456789012:role/promotion"


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
    for name in ("GITHUB_ACTIONS", "MLOPS_REMOTE", "AWS_ROLE_ARN", push.TOKEN_FILE):
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


class Vouching(BaseHTTPRequestHandler):
    """GitHub's endpoint for a job's identity; it answers with `status` and `said`."""

    status, said = 200, json.dumps({"value": "header.claims.signature"})
    asked: list[tuple[dict[str, list[str]], str | None]]

    def do_GET(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        self.asked.append((query, self.headers["Authorization"]))
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write(self.said.encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def github(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Vouching]]:
    """A job with the permission `id-token: write` and a role to take."""

    class Handler(Vouching):
        asked: list[tuple[dict[str, list[str]], str | None]] = []  # noqa: RUF012 - the test's own

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.delenv(push.TOKEN_FILE, raising=False)
    for name, value in {
        "GITHUB_ACTIONS": "true",
        "RUNNER_TEMP": str(tmp_path),
        "AWS_ROLE_ARN": ROLE,
        "ACTIONS_ID_TOKEN_REQUEST_URL": f"http://127.0.0.1:{server.server_port}/id?api-version=2.0",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "the runner's",
    }.items():
        monkeypatch.setenv(name, value)
    yield Handler
    server.shutdown()
    server.server_close()


def test_the_job_shows_github_s_word_in_a_file_of_its_own(
    github: type[Vouching], tmp_path: Path
) -> None:
    with push.web_identity():
        file = Path(os.environ["AWS_WEB_IDENTITY_TOKEN_FILE"])
        assert file.read_text() == "header.claims.signature"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert file.parent == tmp_path

    assert github.asked == [
        ({"api-version": ["2.0"], "audience": ["sts.amazonaws.com"]}, "Bearer the runner's")
    ]
    assert not file.exists()
    assert push.TOKEN_FILE not in os.environ


@pytest.mark.parametrize(
    ("name", "value"),
    [("GITHUB_ACTIONS", ""), ("AWS_ROLE_ARN", ""), ("AWS_WEB_IDENTITY_TOKEN_FILE", "/given")],
)
def test_elsewhere_or_without_a_role_nobody_is_asked(
    github: type[Vouching], monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    before = dict(os.environ)

    with push.web_identity():
        assert dict(os.environ) == before
    assert github.asked == []


@pytest.mark.usefixtures("github")
def test_a_job_without_the_permission_is_told_which(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN")

    with pytest.raises(GitHubError, match="id-token: write"), push.web_identity():
        pass


@pytest.mark.parametrize(
    ("status", "said", "told"),
    [(403, "", "403"), (200, "{}", "KeyError"), (200, "[1]", "TypeError"), (200, "?", "JSON")],
)
def test_an_answer_that_vouches_for_nobody_is_told(
    github: type[Vouching], status: int, said: str, told: str
) -> None:
    github.status, github.said = status, said

    with pytest.raises(GitHubError, match=told), push.web_identity():
        pass
    assert push.TOKEN_FILE not in os.environ
