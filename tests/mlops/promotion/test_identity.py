"""A runner says to a cloud, by GitHub's word, who it is."""

import json
import os
import stat
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from azure.identity import WorkloadIdentityCredential
from google.auth import identity_pool

from mlops.github.api import GitHubError
from mlops.promotion.identity import CLOUDS, web_identity

ROLE = "arn:aws:iam::123456789012:role/promotion"
POOL = "projects/123/locations/global/workloadIdentityPools/github/providers/github"
TOKEN_FILE = "AWS_WEB_IDENTITY_TOKEN_FILE"


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
    for cloud in CLOUDS:
        for name in (*cloud.asks, cloud.reads):
            monkeypatch.delenv(name, raising=False)
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
    with web_identity():
        file = Path(os.environ["AWS_WEB_IDENTITY_TOKEN_FILE"])
        assert file.read_text() == "header.claims.signature"
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
        assert file.parent.parent == tmp_path

    assert github.asked == [
        ({"api-version": ["2.0"], "audience": ["sts.amazonaws.com"]}, "Bearer the runner's")
    ]
    assert not file.parent.exists()
    assert TOKEN_FILE not in os.environ


def test_google_s_library_takes_it(github: type[Vouching], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ROLE_ARN")
    monkeypatch.setenv("GCP_IDENTITY_PROVIDER", POOL)
    monkeypatch.setenv("GCP_SERVICE_ACCOUNT", "store@team.iam.gserviceaccount.com")

    with web_identity():
        file = os.environ["GOOGLE_APPLICATION_CREDENTIALS"]
        found = identity_pool.Credentials.from_file(file)  # type: ignore[no-untyped-call]
        assert found.retrieve_subject_token(None) == "header.claims.signature"
        assert found.service_account_email == "store@team.iam.gserviceaccount.com"

    ((query, _),) = github.asked
    assert query["audience"] == [f"https://iam.googleapis.com/{POOL}"]
    assert "GOOGLE_APPLICATION_CREDENTIALS" not in os.environ


def test_azure_s_library_takes_it(github: type[Vouching], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ROLE_ARN")
    monkeypatch.setenv("AZURE_CLIENT_ID", "00000000-0000-0000-0000-000000000001")
    monkeypatch.setenv("AZURE_TENANT_ID", "00000000-0000-0000-0000-000000000002")

    with web_identity():
        WorkloadIdentityCredential()  # from the environment; it raises where a part is missing
        assert Path(os.environ["AZURE_FEDERATED_TOKEN_FILE"]).read_text().count(".") == 2

    ((query, _),) = github.asked
    assert query["audience"] == ["api://AzureADTokenExchange"]


@pytest.mark.parametrize(
    ("name", "value"),
    [("GITHUB_ACTIONS", ""), ("AWS_ROLE_ARN", ""), ("AWS_WEB_IDENTITY_TOKEN_FILE", "/given")],
)
def test_elsewhere_or_without_a_role_nobody_is_asked(
    github: type[Vouching], monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    before = dict(os.environ)

    with web_identity():
        assert dict(os.environ) == before
    assert github.asked == []


@pytest.mark.usefixtures("github")
def test_a_job_without_the_permission_is_told_which(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN")

    with pytest.raises(GitHubError, match="id-token: write"), web_identity():
        pass


@pytest.mark.parametrize(
    ("status", "said", "told"),
    [(403, "", "403"), (200, "{}", "KeyError"), (200, "[1]", "TypeError"), (200, "?", "JSON")],
)
def test_an_answer_that_vouches_for_nobody_is_told(
    github: type[Vouching], status: int, said: str, told: str
) -> None:
    github.status, github.said = status, said

    with pytest.raises(GitHubError, match=told), web_identity():
        pass
    assert TOKEN_FILE not in os.environ
