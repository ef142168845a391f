"""Which run, which pull request: only what GitHub says of itself decides."""

from typing import Any

import pytest

from mlops.github import trigger
from mlops.github.api import Api
from mlops.github.trigger import MONITOR, PROMOTE, PULL_REQUEST, NothingToDoError, Workflow
from tests.mlops.github.conftest import Job, finished_run
from tests.mlops.github.server import HEAD, GitHub

STRANGER = {"full_name": "stranger/name", "owner": {"login": "stranger"}}


def test_a_finished_run_of_the_pull_request_workflow_is_taken(job: Job, client: Api) -> None:
    job.event("workflow_run", finished_run())

    run = trigger.read(client, PULL_REQUEST)

    assert (run.id, run.head_sha) == (4242, HEAD)


def test_the_path_may_name_a_ref(job: Job, client: Api) -> None:
    job.event("workflow_run", finished_run(path=".github/workflows/pull-request.yml@main"))

    assert trigger.read(client, PULL_REQUEST).event == "pull_request"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"event": "push"}, "the run was started by push"),
        ({"event": "pull_request_target"}, "started by pull_request_target"),
        ({"path": ".github/workflows/other.yml"}, "not one of .github/workflows/pull-request.yml"),
        ({"repository": STRANGER}, "another repository's"),
        ({"conclusion": "cancelled"}, "ended as cancelled"),
        ({"conclusion": "action_required"}, "ended as action_required"),
        ({"head_repository": None}, "what names a run is missing: head_repository"),
        ({"head_branch": None}, "what names a run is missing: head_branch"),
        ({"head_sha": "main; rm -rf /"}, "what names a run is missing: head_sha"),
    ],
)
def test_any_other_run_is_left_alone(
    job: Job, client: Api, changes: dict[str, Any], reason: str
) -> None:
    job.event("workflow_run", finished_run(**changes))

    with pytest.raises(NothingToDoError, match=reason):
        trigger.read(client, PULL_REQUEST)


def test_a_run_that_has_only_been_requested_is_left_alone(job: Job, client: Api) -> None:
    job.event("workflow_run", finished_run() | {"action": "requested"})

    with pytest.raises(NothingToDoError, match="has not finished"):
        trigger.read(client, PULL_REQUEST)


def test_another_event_is_left_alone(job: Job, client: Api) -> None:
    job.event("pull_request", {})

    with pytest.raises(NothingToDoError, match="finished runs"):
        trigger.read(client, PULL_REQUEST)


def test_a_person_may_name_a_run(job: Job, client: Api, github: GitHub) -> None:
    github.runs.append(finished_run()["workflow_run"] | {"status": "completed"})
    job.event("workflow_dispatch", {"inputs": {"run": "4242"}})

    assert trigger.read(client, PULL_REQUEST).head_sha == HEAD


def test_a_run_that_a_person_names_is_checked_like_any_other(
    job: Job, client: Api, github: GitHub
) -> None:
    github.runs.append(finished_run(event="push")["workflow_run"] | {"status": "completed"})
    github.runs.append(finished_run(id=5)["workflow_run"] | {"status": "in_progress"})

    job.event("workflow_dispatch", {"inputs": {"run": "4242"}})
    with pytest.raises(NothingToDoError, match="started by push"):
        trigger.read(client, PULL_REQUEST)
    job.event("workflow_dispatch", {"inputs": {"run": "5"}})
    with pytest.raises(NothingToDoError, match="has not finished"):
        trigger.read(client, PULL_REQUEST)


@pytest.mark.parametrize("given", ["", "../../other/repo", "4242/artifacts", "²", "-1"])
def test_what_is_no_number_of_a_run_is_not_asked_for(
    job: Job, client: Api, github: GitHub, given: str
) -> None:
    job.event("workflow_dispatch", {"inputs": {"run": given}})

    with pytest.raises(NothingToDoError, match="expected the number of a run"):
        trigger.read(client, PULL_REQUEST)

    assert github.calls == []


@pytest.mark.parametrize(
    ("workflow", "event", "conclusion"),
    [(PROMOTE, "push", "cancelled"), (MONITOR, "schedule", "failure")],
)
def test_runs_of_several_workflows_may_be_asked_for(
    job: Job, client: Api, workflow: Workflow, event: str, conclusion: str
) -> None:
    wanted = finished_run(path=f"{workflow.path}@main", event=event, conclusion=conclusion)
    job.event("workflow_run", wanted)

    assert trigger.read(client, PULL_REQUEST, PROMOTE, MONITOR).file == workflow.path
    with pytest.raises(NothingToDoError, match=r"not one of .*pull-request\.yml$"):
        trigger.read(client, PULL_REQUEST)


@pytest.mark.parametrize("workflow", [PROMOTE, MONITOR])
def test_a_pull_request_that_changes_such_a_workflow_starts_none(
    job: Job, client: Api, workflow: Workflow
) -> None:
    job.event("workflow_run", finished_run(path=workflow.path))

    with pytest.raises(NothingToDoError, match="the run was started by pull_request"):
        trigger.read(client, PULL_REQUEST, PROMOTE, MONITOR)


def asked(job: Job, client: Api, **changes: Any) -> int:
    job.event("workflow_run", finished_run(**changes))
    return trigger.pull_request(client, trigger.read(client, PULL_REQUEST))


def test_the_pull_request_is_the_open_one_with_that_head(
    job: Job, client: Api, github: GitHub
) -> None:
    github.open_pull(6, head="b" * 40, branch="another")
    github.open_pull(7)

    assert asked(job, client) == 7


def test_a_forks_pull_request_is_found_by_its_owner(job: Job, client: Api, github: GitHub) -> None:
    github.open_pull(7, fork="stranger/name")

    assert asked(job, client, head_repository=STRANGER) == 7


@pytest.mark.parametrize(
    "pull",
    [
        {"head": "b" * 40},  # a further push
        {"branch": "another"},
        {"fork": "stranger/name"},
    ],
)
def test_a_head_that_no_open_pull_request_has(
    job: Job, client: Api, github: GitHub, pull: dict[str, str]
) -> None:
    github.open_pull(7, **pull)

    with pytest.raises(NothingToDoError, match="no open pull request has the head aaaaaaaaaaaa"):
        asked(job, client)


def test_a_closed_pull_request_is_not_commented_on(job: Job, client: Api, github: GitHub) -> None:
    github.open_pull(7)["state"] = "closed"

    with pytest.raises(NothingToDoError, match="it was closed"):
        asked(job, client)


def test_two_pull_requests_with_that_head_are_one_too_many(
    job: Job, client: Api, github: GitHub
) -> None:
    github.open_pull(7)
    github.open_pull(8)

    with pytest.raises(NothingToDoError, match="7 and 8 have the same head"):
        asked(job, client)


def test_a_pull_request_to_another_repository_is_not_ours(
    job: Job, client: Api, github: GitHub
) -> None:
    github.open_pull(7)["base"]["repo"]["full_name"] = "another/name"

    with pytest.raises(NothingToDoError, match="no open pull request"):
        asked(job, client)


def test_a_fork_that_is_gone_is_not_mistaken(job: Job, client: Api, github: GitHub) -> None:
    github.open_pull(7)["head"]["repo"] = None

    with pytest.raises(NothingToDoError, match="no open pull request"):
        asked(job, client)


def found(job: Job, client: Api) -> int:
    job.event("workflow_run", finished_run())
    run = trigger.read(client, PULL_REQUEST)
    return trigger.pull_request(client, run, closed=True)


def test_a_closed_one_is_found_where_that_is_enough(job: Job, client: Api, github: GitHub) -> None:
    github.open_pull(7)["state"] = "closed"
    assert found(job, client) == 7

    github.open_pull(8)
    assert found(job, client) == 8  # the open one

    github.pulls[8]["state"] = "closed"
    with pytest.raises(NothingToDoError, match="7 and 8 have the same head"):
        found(job, client)

    github.pulls[7]["head"]["sha"] = github.pulls[8]["head"]["sha"] = "b" * 40
    with pytest.raises(NothingToDoError, match="no pull request has the head aaaaaaaaaaaa"):
        found(job, client)


def test_the_address_is_where_people_see_the_run(
    job: Job, client: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    job.event("workflow_run", finished_run())
    run = trigger.read(client, PULL_REQUEST)

    assert trigger.address(client, run) == "https://github.com/owner/name/actions/runs/4242"
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://git.example")
    assert trigger.address(client, run) == "https://git.example/owner/name/actions/runs/4242"
