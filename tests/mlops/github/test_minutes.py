"""What a run took: all of its jobs, in all attempts, each once."""

from datetime import UTC, datetime

import pytest

from mlops.github.api import Api, GitHubError
from mlops.github.minutes import spent
from tests.mlops.github.answers import Json
from tests.mlops.github.conftest import RUN
from tests.mlops.github.server import GitHub


def ran(name: str, began: str, ended: str | None, attempt: int = 1) -> Json:
    """A job; times are those of a day, such as 10:00:00."""
    return {
        "name": name,
        "started_at": f"2026-03-01T{began}Z",
        "completed_at": ended and f"2026-03-01T{ended}Z",
        "run_attempt": attempt,
    }


def test_jobs_that_ran_beside_each_other_are_added(client: Api, github: GitHub) -> None:
    github.jobs[RUN] = [ran("a", "10:00:00", "10:04:30"), ran("b", "10:00:10", "10:01:10")]

    took = spent(client, RUN)

    assert took.minutes == 5.5
    assert took.ended == datetime(2026, 3, 1, 10, 4, 30, tzinfo=UTC)


def test_a_job_that_ran_again_counts_again_and_one_that_is_listed_again_does_not(
    client: Api, github: GitHub
) -> None:
    github.jobs[RUN] = [
        ran("good", "10:00:00", "10:02:00"),
        ran("bad", "10:00:00", "10:01:00"),
        ran("good", "10:00:00", "10:02:00", attempt=2),
        ran("bad", "11:00:00", "11:03:00", attempt=2),
    ]

    took = spent(client, RUN)

    assert took.minutes == 6
    assert took.ended.hour == 11


def test_a_job_that_was_skipped_or_still_runs_takes_nothing(client: Api, github: GitHub) -> None:
    github.jobs[RUN] = [
        ran("a", "10:00:00", "10:00:06"),
        ran("skipped", "10:00:02", "10:00:01"),
        ran("running", "10:00:00", None),
    ]

    assert spent(client, RUN).minutes == 0.1


def test_all_pages_are_read(client: Api, github: GitHub) -> None:
    github.jobs[RUN] = [ran(f"{number}", "10:00:00", "10:01:00") for number in range(250)]

    assert spent(client, RUN).minutes == 250


def test_without_a_job_that_ended_it_cannot_be_said(client: Api, github: GitHub) -> None:
    github.jobs[RUN] = [ran("running", "10:00:00", None)]

    with pytest.raises(GitHubError, match=f"no job of run {RUN} has ended"):
        spent(client, RUN)


def test_a_token_that_may_not_ask_is_told_what_it_lacks(client: Api, github: GitHub) -> None:
    github.permissions = {"contents": "write"}

    with pytest.raises(GitHubError, match="this takes `actions: read`"):
        spent(client, RUN)
