"""The pull requests of a branch: looked up, opened, brought up to date."""

import pytest

from mlops.github import pulls
from mlops.github.api import Api, GitHubError
from mlops.github.pulls import NotPermittedError, Pull, make, of_branch
from tests.mlops.github.server import BOT, GitHub


def opened(client: Api) -> Pull:
    return make(client, "retrain/a-model", "main", "Retrain", "Why")


def test_one_that_was_opened_is_found_by_its_branch(client: Api, github: GitHub) -> None:
    github.open_pull(7, branch="retrain/a-model", fork="stranger/name")
    github.open_pull(8, branch="topic")
    github.open_pull(9, branch="retrain/a-model", fork="owner/another")

    made = opened(client)

    assert of_branch(client, "retrain/a-model") == [made]
    assert (made.title, made.body, made.author, made.open) == ("Retrain", "Why", BOT, True)
    assert github.pulls[made.number]["base"]["ref"] == "main"


def test_closed_ones_are_found_too_the_newest_first(client: Api, github: GitHub) -> None:
    github.open_pull(7, branch="retrain/a-model")["state"] = "closed"
    made = opened(client)

    found = of_branch(client, "retrain/a-model")

    assert [(pull.number, pull.open) for pull in found] == [(made.number, True), (7, False)]


def test_a_setting_that_forbids_it_is_told_apart(client: Api, github: GitHub) -> None:
    github.may_open_pulls = False

    with pytest.raises(NotPermittedError, match="not permitted to create"):
        opened(client)


def test_so_is_a_token_without_the_permission(client: Api, github: GitHub) -> None:
    github.permissions["pull-requests"] = "read"

    with pytest.raises(NotPermittedError, match="not accessible by integration"):
        opened(client)


def test_another_refusal_is_an_error(client: Api, github: GitHub) -> None:
    opened(client)

    with pytest.raises(GitHubError, match=r"422 .*already exists") as refused:
        opened(client)
    assert not isinstance(refused.value, NotPermittedError)


def test_only_what_is_another_is_sent(client: Api, github: GitHub) -> None:
    made = opened(client)
    before = len(github.calls)

    pulls.change(client, made, "Retrain", "Why\n")
    assert len(github.calls) == before

    pulls.change(client, made, "Retrain again", "Why")
    assert github.pulls[made.number]["title"] == "Retrain again"
