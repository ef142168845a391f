"""The outputs of a champion come from its release, where there is a GitHub to ask."""

from pathlib import Path

import pytest

from mlops.github.api import Api, GitHubError
from mlops.promotion import fetching
from tests.mlops.github.server import REPOSITORY, TOKEN, GitHub
from tests.mlops.judge.repositories import git

TAG = "late-arrival@v1.2.0"


def test_the_outputs_of_a_champion_come_from_its_release(api: Api, github: GitHub) -> None:
    page = github.add_release(TAG, "a" * 40, draft=False)
    github.add_asset(page, "pipeline-outputs.tar.gz", b"outputs")

    fetch = fetching.from_releases(api)

    assert fetch is not None
    assert fetch(TAG) == b"outputs"


@pytest.mark.parametrize("draft", [True, None])
def test_a_champion_without_a_release_has_no_outputs_to_give(
    api: Api, github: GitHub, draft: bool | None
) -> None:
    if draft:
        page = github.add_release(TAG, "a" * 40)
        github.add_asset(page, "pipeline-outputs.tar.gz", b"outputs")
    fetch = fetching.from_releases(api)

    assert fetch is not None
    with pytest.raises(GitHubError, match=f"{TAG} has no release"):
        fetch(TAG)


def test_without_github_no_release_is_asked() -> None:
    assert fetching.from_releases(None) is None


@pytest.mark.parametrize(
    ("address", "known"),
    [
        ("https://github.com/owner/name.git", True),
        ("git@github.com:owner/name.git", True),
        ("ssh://git@github.com/owner/name", True),
        ("/srv/owner/name.git", False),
        ("../owner/name.git", False),
        ("file:///srv/owner/name.git", False),
    ],
)
def test_a_folder_as_origin_is_no_repository_of_github(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str, known: bool
) -> None:
    monkeypatch.delenv("GITHUB_REPOSITORY", raising=False)
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    monkeypatch.chdir(tmp_path)
    git("init", "-q")
    git("remote", "add", "origin", address)

    found = fetching.github()

    assert (found.repository if found else None) == ("owner/name" if known else None)


def test_nobody_can_be_asked_without_a_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_REPOSITORY", REPOSITORY)
    for name in ("GITHUB_TOKEN", "GH_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", "/usr/bin:/bin")

    assert fetching.github() is None
