"""The API client: pages, errors a person can act on, and a token that stays where it belongs."""

import subprocess
from pathlib import Path
from urllib.parse import parse_qs

import httpx
import pytest

from mlops.github import api
from mlops.github.api import Api, GitHubError, TooLargeError, needing, persistently
from tests.mlops.github.conftest import Job
from tests.mlops.github.server import HEAD, REPOSITORY, TOKEN, GitHub, RefusedError


def test_a_listing_is_read_to_its_end(client: Api, github: GitHub) -> None:
    github.open_pull()
    for number in range(230):
        github.comment(f"comment {number}")

    bodies = [c["body"] for c in client.pages("issues/7/comments")]

    assert bodies == [f"comment {number}" for number in range(230)]
    assert github.calls == ["GET issues/7/comments"] * 3


def test_a_listing_without_end_is_given_up(
    client: Api, github: GitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "PAGES", 1)
    for number in range(101):
        github.comment(f"comment {number}")

    with pytest.raises(GitHubError, match="more than 100 entries"):
        list(client.pages("issues/7/comments"))


def test_a_refusal_names_the_request_and_where_the_permission_is_set(
    client: Api, github: GitHub
) -> None:
    github.open_pull()
    github.permissions = {"pull-requests": "read"}

    with pytest.raises(GitHubError, match="POST issues/7/comments: 403 Resource not acc") as raised:
        client.send("POST", "issues/7/comments", {"body": "hello"})

    assert "`permissions` of the job" in str(raised.value)
    assert raised.value.status == 403
    assert raised.value.exit_code == 10


def test_a_token_that_is_not_known_is_refused(github: GitHub, job: Job) -> None:
    stranger = Api(REPOSITORY, "ghp_another", github.url)

    with pytest.raises(GitHubError, match="401 Bad credentials"):
        stranger.get("pulls")


def test_a_download_follows_to_the_storage_host_without_the_token(
    client: Api, github: GitHub
) -> None:
    stored = github.upload(1, "verdict", b"content")  # the server refuses it with a token

    assert client.download(f"actions/artifacts/{stored.id}/zip", limit=7) == b"content"


def test_a_download_stops_at_its_limit(client: Api, github: GitHub) -> None:
    stored = github.upload(1, "verdict", b"x" * 2_000_000)

    with pytest.raises(TooLargeError, match="larger than 1,000 bytes"):
        client.download(f"actions/artifacts/{stored.id}/zip", limit=1000)


def test_a_download_that_is_refused_says_why(client: Api) -> None:
    with pytest.raises(GitHubError, match="404 Not Found"):
        client.download("actions/artifacts/1/zip", limit=1000)


def test_an_answer_that_is_no_json_is_told_by_its_status(
    client: Api, github: GitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("json.dumps", lambda _: "<html>")  # what the server answers with

    with pytest.raises(GitHubError, match="GET pulls/9: 404 Not Found"):
        client.get("pulls/9")


def test_nobody_answers(job: Job) -> None:
    nobody = Api(REPOSITORY, TOKEN, "http://127.0.0.1:1")

    with pytest.raises(GitHubError, match="did not answer GET pulls"):
        nobody.get("pulls")
    with pytest.raises(GitHubError, match="did not answer GET actions"):
        nobody.download("actions/artifacts/1/zip", limit=1)


def test_a_question_is_asked_again_when_nobody_answers(
    client: Api, github: GitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    original = client._ask

    def flaky(method: str, path: str, **details: object) -> object:
        asked.append(path)
        if len(asked) < 3:
            raise GitHubError("out of order", 502)
        return original(method, path, **details)

    monkeypatch.setattr(client, "_ask", flaky)
    github.open_pull()

    assert client.get("pulls/7")["number"] == 7
    assert len(asked) == 3


@pytest.mark.parametrize(("status", "times"), [(502, 3), (None, 3), (422, 1), (404, 1)])
def test_only_what_may_get_better_is_tried_again(job: Job, status: int | None, times: int) -> None:
    tried = []

    def action() -> None:
        tried.append(1)
        raise GitHubError("no", status)

    with pytest.raises(GitHubError, match="no"):
        persistently(action)

    assert len(tried) == times


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_refusal_names_the_permission_where_it_is_known(status: int) -> None:
    with (
        pytest.raises(GitHubError, match=r"no; this takes `contents: write`") as raised,
        needing("contents: write"),
    ):
        raise GitHubError("no", status)

    assert raised.value.status == status


@pytest.mark.parametrize("status", [422, 503, None])
def test_what_is_no_matter_of_permission_is_not_made_one(status: int | None) -> None:
    with pytest.raises(GitHubError, match=r"^no$"), needing("contents: write"):
        raise GitHubError("no", status)


def test_the_empty_path_is_the_repository(client: Api) -> None:
    assert client.get("")["full_name"] == REPOSITORY


@pytest.fixture
def card(tmp_path: Path) -> Path:
    path = tmp_path / "card.md"
    path.write_text("# The card")
    return path


def uploaded(job: Job, card: Path, url: str, address: str) -> list[httpx.Request]:
    """What a client of the API at `url` sends for an upload to `address`."""
    sent = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(201, json={})

    client = Api(REPOSITORY, TOKEN, url)
    client._client._transport = httpx.MockTransport(answer)
    client.upload(address, "card & model.md", card)
    return sent


HOSTS = [
    ("https://api.github.com", "https://uploads.github.com"),
    ("https://api.example.ghe.com", "https://uploads.example.ghe.com"),
    ("https://github.example.org/api/v3", "https://github.example.org/api/uploads"),
    ("http://127.0.0.1:4000", "http://127.0.0.1:4000/uploads"),
]


@pytest.mark.parametrize(("url", "host"), HOSTS)
def test_an_upload_goes_where_github_says(job: Job, card: Path, url: str, host: str) -> None:
    path = f"{host}/repos/{REPOSITORY}/releases/5/assets"

    (request,) = uploaded(job, card, url, path + "{?name,label}")

    assert str(request.url.copy_with(query=None)) == path
    assert parse_qs(request.url.query.decode()) == {"name": ["card & model.md"]}
    assert request.headers["Authorization"] == f"Bearer {TOKEN}"
    assert request.headers["Content-Length"] == "10"
    assert request.read() == b"# The card"


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://api.github.com", "https://example.org/assets"),
        ("https://api.github.com", "https://uploads.github.com.example.org/assets"),
        ("https://api.github.com", "https://uploads.github.com@example.org/assets"),
        ("https://api.github.com", "http://uploads.github.com/assets"),
        ("https://api.github.com", "http://api.github.com/assets"),
        ("https://api.github.com", "https://uploads.github.com:8443/assets"),
        ("https://github.example.org/api/v3", "https://uploads.github.com/assets"),
        ("http://127.0.0.1:4000", "http://127.0.0.1:4001/assets"),
        ("http://127.0.0.1:4000", "/assets"),
    ],
)
def test_no_other_host_is_sent_the_token(job: Job, card: Path, url: str, address: str) -> None:
    with pytest.raises(GitHubError, match="no upload host of GitHub: nothing was sent"):
        uploaded(job, card, url, address)


def test_an_upload_is_not_led_elsewhere(client: Api, card: Path) -> None:
    asked = []

    def redirect(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        return httpx.Response(307, headers={"Location": "https://example.org/"})

    client._client._transport = httpx.MockTransport(redirect)

    with pytest.raises(GitHubError, match=r"led the upload of card\.md elsewhere"):
        client.upload(f"{client._address}/releases/5/assets", card.name, card)

    assert asked == ["127.0.0.1"]


def test_an_upload_is_not_tried_again(client: Api, github: GitHub, card: Path) -> None:
    release = github.add_release("late-arrival@v1.2.0", HEAD)
    address = client.get(f"releases/{release.id}")["upload_url"]

    def lost(_call: str, half: str) -> None:
        if half == "after":
            raise RefusedError(503, "Service Unavailable")

    github.on_call = lost

    with pytest.raises(GitHubError, match="503"):
        client.upload(address, card.name, card)

    assert [asset.content for asset in github.assets] == [b"# The card"]
    assert github.calls[1:] == [f"POST uploads/releases/{release.id}/assets?name=card.md"]


@pytest.mark.parametrize(
    "remote",
    [
        "https://github.com/owner/name.git",
        "https://github.com/owner/name",
        "git@github.com:owner/name.git",
        "ssh://git@github.com/owner/name.git",
    ],
)
def test_on_a_persons_machine_the_remote_names_the_repository(
    job: Job, remote: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_REPOSITORY")
    monkeypatch.delenv("GITHUB_TOKEN")
    monkeypatch.setenv("GH_TOKEN", "ghp_mine")
    monkeypatch.chdir(tmp_path)
    for arguments in (["init", "-q"], ["remote", "add", "origin", remote]):
        subprocess.run(["git", *arguments], check=True)

    found = Api.from_environment()

    assert (found.repository, found.token) == ("owner/name", "ghp_mine")


def test_without_a_remote_or_a_token_the_remedy_is_told(
    job: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_TOKEN")
    with pytest.raises(GitHubError, match=r"set GITHUB_TOKEN, or log in with `gh auth login`"):
        Api.from_environment()

    monkeypatch.delenv("GITHUB_REPOSITORY")
    monkeypatch.chdir(tmp_path)
    subprocess.run(["git", "init", "-q"], check=True)
    with pytest.raises(GitHubError, match="Set GITHUB_REPOSITORY to owner/name"):
        Api.from_environment()


def test_the_login_of_gh_is_used(job: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_TOKEN")
    (tmp_path / "bin").mkdir()
    gh = tmp_path / "bin" / "gh"
    gh.write_text('#!/bin/sh\n[ "$*" = "auth token" ] && echo ghp_login\n')
    gh.chmod(0o755)
    monkeypatch.setenv("PATH", f"{gh.parent}:/usr/bin:/bin")

    assert Api.from_environment().token == "ghp_login"


def test_a_listing_whose_pages_are_shorter_than_asked_for_is_read_to_its_end(
    client: Api, github: GitHub
) -> None:
    github.administered()
    github.variables = {f"NAME_{number}": "" for number in range(70)}  # thirty a page

    listed = [entry["name"] for entry in client.pages("actions/variables", "variables")]

    assert listed == list(github.variables)


def test_another_repository_is_asked_on_the_same_server_with_the_same_token(client: Api) -> None:
    other = client.beside("actions/checkout")

    assert (other.repository, other.token) == ("actions/checkout", client.token)
    with pytest.raises(GitHubError, match="404"):
        other.get("releases/latest")
