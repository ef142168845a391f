"""Where the image is kept."""

import pytest

from mlops.package.errors import PackagingError
from mlops.package.name import image_name
from tests.mlops.judge.repositories import git

pytestmark = pytest.mark.usefixtures("machine", "repository")


@pytest.fixture(autouse=True)
def unnamed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLOPS_IMAGE", raising=False)


def test_in_a_job_it_is_the_repositorys_in_lower_case(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_REPOSITORY", "Owner/Late-Arrival")

    assert image_name() == "ghcr.io/owner/late-arrival"


@pytest.mark.parametrize(
    "remote", ["https://github.com/Owner/name.git", "git@github.com:Owner/name.git"]
)
def test_elsewhere_it_is_that_of_origin(remote: str) -> None:
    git("remote", "add", "origin", remote)

    assert image_name() == "ghcr.io/owner/name"


@pytest.mark.parametrize(
    "name",
    ["127.0.0.1:5000/owner/name", "localhost:5000/name", "registry.example.org/a/b-c/d__e.f"],
)
def test_another_may_be_named(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("GITHUB_REPOSITORY", "owner/name")
    monkeypatch.setenv("MLOPS_IMAGE", name)

    assert image_name() == name


@pytest.mark.parametrize(
    "name",
    [
        "owner/name",  # docker would take it for docker.io's
        "ghcr.io/Owner/name",
        "ghcr.io/owner/name:1.2.0",
        f"ghcr.io/owner/name@sha256:{'0' * 64}",
        "ghcr.io",
        "ghcr.io/owner/../name",
        "https://ghcr.io/owner/name",
    ],
)
def test_what_is_no_name_is_refused(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("MLOPS_IMAGE", name)

    with pytest.raises(PackagingError, match=r"MLOPS_IMAGE: .* is no name of an image"):
        image_name()


def test_a_repository_on_another_server_has_to_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://github.example.org")
    monkeypatch.setenv("GITHUB_REPOSITORY", "owner/name")

    with pytest.raises(PackagingError, match=r"not on github\.com: set MLOPS_IMAGE"):
        image_name()


def test_so_has_one_without_an_origin() -> None:
    with pytest.raises(PackagingError, match=r"not on github\.com: set MLOPS_IMAGE"):
        image_name()
