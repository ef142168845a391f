"""`mlops push`: what the pipeline computed goes to the DVC remote, so that nobody runs it again."""

import re

from mlops import dvc, remote
from mlops.errors import DataError
from mlops.github.job import say
from mlops.progress import console, step
from mlops.promotion.identity import web_identity


def push() -> None:
    """Push all that data.dvc and dvc.lock name to the remote; what it has already is left there.

    Without a remote this says so, and that is all. Raises DataError when the remote refuses, or a
    part is neither here nor there, GitHubError when GitHub does not vouch for this job.
    """
    if not dvc.remotes():
        say(
            f"no DVC remote is configured, so nothing is pushed; `dvc remote add` or "
            f"{remote.ADDRESS} names one"
        )
        return
    with step("pushing what the pipeline computed to the DVC remote"), web_identity():
        code, said = dvc.push()
    if code:
        raise DataError(f"the DVC remote does not take it: {remote.trouble(said)}")
    if "Missing cache files" in said:
        lacking = len(re.findall(r"^md5: ", said, flags=re.MULTILINE))
        raise DataError(
            f"{lacking} of the objects that data.dvc and dvc.lock name are neither in the DVC "
            f"cache nor at the remote; bring them with `mlops run`, then `mlops push`"
        )
    console.print("the DVC remote has all that data.dvc and dvc.lock name")
