"""What a run took of runners."""

from dataclasses import dataclass
from datetime import datetime

from mlops.github.api import Api, GitHubError, needing


@dataclass(frozen=True)
class Spent:
    """The minutes of all jobs, added, and when the last of them ended."""

    minutes: float
    ended: datetime


def spent(api: Api, run: int) -> Spent:
    """What the jobs of a run took, in all attempts; GitHub bills each job in whole minutes.

    Raises GitHubError when GitHub refuses, or knows of no job that ended.
    """
    with needing("actions: read"):
        listed = list(api.pages(f"actions/runs/{run}/jobs", "jobs", filter="all"))
    done = {  # each once: where failed jobs alone ran again, the others may be listed twice
        (str(job["name"]), str(job["started_at"]), str(job["completed_at"]))
        for job in listed
        if job["completed_at"]
    }
    if not done:
        raise GitHubError(f"no job of run {run} has ended")
    times = [(datetime.fromisoformat(began), datetime.fromisoformat(end)) for _, began, end in done]
    # a job that was skipped may end before it began
    seconds = sum(max((end - began).total_seconds(), 0.0) for began, end in times)
    return Spent(round(seconds / 60, 2), max(end for _, end in times))
