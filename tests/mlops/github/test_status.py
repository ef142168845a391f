"""The status of a merge says what became of it, in a line, and leads to the run."""

from datetime import UTC, datetime, timedelta

import pytest

from mlops.github.api import Api, GitHubError
from mlops.github.status import report, said
from tests.mlops.github.server import HEAD, GitHub, RefusedError

RUN = "https://github.com/owner/name/actions/runs/4242"


def test_it_says_how_it_ended(client: Api, github: GitHub) -> None:
    report(client, HEAD, "success", "promoted as late-arrival 1.2.0", RUN)

    ((commit, (status,)),) = github.statuses.items()
    assert commit == HEAD
    assert (
        status.items()
        >= {
            "state": "success",
            "context": "promotion",
            "description": "promoted as late-arrival 1.2.0",
            "target_url": RUN,
        }.items()
    )


def test_the_newest_counts(client: Api, github: GitHub) -> None:
    report(client, HEAD, "pending", "begun", RUN)
    report(client, HEAD, "failure", "refused", RUN)

    assert [status["state"] for status in github.statuses[HEAD]] == ["pending", "failure"]


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("x" * 140, "x" * 140),
        ("x" * 141, "x" * 139 + "…"),
        ("refused:\n  roc_auc  fell", "refused: roc_auc fell"),
    ],
)
def test_it_is_one_line_of_a_length_that_github_takes(
    client: Api, github: GitHub, said: str, shown: str
) -> None:
    report(client, HEAD, "failure", said, RUN)

    assert github.statuses[HEAD][0]["description"] == shown


def test_outside_a_run_it_leads_nowhere(client: Api, github: GitHub) -> None:
    report(client, HEAD, "error", "stopped", "")

    assert github.statuses[HEAD][0]["target_url"] is None


def test_it_is_tried_again(client: Api, github: GitHub) -> None:
    answers = iter([503, 502])

    def out_of_order(_call: str, half: str) -> None:
        if half == "before" and (status := next(answers, None)):
            raise RefusedError(status, "out of order")

    github.on_call = out_of_order
    report(client, HEAD, "success", "promoted", RUN)

    assert len(github.statuses[HEAD]) == 1
    assert len(github.calls) == 3


def test_a_token_that_may_not_is_told_what_it_lacks(client: Api, github: GitHub) -> None:
    github.permissions = {"contents": "write"}

    with pytest.raises(GitHubError, match=r"403 .*this takes `statuses: write`"):
        report(client, HEAD, "success", "promoted", RUN)

    assert github.statuses == {}


def test_it_is_read_back(client: Api, github: GitHub) -> None:
    report(client, HEAD, "error", "stopped in package", RUN)
    report(client, HEAD, "success", "promoted as late-arrival 1.2.0", RUN)
    report(client, HEAD, "failure", "refused by floors", f"{RUN}3")
    github.statuses[HEAD].append(github.statuses[HEAD][-1] | {"context": "other"})

    last = said(client, HEAD, RUN)

    assert last is not None
    assert last.description == "promoted as late-arrival 1.2.0"
    assert abs(last.at - datetime.now(UTC)) < timedelta(minutes=1)


def test_what_a_run_did_not_say_is_not_found(client: Api, github: GitHub) -> None:
    report(client, HEAD, "success", "by hand", "")
    for number in range(150):
        report(client, HEAD, "success", "promoted", f"{RUN}/{number}")

    assert said(client, HEAD, RUN) is None
    assert said(client, "b" * 40, RUN) is None


def test_a_token_that_may_not_read_is_told_what_it_lacks(client: Api, github: GitHub) -> None:
    github.permissions = {"contents": "write"}

    with pytest.raises(GitHubError, match="this takes `statuses: read`"):
        said(client, HEAD, RUN)
