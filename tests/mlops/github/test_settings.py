"""What a repository offers is asked, and what cannot be seen is not taken for granted."""

import pytest

from mlops.github.api import Api, GitHubError
from mlops.github.settings import approvals, protection, visibility
from tests.mlops.github.server import GitHub

RUN = 4242


def test_an_environment_that_asks_somebody_is_protected(client: Api, github: GitHub) -> None:
    github.protect("promotion", "maintainer")

    assert protection(client, "promotion") == "protected"


@pytest.mark.parametrize(
    "rules",
    [
        [],
        [{"type": "required_reviewers", "reviewers": []}],
        [{"type": "wait_timer", "wait_timer": 30}, {"type": "branch_policy"}],
    ],
)
def test_an_environment_that_asks_nobody_is_not(
    client: Api, github: GitHub, rules: list[dict[str, object]]
) -> None:
    github.protect("promotion")
    github.environments["promotion"]["protection_rules"] = rules

    assert protection(client, "promotion") == "unprotected"


def test_an_environment_may_be_absent(client: Api, github: GitHub) -> None:
    github.protect("release", "maintainer")

    assert protection(client, "promotion") == "absent"


def test_the_name_is_not_read_as_a_path(client: Api, github: GitHub) -> None:
    github.protect("release/eu #1", "maintainer")

    assert protection(client, "release/eu #1") == "protected"


def test_what_may_not_be_asked_is_not_known(client: Api, github: GitHub) -> None:
    github.protect("promotion", "maintainer")
    github.permissions = {"contents": "read"}

    assert protection(client, "promotion") == "unknown"


def test_what_is_not_answered_is_not_known(client: Api, github: GitHub) -> None:
    github.faults["GET environments/promotion"] = 503

    assert protection(client, "promotion") == "unknown"


@pytest.mark.parametrize("said", ["public", "private", "internal"])
def test_who_sees_the_repository(client: Api, github: GitHub, said: str) -> None:
    github.visibility = said

    assert visibility(client) == said


@pytest.mark.parametrize(("private", "meant"), [(True, "private"), (False, "public")])
def test_a_server_that_does_not_know_the_word(
    client: Api, monkeypatch: pytest.MonkeyPatch, private: bool, meant: str
) -> None:
    monkeypatch.setattr(client, "get", lambda _: {"private": private})

    assert visibility(client) == meant


def test_who_approved_a_run(client: Api, github: GitHub) -> None:
    github.approve(RUN, "staging", "first")
    github.approve(RUN, "promotion", "hasty", state="rejected")
    github.approve(RUN, "promotion", "maintainer")
    github.approve(RUN + 1, "promotion", "another")

    assert approvals(client, RUN) == [("first", "staging"), ("maintainer", "promotion")]


def test_an_approver_whose_account_is_gone(client: Api, github: GitHub) -> None:
    github.approve(RUN, "promotion", "maintainer")
    github.approvals[RUN][0]["user"] = None

    assert approvals(client, RUN) == [("ghost", "promotion")]


def test_a_run_that_nobody_had_to_approve(client: Api) -> None:
    assert approvals(client, RUN) == []


def test_approvals_that_may_not_be_seen_are_not_taken_for_none(client: Api, github: GitHub) -> None:
    github.permissions = {"contents": "read"}

    with pytest.raises(GitHubError, match="403"):
        approvals(client, RUN)
