"""Releases: drafted once, filled, published; every step can be done again, at any time."""

import hashlib
import socket
from contextlib import nullcontext
from pathlib import Path
from typing import get_args

import pytest

from mlops.github import releases
from mlops.github.api import Api, GitHubError, TooLargeError
from mlops.github.releases import Release
from tests.mlops.github.delivery import Half
from tests.mlops.github.server import HEAD, REPOSITORY, TOKEN, GitHub, RefusedError
from tests.mlops.judge.repositories import commit, git

TAG = "late-arrival@v1.2.0"
READER = "ghp_reader"


@pytest.fixture
def tagged(github: GitHub) -> GitHub:
    """The tag of the version is on GitHub, as the registry made it."""
    github.tags[TAG] = "e" * 40
    return github


@pytest.fixture
def card(tmp_path: Path) -> Path:
    path = tmp_path / "model_card.md"
    path.write_text("# The card")
    return path


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "export.tar.gz"
    path.write_bytes(bytes(range(256)) * 5000)
    return path


@pytest.fixture
def assets(card: Path, model: Path) -> list[Path]:
    return [card, model]


def drafted(client: Api) -> Release:
    return releases.draft(client, TAG, HEAD, "late-arrival 1.2.0", "What changed")


def deliver(client: Api, *assets: Path) -> Release:
    """What a promotion does, and does again when it was stopped."""
    release = drafted(client)
    for path in assets:
        releases.attach(client, release, path)
    return releases.publish(client, release, latest=True)


def contents(github: GitHub) -> dict[str, bytes]:
    stored = github.assets_of(github.release(TAG))
    assert {asset.state for asset in stored.values()} <= {"uploaded"}
    return {name: asset.content for name, asset in stored.items()}


def changes(github: GitHub) -> list[str]:
    return [call for call in github.calls if not call.startswith("GET ")]


def test_a_version_is_released(client: Api, tagged: GitHub, card: Path, model: Path) -> None:
    published = deliver(client, card, model)

    assert (published.tag, published.commit, published.draft) == (TAG, HEAD, False)
    assert published.url == f"https://github.com/{REPOSITORY}/releases/tag/{TAG}"
    assert {name: a.digest for name, a in published.assets.items()} == {
        path.name: f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"
        for path in (card, model)
    }
    assert contents(tagged) == {path.name: path.read_bytes() for path in (card, model)}
    assert client.get("releases/latest")["id"] == published.id
    assert client.get(f"releases/tags/{TAG}")["body"] == "What changed"


def test_nothing_is_public_before_all_of_it_is(client: Api, tagged: GitHub, card: Path) -> None:
    release = drafted(client)
    releases.attach(client, release, card)

    with pytest.raises(GitHubError, match="404"):
        client.get(f"releases/tags/{TAG}")
    with pytest.raises(GitHubError, match="404"):
        client.get("releases/latest")


def test_done_again_it_does_nothing(client: Api, tagged: GitHub, card: Path) -> None:
    first = deliver(client, card)
    before = changes(tagged)

    assert deliver(client, card) == first
    assert changes(tagged) == before


def test_an_older_version_need_not_be_the_latest(client: Api, tagged: GitHub) -> None:
    newest = deliver(client)
    tagged.tags["late-arrival@v1.1.0"] = "d" * 40

    older = releases.draft(client, "late-arrival@v1.1.0", HEAD, "", "")
    releases.publish(client, older, latest=False)

    assert client.get("releases/latest")["id"] == newest.id


def test_a_draft_is_found_again(client: Api, github: GitHub) -> None:
    for number in range(120):  # more than a page
        github.add_release(f"other@v1.{number}.0", HEAD)
    first = drafted(client)
    github.add_release("other@v2.0.0", HEAD)

    assert drafted(client) == first
    assert changes(github) == ["POST releases"]
    assert releases.find(client, TAG) == first
    assert releases.find(client, "late-arrival@v9.0.0") is None


def test_of_two_who_draft_at_once_both_take_the_oldest(
    client: Api, github: GitHub, capsys: pytest.CaptureFixture[str]
) -> None:
    other = Api(REPOSITORY, TOKEN, github.url)
    theirs: list[Release] = []
    github.before["POST releases"] = lambda: theirs.append(drafted(other))

    ours = drafted(client)

    assert [ours] == theirs
    assert [release.id for release in releases.every(client)] == [ours.id, ours.id + 1]
    assert "::warning" in capsys.readouterr().out
    assert releases.by_tag(client) == {TAG: ours}


def test_what_is_published_counts_before_any_draft(
    client: Api, github: GitHub, capsys: pytest.CaptureFixture[str]
) -> None:
    github.add_release(TAG, HEAD)
    published = github.add_release(TAG, HEAD, draft=False)

    found = drafted(client)

    assert (found.id, found.draft) == (published.id, False)
    assert f"{TAG} has another release" in capsys.readouterr().out


def test_a_draft_for_another_commit_is_not_taken_over(client: Api, github: GitHub) -> None:
    github.add_release(TAG, "main")

    with pytest.raises(GitHubError, match=rf"{TAG} is for main, expected {HEAD}; look at it"):
        drafted(client)

    assert changes(github) == []


def test_a_text_that_github_would_not_take_is_not_sent(client: Api, github: GitHub) -> None:
    with pytest.raises(ValueError, match="125,000 are allowed"):
        releases.draft(client, TAG, HEAD, "", "x" * 125_001)

    assert github.calls == []


def test_a_token_that_may_only_read_sees_no_draft(client: Api, github: GitHub) -> None:
    github.tokens[READER] = {"contents": "read"}
    reader = Api(REPOSITORY, READER, github.url)
    draft, published = drafted(client), github.add_release("other@v1.0.0", HEAD, draft=False)

    assert [release.id for release in releases.every(reader)] == [published.id]
    assert [release.id for release in releases.every(client)] == [draft.id, published.id]
    assert releases.find(reader, TAG) is None


def test_a_token_that_may_only_read_is_told_what_it_lacks(
    client: Api, tagged: GitHub, card: Path
) -> None:
    release = drafted(client)
    tagged.permissions = {"contents": "read"}

    with pytest.raises(GitHubError, match=r"POST releases: 403 .*this takes `contents: write`"):
        drafted(client)
    with pytest.raises(GitHubError, match="404"):
        releases.attach(client, release, card)
    with pytest.raises(GitHubError, match="404"):
        releases.publish(client, release, latest=True)

    assert tagged.release(TAG).draft


def test_an_upload_that_broke_off_is_replaced(client: Api, github: GitHub, model: Path) -> None:
    release = drafted(client)
    hang_up_in_the_middle_of(github, f"releases/{release.id}/assets?name={model.name}")
    assert [asset.state for asset in github.assets] == ["starter"]

    releases.attach(client, release, model)

    assert contents(github) == {model.name: model.read_bytes()}


def hang_up_in_the_middle_of(github: GitHub, path: str) -> None:
    port = int(github.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.sendall(
            f"POST /uploads/repos/{REPOSITORY}/{path} HTTP/1.1\r\nHost: here\r\n"
            f"Authorization: Bearer {TOKEN}\r\nContent-Length: 1000\r\n\r\nthe first".encode()
        )
        line.shutdown(socket.SHUT_WR)
        line.recv(1000)


def test_a_bad_gateway_leaves_something_that_is_replaced_at_once(
    client: Api, github: GitHub, card: Path
) -> None:
    release = drafted(client)
    answers = iter([502])

    def gateway(call: str, half: Half) -> None:
        if call.startswith("POST uploads/") and (status := next(answers, None)):
            raise RefusedError(status, "Bad Gateway")

    github.on_call = gateway
    releases.attach(client, release, card)

    upload = f"POST uploads/releases/{release.id}/assets?name=model_card.md"
    left = next(call for call in github.calls if call.startswith("DELETE releases/assets/"))
    assert changes(github) == ["POST releases", upload, left, upload]
    assert contents(github) == {"model_card.md": b"# The card"}


def test_other_bytes_in_a_draft_are_replaced(client: Api, github: GitHub, card: Path) -> None:
    release = drafted(client)
    releases.attach(client, release, card)
    card.write_text("# The card, judged again")

    releases.attach(client, release, card)

    assert contents(github) == {card.name: b"# The card, judged again"}


def test_what_somebody_else_removed_meanwhile_is_no_longer_in_the_way(
    client: Api, github: GitHub, card: Path
) -> None:
    release = drafted(client)
    left = github.add_asset(github.release(TAG), card.name, b"", state="starter")
    github.before[f"DELETE releases/assets/{left.id}"] = github.assets.clear

    releases.attach(client, release, card)

    assert contents(github) == {card.name: b"# The card"}


def test_what_cannot_be_removed_is_told(client: Api, github: GitHub, card: Path) -> None:
    release = drafted(client)
    left = github.add_asset(github.release(TAG), card.name, b"", state="starter")
    github.faults[f"DELETE releases/assets/{left.id}"] = 503

    with pytest.raises(GitHubError, match=f"DELETE releases/assets/{left.id}: 503"):
        releases.attach(client, release, card)


def test_what_is_published_is_never_touched(client: Api, tagged: GitHub, card: Path) -> None:
    release = drafted(client)  # which is a draft, as far as this one knows
    deliver(client, card)
    before = changes(tagged)
    releases.attach(client, release, card)  # the same bytes
    addition = card.with_name("addition.json")
    addition.write_text("{}")
    card.write_text("# Another card")

    for path, state in ((card, "has another model_card.md"), (addition, "is without addition")):
        with pytest.raises(GitHubError, match=f"{TAG} {state}.*never changed"):
            releases.attach(client, release, path)

    assert changes(tagged) == before
    assert contents(tagged) == {"model_card.md": b"# The card"}


def test_where_github_makes_releases_immutable_nothing_is_different(
    client: Api, tagged: GitHub, card: Path
) -> None:
    tagged.immutable_releases = True

    first = deliver(client, card)

    assert deliver(client, card) == first
    assert tagged.release(TAG).immutable


@pytest.mark.parametrize("text", ["# The card", "# THE CARD"])
def test_a_server_that_tells_no_digest_is_asked_for_the_bytes(
    client: Api, github: GitHub, card: Path, text: str
) -> None:
    github.digests = False
    release = drafted(client)
    card.write_text(text)
    releases.attach(client, release, card)
    uploads = changes(github)
    card.write_text("# The card")

    releases.attach(client, release, card)

    assert (changes(github) == uploads) == (text == "# The card")
    assert contents(github) == {card.name: b"# The card"}


@pytest.mark.parametrize("name", ["the card.md", ".hidden", "karte-ü.md", "card.md."])
def test_a_name_that_github_would_change_is_not_sent(
    client: Api, github: GitHub, tmp_path: Path, name: str
) -> None:
    release = drafted(client)
    (tmp_path / name).write_text("text")

    with pytest.raises(ValueError, match="GitHub would rename"):
        releases.attach(client, release, tmp_path / name)


def test_what_github_took_in_otherwise_is_told(
    client: Api, github: GitHub, card: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = drafted(client)
    answer = {"id": 5, "name": card.name, "size": 3, "digest": "sha256:0", "state": "uploaded"}
    monkeypatch.setattr(client, "upload", lambda *_: answer)

    with pytest.raises(GitHubError, match=r"did not take model_card\.md as it is"):
        releases.attach(client, release, card)


def test_a_half_uploaded_asset_is_not_published(client: Api, tagged: GitHub) -> None:
    release = drafted(client)
    tagged.add_asset(tagged.release(TAG), "model_card.md", b"", state="starter")

    with pytest.raises(GitHubError, match=r"model_card\.md of .* is half uploaded"):
        releases.publish(client, release, latest=True)

    assert tagged.release(TAG).draft


@pytest.fixture
def origin(github: GitHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bare repository of one commit, which is GitHub's."""
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    Path("params.yaml").write_text("seed: 1\n")
    commit("First")
    git("clone", "-q", "--bare", ".", str(tmp_path / "origin.git"))
    github.git_dir = tmp_path / "origin.git"
    return github.git_dir


def test_the_tag_of_the_registry_stays_as_it_is(client: Api, github: GitHub, origin: Path) -> None:
    git("-C", str(origin), "tag", "-a", TAG, "-m", "The record", "HEAD")
    tag = git("-C", str(origin), "rev-parse", TAG)

    deliver(client)

    assert git("-C", str(origin), "rev-parse", TAG) == tag
    assert git("-C", str(origin), "cat-file", "-t", TAG) == "tag"


def test_without_its_tag_a_draft_is_not_published(
    client: Api, github: GitHub, origin: Path
) -> None:
    """GitHub would make a tag, which says nothing and could not be replaced."""
    head = git("rev-parse", "HEAD")
    release = releases.draft(client, TAG, head, "late-arrival 1.2.0", "")

    with pytest.raises(GitHubError, match=f"the tag {TAG} is not on GitHub"):
        releases.publish(client, release, latest=True)

    assert git("-C", str(origin), "tag", "--list") == ""
    client.send("PATCH", f"releases/{release.id}", {"tag_name": TAG, "draft": False})
    assert git("-C", str(origin), "cat-file", "-t", TAG) == "commit"


def test_whether_the_tag_is_there_must_be_known(client: Api, tagged: GitHub) -> None:
    release = drafted(client)
    tagged.faults[f"GET git/ref/tags/{TAG}"] = 503

    with pytest.raises(GitHubError, match="503"):
        releases.publish(client, release, latest=True)


def test_an_asset_is_downloaded_without_the_token(
    client: Api, tagged: GitHub, card: Path, model: Path
) -> None:
    release = deliver(client, card, model)

    assert releases.download(client, release, card.name, limit=100) == b"# The card"
    with pytest.raises(TooLargeError, match="larger than 1,000 bytes"):
        releases.download(client, release, model.name, limit=1000)
    with pytest.raises(GitHubError, match=r"has no absent, only export\.tar\.gz, model_card\.md"):
        releases.download(client, release, "absent", limit=100)


def test_other_bytes_than_github_stated_are_not_taken(
    client: Api, tagged: GitHub, card: Path
) -> None:
    release = deliver(client, card)
    tagged.assets[0].content = b"# A forged card"

    with pytest.raises(GitHubError, match=r"model_card\.md of .* arrived as other bytes"):
        releases.download(client, release, card.name, limit=100)


CALLS = 4  # that change something: the draft, two assets, its publication
Stop = tuple[int, Half]
STOPS: list[Stop] = [(call, half) for call in range(CALLS) for half in get_args(Half)]


@pytest.mark.parametrize("stop", STOPS)
@pytest.mark.parametrize("how", ["refuses once", "refuses from then on", "hangs up"])
def test_stopped_at_any_call_it_is_finished_by_doing_it_again(
    client: Api, tagged: GitHub, assets: list[Path], stop: Stop, how: str
) -> None:
    """What was stopped after its last change finds by itself that it is done."""
    moments: list[Half] = []

    def out_of_order(_: str, half: Half) -> None:
        moments.append(half)
        past = len(moments) - 1 - STOPS.index(stop)
        if past == 0 or (past > 0 and how != "refuses once"):
            raise ConnectionError if how == "hangs up" else RefusedError(503, "Unavailable")

    tagged.on_call = out_of_order
    done = how == "refuses once" or stop == STOPS[-1]
    with nullcontext() if done else pytest.raises(GitHubError):
        deliver(client, *assets)
    tagged.on_call = None
    if not done:
        deliver(client, *assets)

    assert [(release.tag_name, release.draft) for release in tagged.releases] == [(TAG, False)]
    assert contents(tagged) == {path.name: path.read_bytes() for path in assets}
    assert tagged.latest == tagged.release(TAG).id


def test_these_are_all_the_calls(client: Api, tagged: GitHub, assets: list[Path]) -> None:
    deliver(client, *assets)

    assert len(changes(tagged)) == CALLS
