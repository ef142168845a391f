"""The count of uses only grows, by one line for each distinct candidate."""

import json

import pytest

from mlops.github import count
from mlops.github.api import Api, GitHubError
from mlops.github.count import Entry
from tests.mlops.github.conftest import Job
from tests.mlops.github.server import HEAD, GitHub

BRANCH = "holdout-uses"


def entry(lock: str = "c", holdout: str = "e") -> Entry:
    return Entry(holdout=holdout * 64, lock=lock * 64, commit=HEAD, pull=7)


def lines(github: GitHub) -> list[dict[str, object]]:
    text = github.branch_file(BRANCH, "uses.jsonl") or ""
    return [json.loads(line) for line in text.splitlines()]


def test_the_first_use_makes_the_branch_without_a_parent(client: Api, github: GitHub) -> None:
    assert count.append(client, entry())

    (only,) = lines(github)
    assert only.pop("date")
    assert only == entry().model_dump()
    assert len(github.history(BRANCH)) == 1


def test_further_uses_are_appended(client: Api, github: GitHub) -> None:
    for lock in "123":
        count.append(client, entry(lock))

    assert [line["lock"] for line in lines(github)] == ["1" * 64, "2" * 64, "3" * 64]
    assert len(github.history(BRANCH)) == 3


def test_a_pair_that_is_there_is_not_counted_again(client: Api, github: GitHub) -> None:
    count.append(client, entry())

    again = count.append(client, entry().model_copy(update={"pull": 8}))

    assert not again
    assert len(lines(github)) == 1
    assert count.append(client, entry(holdout="f"))


def test_what_stands_in_the_file_stays(client: Api, github: GitHub) -> None:
    """A line that cannot be read, and a last line without its end."""
    tree = github.store({"uses.jsonl": github.store('not JSON\n{"holdout": "1234567"}')})
    github.branches[BRANCH] = github.store({"tree": tree, "parents": []})

    count.append(client, entry())

    text = github.branch_file(BRANCH, "uses.jsonl")
    assert text is not None
    assert text.splitlines()[:2] == ["not JSON", '{"holdout": "1234567"}']
    assert json.loads(text.splitlines()[2])["lock"] == "c" * 64


def test_the_job_needs_nothing_but_contents_write(
    job: Job, github: GitHub, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    github.permissions = {"contents": "write"}
    monkeypatch.setenv("MLOPS_USE", entry().model_dump_json())

    count.main()
    count.main()

    assert len(lines(github)) == 1
    said = capsys.readouterr().out
    assert "dvc.lock cccccccccccc: counted" in said
    assert "dvc.lock cccccccccccc: was counted before" in said


@pytest.mark.parametrize(
    "text",
    ["", "[]", '{"holdout": "x", "lock": "y", "commit": "z", "pull": 7}', '{"pull": 7}'],
)
def test_what_is_no_use_is_refused(
    job: Job, github: GitHub, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLOPS_USE", text)

    with pytest.raises(GitHubError, match="MLOPS_USE is no use of a hold-out"):
        count.main()

    assert github.branches == {}
