"""What became of a merge, as a commit status and in the summary: every merge gets one."""

import os
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from mlops.github import job, status
from mlops.github.api import Api, DeniedError, GitHubError
from mlops.github.settings import lacking
from mlops.progress import console
from mlops.promotion.ending import STATES

VARIABLE = "MLOPS_JOBS"
_JOBS = TypeAdapter(dict[str, dict[str, Any]])


def outcome(api: Api, commit: str) -> str:
    """Report how the jobs before this one ended, as GitHub lists them in MLOPS_JOBS.

    Where the token may set no status, that is told: each job has said what became of it. Raises
    GitHubError when that is not such a list, or GitHub refuses.
    """
    try:
        jobs = _JOBS.validate_json(os.environ.get(VARIABLE, ""))
    except ValidationError:
        raise GitHubError(
            f"{VARIABLE} must hold the JSON of the jobs before, as `toJSON(needs)` gives it"
        ) from None
    state, said = _concluded(jobs)
    console.print(said, markup=False)
    try:
        status.report(api, commit, state, said, job.address())
    except DeniedError:
        job.say(f"no status on the commit says so: {lacking('statuses: write')}")
    return said


def _concluded(
    jobs: dict[str, dict[str, Any]],
) -> tuple[Literal["success", "failure", "error"], str]:
    for found in (one for one in jobs.values() if one["result"] != "skipped"):
        if ending := str((found.get("outputs") or {}).get("ending") or ""):
            return STATES.get(ending.partition(" ")[0], "error"), ending
    broken = [name for name, found in jobs.items() if found["result"] in ("failure", "cancelled")]
    where = f"in {broken[0]}" if broken else "before its end"
    return "error", f"stopped {where}; run it again: it goes on where it stopped"
