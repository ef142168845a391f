"""Workflows with a schedule, from their files, and what GitHub says of each."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mlops.errors import DeclarationError
from mlops.github.api import Api, GitHubError
from mlops.github.schedules import Scheduled, every, known, scheduled
from tests.conftest import ROOT
from tests.mlops.github.server import GitHub


def workflow(folder: Path, name: str, triggers: str) -> None:
    (folder / name).write_text(f"name: a workflow\non: {triggers}\njobs: {{}}\n")


def test_workflows_with_a_schedule_by_how_often_they_run(tmp_path: Path) -> None:
    workflow(tmp_path, "daily.yml", '{schedule: [{cron: "17 3 * * *"}], workflow_dispatch: }')
    workflow(tmp_path, "both.yaml", '{schedule: [{cron: "0 0 1 * *"}, {cron: "5 4 * * 1"}]}')
    workflow(tmp_path, "push.yml", "{push: {branches: [main]}}")
    workflow(tmp_path, "one.yml", "push")

    assert scheduled(tmp_path) == [Scheduled("both.yaml", 7), Scheduled("daily.yml", 1)]


@pytest.mark.parametrize(
    ("cron", "days"),
    [
        ("*/10 * * * *", 1),
        ("17 3 * * *", 1),
        ("17 3 */2 * *", 1),
        ("17 3 * * 1", 7),
        ("17 3 5 * *", 31),
        ("17 3 5 1,7 *", 366),
        ("", 1),
    ],
)
def test_how_far_two_runs_are_apart(cron: str, days: int) -> None:
    assert every(cron) == days


def test_the_schedules_of_this_repository_are_found() -> None:
    assert Scheduled("reconcile.yml", 1) in scheduled(ROOT / ".github/workflows")


def test_a_file_that_is_no_yaml_is_named(tmp_path: Path) -> None:
    (tmp_path / "broken.yml").write_text("on: {schedule")

    with pytest.raises(DeclarationError, match=r"broken\.yml: not valid YAML"):
        scheduled(tmp_path)


def test_what_github_says(client: Api, github: GitHub) -> None:
    github.add_workflow("monitor.yml", state="disabled_inactivity", age=90, last=70)

    found = known(client, "monitor.yml")

    assert found is not None
    assert found.state == "disabled_inactivity"
    assert found.last is not None
    day = timedelta(days=1)
    assert 69 * day < datetime.now(UTC) - found.last < 71 * day
    assert 89 * day < datetime.now(UTC) - found.since < 91 * day
    assert found.address.endswith("/actions/workflows/monitor.yml")


def test_runs_by_hand_and_runs_that_failed_do_not_count(client: Api, github: GitHub) -> None:
    github.add_workflow("monitor.yml", last=1)
    github.scheduled["monitor.yml"][0]["conclusion"] = "failure"
    github.scheduled["monitor.yml"] += [
        {
            "event": "workflow_dispatch",
            "conclusion": "success",
            "created_at": "2026-01-01T00:00:00Z",
        }
    ]

    found = known(client, "monitor.yml")

    assert found is not None
    assert found.last is None


def test_a_workflow_that_github_does_not_know(client: Api) -> None:
    assert known(client, "monitor.yml") is None


def test_a_token_that_may_not_ask(client: Api, github: GitHub) -> None:
    github.permissions["actions"] = "none"

    with pytest.raises(GitHubError, match="takes `actions: read`"):
        known(client, "monitor.yml")
