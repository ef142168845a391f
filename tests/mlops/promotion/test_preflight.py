"""What a repository offers, told before a promotion needs it."""

from collections.abc import Iterator

import pytest

from mlops.github.api import Api
from mlops.promotion.preflight import ENVIRONMENT, VARIABLE, preflight
from tests.mlops.github.server import REPOSITORY, TOKEN, GitHub, serving


@pytest.fixture
def github(monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHub]:
    monkeypatch.setenv("MLOPS_IMAGE", "registry.example.org/owner/name")
    for name in (VARIABLE, "MLFLOW_TRACKING_URI"):
        monkeypatch.delenv(name, raising=False)
    with serving(GitHub()) as running:
        yield running


def noticed(github: GitHub) -> tuple[bool, str]:
    found = preflight(Api(REPOSITORY, TOKEN, github.url))
    return found.attest, "\n".join(found.notices)


def test_a_public_repository_attests_and_a_private_one_is_told_why_not(github: GitHub) -> None:
    attest, said = noticed(github)
    assert attest
    assert "attest" not in said

    github.visibility = "private"
    attest, said = noticed(github)
    assert not attest
    assert "set the repository variable MLOPS_ATTEST to true" in said


@pytest.mark.parametrize(("value", "attest"), [("true", True), ("false", False)])
def test_a_variable_has_the_last_word_on_attestations(
    github: GitHub, monkeypatch: pytest.MonkeyPatch, value: str, attest: bool
) -> None:
    github.visibility = "private" if attest else "public"
    monkeypatch.setenv(VARIABLE, value)

    assert noticed(github)[0] is attest


def test_an_environment_without_reviewers_is_told_with_the_place_to_mend_it(
    github: GitHub,
) -> None:
    assert "Settings, Environments, promotion" in noticed(github)[1]

    github.protect(ENVIRONMENT)
    assert "not protected" in noticed(github)[1]

    github.protect(ENVIRONMENT, "maintainer")
    assert ENVIRONMENT not in noticed(github)[1]


def test_the_image_and_the_lack_of_a_server_are_told(
    github: GitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = noticed(github)[1]
    assert "the image is registry.example.org/owner/name" in said
    assert "MLFLOW_TRACKING_URI" in said

    monkeypatch.setenv("MLFLOW_TRACKING_URI", "https://mlflow.example.org")
    assert "MLFLOW_TRACKING_URI" not in noticed(github)[1]
