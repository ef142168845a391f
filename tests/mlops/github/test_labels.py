"""A label overrides a gate only on the word of a maintainer who is not the author."""

from typing import Any

import pytest

from mlops.github import labels
from mlops.github.api import Api, GitHubError
from mlops.judge import overrides
from mlops.judge.verdict import Override
from tests.mlops.github.conftest import Job
from tests.mlops.github.server import HEAD, REPOSITORY, GitHub

APPROVED = "gates-approved"


def at(minute: int) -> str:
    return f"2026-01-01T12:{minute:02}:00Z"


def run(minute: int, head: str = HEAD, repository: str = REPOSITORY) -> dict[str, Any]:
    return {
        "head_sha": head,
        "head_branch": "topic",
        "head_repository": {"full_name": repository},
        "created_at": at(minute),
    }


def labeled(by: str, minute: int, label: str = APPROVED) -> dict[str, Any]:
    return {
        "event": "labeled",
        "label": {"name": label},
        "actor": {"login": by},
        "created_at": at(minute),
    }


def commented(by: str, body: str) -> dict[str, Any]:
    return {"event": "commented", "user": {"login": by}, "body": body, "created_at": at(1)}


@pytest.fixture
def approved(github: GitHub) -> GitHub:
    """A pull request with a label that holds: pushed at 12:01, approved at 12:05."""
    github.open_pull()["labels"] = [{"name": APPROVED}, {"name": "documentation"}]
    github.collaborators |= {"maintainer": "write", "author": "write", "reader": "read"}
    github.runs[:] = [run(6), run(1)]
    github.timeline[7] = [
        commented("maintainer", f"Agreed.\r\n/reason {APPROVED}: a floor for the new task\r\n"),
        labeled("maintainer", 5),
    ]
    return github


def refusals(client: Api) -> list[str]:
    found, refused = labels.honoured(client, 7)
    assert found == []
    return refused


def test_a_maintainers_label_with_a_reason_holds(client: Api, approved: GitHub) -> None:
    found, refused = labels.honoured(client, 7)

    assert found == [Override(label=APPROVED, by="maintainer", reason="a floor for the new task")]
    assert refused == []


def test_without_a_label_nobody_is_asked(client: Api, approved: GitHub) -> None:
    approved.pulls[7]["labels"] = []

    assert labels.honoured(client, 7) == ([], [])
    assert approved.calls == ["GET pulls/7"]


@pytest.mark.parametrize("by", ["reader", "nobody", "github-actions[bot]"])
def test_without_write_access_it_does_not_count(client: Api, approved: GitHub, by: str) -> None:
    approved.timeline[7] = [commented(by, f"/reason {APPROVED}: why not"), labeled(by, 5)]

    assert refusals(client) == [
        f"the label {APPROVED} does not count: {by} has no write access to this repository"
    ]


def test_the_author_does_not_approve_their_own(client: Api, approved: GitHub) -> None:
    approved.timeline[7] = [commented("author", f"/reason {APPROVED}: mine"), labeled("author", 5)]

    assert "somebody else must approve" in refusals(client)[0]


def test_who_set_it_last_is_who_counts(client: Api, approved: GitHub) -> None:
    approved.timeline[7].append(labeled("author", 7))

    assert "author opened the pull request" in refusals(client)[0]


def test_a_label_from_before_the_last_push_does_not_count(client: Api, approved: GitHub) -> None:
    approved.pulls[7]["head"]["sha"] = "b" * 40
    approved.runs[:0] = [run(9, "b" * 40)]

    assert "before the last push" in refusals(client)[0]


def test_a_head_that_was_there_before_and_came_back_is_a_new_push(
    client: Api, approved: GitHub
) -> None:
    """Push A, push B, have B approved, push A again."""
    approved.pulls[7]["head"]["sha"] = "b" * 40
    approved.runs[:] = [run(9, "b" * 40), run(6), run(4), run(1, "b" * 40)]

    assert "before the last push" in refusals(client)[0]


def test_runs_of_a_branch_of_the_same_name_elsewhere_do_not_count(
    client: Api, approved: GitHub
) -> None:
    approved.runs[:0] = [run(9, "b" * 40, repository="stranger/name")]

    assert len(labels.honoured(client, 7)[0]) == 1


def test_a_head_that_no_run_is_known_of_is_not_approved(client: Api, approved: GitHub) -> None:
    approved.runs.clear()

    assert "before the last push" in refusals(client)[0]


def test_on_a_merged_pull_request_it_counts_whatever_became_of_its_branch(
    client: Api, approved: GitHub
) -> None:
    """Another pull request from the same branch, after the merge."""
    approved.merge_pull(7, "c" * 40, at=at(8))
    approved.runs[:0] = [run(9, "d" * 40)]

    assert len(labels.honoured(client, 7)[0]) == 1


def test_after_the_merge_it_counts_without_a_run(client: Api, approved: GitHub) -> None:
    """Runs are not kept for ever, and nobody can push to what was merged."""
    approved.merge_pull(7, "c" * 40, at=at(4))
    approved.runs.clear()

    assert len(labels.honoured(client, 7)[0]) == 1


def test_runs_of_a_fork_that_is_gone_are_known_by_their_head(client: Api, approved: GitHub) -> None:
    approved.merge_pull(7, "c" * 40, at=at(8))["head"]["repo"] = None
    approved.runs[:] = [run(6), run(1) | {"head_repository": None}]

    assert len(labels.honoured(client, 7)[0]) == 1


def test_merging_does_not_make_up_for_a_push_after_the_label(client: Api, approved: GitHub) -> None:
    approved.merge_pull(7, "c" * 40, at=at(8))["head"]["sha"] = "b" * 40
    approved.runs[:0] = [run(7, "b" * 40)]

    assert "before the last push" in refusals(client)[0]


@pytest.mark.parametrize(
    "comment",
    [
        commented("maintainer", "looks good"),
        commented("maintainer", f"/reason {APPROVED}:   "),
        commented("maintainer", "/reason inconclusive-approved: another label's"),
        commented("maintainer", f"> /reason {APPROVED}: quoted"),
        commented("author", f"/reason {APPROVED}: somebody else's"),
    ],
)
def test_without_their_own_reason_it_does_not_count(
    client: Api, approved: GitHub, comment: dict[str, Any]
) -> None:
    approved.timeline[7][0] = comment

    assert "has given no reason; comment a line `/reason gates-approved: …`" in refusals(client)[0]


def test_the_last_reason_is_kept_and_short(client: Api, approved: GitHub) -> None:
    approved.timeline[7].append(commented("maintainer", f"/reason {APPROVED}: {'very ' * 900}"))

    reason = labels.honoured(client, 7)[0][0].reason

    assert reason.startswith("very very")
    assert len(reason) <= 2000


def test_a_label_that_nobody_is_known_to_have_set(client: Api, approved: GitHub) -> None:
    approved.timeline[7].pop()

    assert "who set it is not known" in refusals(client)[0]


def test_the_timeline_is_read_to_its_end(client: Api, approved: GitHub) -> None:
    approved.timeline[7][1:1] = [commented("somebody", "hm")] * 120

    assert len(labels.honoured(client, 7)[0]) == 1


EVENTS = [
    ("pull_request", {"pull_request": {"number": 7}}),
    (
        "merge_group",
        {"merge_group": {"head_ref": f"refs/heads/gh-readonly-queue/main/pr-7-{HEAD}"}},
    ),
    ("push", {"after": "c" * 40}),
]


@pytest.mark.parametrize(("name", "event"), EVENTS)
def test_the_file_has_the_overrides_of_the_runs_pull_request(
    job: Job, approved: GitHub, name: str, event: Any
) -> None:
    approved.pulls[7] |= {"merged_at": at(8), "merge_commit_sha": "c" * 40}
    job.event(name, event)

    labels.main(job.folder / "overrides.json")

    assert [o.by for o in overrides.read(job.folder / "overrides.json")] == ["maintainer"]


@pytest.mark.parametrize(
    ("name", "event"),
    [
        ("workflow_dispatch", {}),
        ("merge_group", {"merge_group": {"head_ref": "refs/heads/pr-7-mine"}}),
        ("push", {"after": "d" * 40}),
    ],
)
def test_without_a_pull_request_there_are_none(
    job: Job, approved: GitHub, name: str, event: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    job.event(name, event)

    labels.main(job.folder / "overrides.json")

    assert overrides.read(job.folder / "overrides.json") == []
    assert "no pull request, so no label overrides a gate" in capsys.readouterr().out


def test_a_refused_label_is_told(
    job: Job, approved: GitHub, capsys: pytest.CaptureFixture[str]
) -> None:
    approved.collaborators["maintainer"] = "read"
    job.event(*EVENTS[0])

    labels.main(job.folder / "overrides.json")

    assert "::warning ::the label gates-approved does not count" in capsys.readouterr().out


def test_when_github_cannot_be_asked_there_are_none(
    job: Job, approved: GitHub, capsys: pytest.CaptureFixture[str]
) -> None:
    approved.permissions = {}
    job.event(*EVENTS[0])

    labels.main(job.folder / "overrides.json")

    assert overrides.read(job.folder / "overrides.json") == []
    assert "labels cannot be looked up, so none overrides a gate" in capsys.readouterr().out


def test_without_the_right_to_list_runs_it_cannot_be_told(client: Api, approved: GitHub) -> None:
    approved.permissions = {"pull-requests": "read"}

    with pytest.raises(GitHubError, match="403"):
        labels.honoured(client, 7)


def test_a_fault_of_github_is_not_taken_for_no_access(client: Api, approved: GitHub) -> None:
    approved.faults["GET collaborators/maintainer/permission"] = 503

    with pytest.raises(GitHubError, match="503"):
        labels.honoured(client, 7)
