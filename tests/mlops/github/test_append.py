"""A branch only grows, line by line, whoever else writes to it at the same time."""

from collections.abc import Callable

import pytest

from mlops.github import append as appending
from mlops.github.api import Api, DeniedError, DisabledError, GitHubError
from tests.mlops.github.server import GitHub

BRANCH = "lines"


def append(api: Api, line: str, file: str = "a.jsonl") -> bool:
    return appending.append(
        api, BRANCH, file, f"{line}\n", known=lambda text: line in text.split("\n"), message=line
    )


def lines(github: GitHub, file: str = "a.jsonl") -> list[str]:
    return (github.branch_file(BRANCH, file) or "").splitlines()


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(appending, "PAUSE", 0.0)


def test_the_first_line_makes_the_branch_without_a_parent(client: Api, github: GitHub) -> None:
    assert append(client, "1")

    assert lines(github) == ["1"]
    assert len(github.history(BRANCH)) == 1


def test_further_lines_come_on_top(client: Api, github: GitHub) -> None:
    for line in "123":
        assert append(client, line)

    assert lines(github) == ["1", "2", "3"]
    assert len(github.history(BRANCH)) == 3


def test_what_is_known_is_not_told_again(client: Api, github: GitHub) -> None:
    append(client, "1")
    before = list(github.calls)

    assert not append(client, "1")

    assert [call for call in github.calls[len(before) :] if not call.startswith("GET")] == []


def test_other_files_stay_as_they_are(client: Api, github: GitHub) -> None:
    append(client, "1")
    append(client, "2", file="b.jsonl")
    append(client, "3")

    assert lines(github) == ["1", "3"]
    assert lines(github, "b.jsonl") == ["2"]


def race(github: GitHub, client: Api, call: str, file: str = "a.jsonl") -> None:
    """Somebody else appends just before `call` is answered."""
    other = Api(client.repository, client.token, github.url)

    def first() -> None:
        assert append(other, "theirs", file)

    github.before[call] = first


@pytest.mark.parametrize("file", ["a.jsonl", "b.jsonl"])
def test_a_writer_that_comes_first_is_kept(client: Api, github: GitHub, file: str) -> None:
    append(client, "1")
    race(github, client, f"PATCH git/refs/heads/{BRANCH}", file)

    assert append(client, "2")

    assert {*lines(github), *lines(github, file)} == {"1", "theirs", "2"}
    assert len(github.history(BRANCH)) == 3


def test_two_that_make_the_branch_at_once_are_both_kept(client: Api, github: GitHub) -> None:
    race(github, client, "POST git/refs")

    assert append(client, "mine")

    assert lines(github) == ["theirs", "mine"]


def test_of_two_that_tell_the_same_at_once_one_is_enough(client: Api, github: GitHub) -> None:
    append(client, "1")
    race(github, client, f"PATCH git/refs/heads/{BRANCH}")

    assert not append(client, "theirs")

    assert lines(github) == ["1", "theirs"]


def test_it_gives_up_after_a_while(
    client: Api, github: GitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(client, "1")
    monkeypatch.setattr(client, "send", refusing(GitHubError("not a fast forward", 422)))

    with pytest.raises(GitHubError, match="not a fast forward"):
        append(client, "2")

    assert github.calls.count(f"GET git/ref/heads/{BRANCH}") == 1 + appending.TRIES


def refusing(error: GitHubError) -> Callable[..., None]:
    def send(*_: object) -> None:
        raise error

    return send


def test_what_stands_in_the_file_stays(client: Api, github: GitHub) -> None:
    """Also a last line without its end."""
    tree = github.store({"a.jsonl": github.store("not JSON\nno end")})
    github.branches[BRANCH] = github.store({"tree": tree, "parents": []})

    append(client, "1")

    assert lines(github) == ["not JSON", "no end", "1"]


def test_a_branch_without_the_file_gets_it(client: Api, github: GitHub) -> None:
    tree = github.store({"README": github.store("words")})
    github.branches[BRANCH] = github.store({"tree": tree, "parents": []})

    assert append(client, "1")

    assert lines(github) == ["1"]
    assert lines(github, "README") == ["words"]


def test_a_fault_of_github_is_not_taken_for_an_absent_branch(client: Api, github: GitHub) -> None:
    append(client, "1")
    github.faults[f"GET git/ref/heads/{BRANCH}"] = 503

    with pytest.raises(GitHubError, match="503"):
        append(client, "2")

    assert lines(github) == ["1"]


def test_a_token_that_may_not_begin_the_branch_is_a_setting(client: Api, github: GitHub) -> None:
    github.permissions = {"contents": "read"}

    with pytest.raises(DisabledError, match="may not write contents: Settings, Actions, General"):
        append(client, "1")

    assert github.branches == {}


def test_a_token_that_may_not_any_more_is_an_error(client: Api, github: GitHub) -> None:
    append(client, "1")
    github.permissions = {"contents": "read"}

    with pytest.raises(DeniedError, match="403"):
        append(client, "2")

    assert lines(github) == ["1"]
