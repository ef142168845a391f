"""MLOPS_REMOTE on a real S3-compatible server on loopback, and what is said where none answers."""

import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
from moto.server import ThreadedMotoServer

from mlops import dvc, remote
from mlops.errors import DataError, DeclarationError
from mlops.promotion import push
from tests.conftest import execute, once

BUCKET = "models"


@dataclass
class Store:
    """An S3-compatible server, as MinIO and its like are."""

    url: str
    client: Any

    def address(self, bucket: str = BUCKET) -> str:
        return f"s3://{bucket}/team?endpointurl={self.url}&region=eu-central-1"

    @property
    def keys(self) -> list[str]:
        return [o["Key"] for o in self.client.list_objects_v2(Bucket=BUCKET).get("Contents", [])]

    def lets_everybody_in(self, *, does: bool) -> None:
        """Or only who has a key that the server has given."""
        httpx.post(
            f"{self.url}/moto-api/reset-auth",
            content="inf" if does else "0",
            headers={"Content-Type": "text/plain"},
            trust_env=False,
        ).raise_for_status()


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    started = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    started.start()
    _, port = started.get_host_and_port()
    yield f"http://127.0.0.1:{port}"
    started.stop()


@pytest.fixture
def store(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A bucket with nothing in it, MLOPS_REMOTE in it, and somebody who may use it."""
    (tmp_path / "aws").touch()
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "GITHUB_ACTIONS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {
        "AWS_ACCESS_KEY_ID": "somebody",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_MAX_ATTEMPTS": "1",
        "AWS_CONFIG_FILE": str(tmp_path / "aws"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "aws"),
        "NO_PROXY": "127.0.0.1",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(dvc, "_unreadable", [])
    client = boto3.client("s3", endpoint_url=server, region_name="eu-central-1")
    place = {"LocationConstraint": "eu-central-1"}
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=place)
    there = Store(server, client)
    monkeypatch.setenv("MLOPS_REMOTE", there.address())
    yield there
    there.lets_everybody_in(does=True)
    for key in there.keys:
        client.delete_object(Bucket=BUCKET, Key=key)
    client.delete_bucket(Bucket=BUCKET)


def test_a_run_is_pushed_once_and_a_fresh_clone_runs_nothing(
    store: Store, finished: Path, tmp_path: Path
) -> None:
    """What a machine without the cache does with a pull request that changes a page."""
    pushed = execute(finished, "mlops", "push")
    assert pushed.returncode == 0, pushed.stderr
    assert all(key.startswith("team/") for key in store.keys)
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", str(finished), str(clone)], check=True)

    ran = execute(clone, "mlops", "run")

    assert ran.returncode == 0, ran.stderr
    assert "Running stage" not in ran.stdout
    for output in ("data/raw", "artifacts/model.joblib", "artifacts/predictions.parquet"):
        there = subprocess.run(["diff", "-r", finished / output, clone / output], check=False)
        assert there.returncode == 0
    status = ["git", "status", "--porcelain"]
    said = subprocess.run(status, cwd=clone, capture_output=True, text=True, check=True)
    assert said.stdout == ""


@pytest.fixture
def project(
    store: Store,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """A DVC project with one output, current directory; `store` is its remote."""

    def make(folder: Path) -> None:
        (folder / ".dvc").mkdir()
        (folder / ".dvc" / "config").write_text("[core]\n    no_scm = true\n")
        stage = "{cmd: echo one > one.txt, outs: [one.txt]}"
        (folder / "dvc.yaml").write_text(f"stages: {{one: {stage}}}\n")
        assert execute(folder, "dvc", "repro", "--quiet").returncode == 0

    folder = tmp_path / "project"
    shutil.copytree(once(tmp_path_factory, "dvc-one", make), folder)
    monkeypatch.chdir(folder)
    assert store.keys == []
    return folder


def forget(project: Path) -> None:
    """As on another machine."""
    shutil.rmtree(project / ".dvc" / "cache")
    (project / "one.txt").unlink()


def test_what_was_never_pushed_is_no_trouble_and_what_was_altered_is_refused_by_its_hash(
    project: Path, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    (kept,) = (project / dvc.CACHE).glob("*/*")
    key = f"team/files/md5/{kept.parent.name}/{kept.name}"
    forget(project)

    assert not dvc.pull("dvc.yaml")
    store.client.put_object(Bucket=BUCKET, Key=key, Body=b"two\n")
    assert not dvc.pull("dvc.yaml")
    assert not (project / "one.txt").exists()
    assert capsys.readouterr().out == ""

    store.client.put_object(Bucket=BUCKET, Key=key, Body=b"one\n")
    assert dvc.pull("dvc.yaml")


def lacking_bucket(store: Store, _: pytest.MonkeyPatch) -> str:
    return store.address("another")


def lacking_credentials(store: Store, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    return store.address()


def wrong_credentials(store: Store, _: pytest.MonkeyPatch) -> str:
    store.lets_everybody_in(does=False)
    return store.address()


def nobody_listens(store: Store, _: pytest.MonkeyPatch) -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return store.address().replace(store.url, f"http://127.0.0.1:{port}")


def no_plug_in(_: Store, __: pytest.MonkeyPatch) -> str:
    return "oss://models/team"  # whose plug-in is not among those of the environment


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (lacking_bucket, "there is no such bucket: make it, or mend the address"),
        (lacking_credentials, "nobody has said who asks: log in"),
        (wrong_credentials, "it does not let in who asks: check the credentials"),
        (nobody_listens, "its server does not answer: is it up"),
        (no_plug_in, "the plug-in dvc-oss is not installed: `make environment` brings"),
    ],
)
@pytest.mark.usefixtures("project")
def test_a_push_that_fails_says_what_is_wrong_and_what_to_do(
    store: Store, monkeypatch: pytest.MonkeyPatch, fault: Any, told: str
) -> None:
    monkeypatch.setenv("MLOPS_REMOTE", fault(store, monkeypatch))

    with pytest.raises(DataError) as failed:
        push.push()

    assert told in str(failed.value)
    assert "\n" not in str(failed.value)
    assert failed.value.exit_code == 3


def test_what_pulls_goes_on_without_and_says_so_once(
    project: Path,
    store: Store,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A bucket that is not there looks empty to it: S3 says 404 in either case."""
    monkeypatch.setenv("MLOPS_REMOTE", nobody_listens(store, monkeypatch))
    forget(project)

    assert not dvc.pull("dvc.yaml")
    assert not dvc.pull("dvc.yaml")

    said = " ".join(capsys.readouterr().out.split())
    assert said.count("nothing comes from the DVC remote, so it is made here") == 1
    assert "its server does not answer" in said


class Asked(BaseHTTPRequestHandler):
    """Notes what it was asked, and has none of it."""

    paths: list[str]

    def do_GET(self) -> None:
        self.paths.append(self.path)
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_HEAD = do_POST = do_PUT = do_GET  # noqa: N815 - names of http.server

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def asked() -> Iterator[tuple[str, list[str]]]:
    """The address of a server, and the paths that it was asked for."""

    class Handler(Asked):
        paths: list[str] = []  # noqa: RUF012 - of this test

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=listening.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{listening.server_port}", Handler.paths
    listening.shutdown()
    listening.server_close()


def test_google_is_asked_for_the_bucket(
    project: Path, asked: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """That the plug-in is there and understands the address; no storage stands behind it."""
    url, paths = asked
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", url)
    monkeypatch.setenv("MLOPS_REMOTE", "gs://models/team?projectname=team")
    forget(project)

    assert not dvc.pull("dvc.yaml")

    assert any("/b/models/o" in path and "team" in path for path in paths), paths


def test_azure_is_asked_for_the_container(
    project: Path, asked: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, paths = asked
    key = "Zm9yIHRoaXMgdGVzdA=="
    monkeypatch.setenv(
        "AZURE_STORAGE_CONNECTION_STRING",
        f"AccountName=team;AccountKey={key};BlobEndpoint={url}/team;",
    )
    monkeypatch.setenv("MLOPS_REMOTE", "azure://models/folder?account_name=team")
    forget(project)

    assert not dvc.pull("dvc.yaml")

    assert any(path.startswith("/team/models") for path in paths), paths


def test_an_address_may_name_options_that_are_no_secret() -> None:
    assert remote.settings("s3://b/f?endpointurl=https://minio.example.org:9000&region=x") == {
        "url": "s3://b/f",
        "endpointurl": "https://minio.example.org:9000",
        "region": "x",
    }
    assert remote.settings("azure://c/f?account_name=n")["account_name"] == "n"


@pytest.mark.parametrize(
    "address",
    [
        "s3://bucket?secret_access_key=x",
        "s3://bucket?endpointurl=",
        "gs://bucket?endpointurl=http://x",
        "https://example.org/folder?region=x",
    ],
)
def test_other_options_are_refused(address: str) -> None:
    with pytest.raises(DeclarationError, match=r"MLOPS_REMOTE: .*docs/remotes\.md"):
        remote.settings(address)


def test_a_path_means_the_same_in_another_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLOPS_REMOTE", "../store")
    assert remote.absolute() == {"MLOPS_REMOTE": str(tmp_path / "../store")}

    monkeypatch.setenv("MLOPS_REMOTE", "s3://bucket")
    assert remote.absolute() == {}


def test_the_name_of_a_file_that_is_lacking_is_not_taken_for_a_reason() -> None:
    said = "ERROR: failed to pull - Checkout failed for following targets:\n{}\nIs it up to date?"

    assert remote.trouble(said.format("forbidden.csv")) == ""
    assert remote.trouble("ERROR: disk full\n").startswith("disk full; check its address")
