"""By which pull request a commit came to main: GitHub knows, its own files do not."""

import pytest

from mlops.github.api import Api, GitHubError
from mlops.github.merged import Merged, pull_of
from tests.mlops.github.server import HEAD, GitHub

MERGE, BROUGHT = "c" * 40, "d" * 40


def test_the_pull_request_of_a_merge(client: Api, github: GitHub) -> None:
    github.merge_pull(7, MERGE, by="maintainer")

    assert pull_of(client, MERGE, "main") == Merged(7, "A change", "author", "maintainer")


def test_a_commit_that_came_along(client: Api, github: GitHub) -> None:
    """The others of a rebase or of a merged branch."""
    github.merge_pull(7, MERGE, brought=[BROUGHT])

    found = pull_of(client, BROUGHT, "main")

    assert found is not None
    assert found.number == 7


def test_the_merge_itself_counts_before_what_it_was_part_of(client: Api, github: GitHub) -> None:
    github.merge_pull(6, "b" * 40, brought=[MERGE], at="2026-01-01T00:00:00Z")
    github.merge_pull(7, MERGE, at="2026-01-02T00:00:00Z")

    found = pull_of(client, MERGE, "main")

    assert found is not None
    assert found.number == 7


def test_what_was_merged_first_brought_it(client: Api, github: GitHub) -> None:
    github.merge_pull(8, "b" * 40, brought=[BROUGHT], at="2026-01-02T00:00:00Z")
    github.merge_pull(9, MERGE, brought=[BROUGHT], at="2026-01-01T00:00:00Z")

    found = pull_of(client, BROUGHT, "main")

    assert found is not None
    assert found.number == 9


def test_a_push_has_none(client: Api, github: GitHub) -> None:
    assert pull_of(client, MERGE, "main") is None


def test_one_that_is_open_or_was_closed_brought_nothing(client: Api, github: GitHub) -> None:
    github.open_pull(7)["state"] = "closed"
    github.open_pull(8)
    for number in (7, 8):
        github.brought[number] = [HEAD]

    assert pull_of(client, HEAD, "main") is None


@pytest.mark.parametrize(
    "base",
    [
        {"ref": "topic", "repo": {"full_name": "owner/name"}},
        {"ref": "main", "repo": {"full_name": "stranger/name"}},
    ],
)
def test_one_into_another_branch_or_repository_does_not_count(
    client: Api, github: GitHub, base: dict[str, object]
) -> None:
    github.merge_pull(7, MERGE)["base"] = base

    assert pull_of(client, MERGE, "main") is None


def test_names_of_repositories_differ_in_more_than_case(client: Api, github: GitHub) -> None:
    github.merge_pull(7, MERGE)["base"]["repo"]["full_name"] = "Owner/Name"

    assert pull_of(client, MERGE, "main") is not None


def test_accounts_that_are_gone(client: Api, github: GitHub) -> None:
    github.merge_pull(7, MERGE).update(user=None, merged_by=None)

    assert pull_of(client, MERGE, "main") == Merged(7, "A change", "ghost", "")


def test_without_the_permission_it_is_not_taken_for_a_push(client: Api, github: GitHub) -> None:
    github.permissions = {"contents": "read"}

    with pytest.raises(GitHubError, match="403"):
        pull_of(client, MERGE, "main")
