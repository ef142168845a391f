"""`mlops push`: what the pipeline computed goes to the DVC remote, so that nobody runs it again."""

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from mlops import dvc
from mlops.errors import DataError
from mlops.github.api import GitHubError
from mlops.github.job import say
from mlops.progress import console, step

AUDIENCE = "sts.amazonaws.com"  # whom the token is for: nobody else takes it
TOKEN_FILE = "AWS_WEB_IDENTITY_TOKEN_FILE"  # noqa: S105 - where boto3 looks for a token
PATIENCE = 30.0  # seconds


def push() -> None:
    """Push all that data.dvc and dvc.lock name to the remote; what it has already is left there.

    Without a remote this says so, and that is all. Raises DataError when the remote refuses, or a
    part is neither here nor there, GitHubError when GitHub does not vouch for this job.
    """
    if not dvc.remotes():
        say(
            f"no DVC remote is configured, so nothing is pushed; `dvc remote add` or {dvc.ADDRESS} "
            f"names one"
        )
        return
    with step("pushing what the pipeline computed to the DVC remote"), web_identity():
        code, said = dvc.push()
    if code:
        reason = re.search(r"^ERROR: (.+)", said, flags=re.MULTILINE)
        raise DataError(
            f"the DVC remote does not take it: {(reason[1] if reason else said.strip())[:600]}; "
            f"check its address and who may write there"
        )
    if "Missing cache files" in said:
        lacking = len(re.findall(r"^md5: ", said, flags=re.MULTILINE))
        raise DataError(
            f"{lacking} of the objects that data.dvc and dvc.lock name are neither in the DVC "
            f"cache nor at the remote; bring them with `mlops run`, then `mlops push`"
        )
    console.print("the DVC remote has all that data.dvc and dvc.lock name")


@contextmanager
def web_identity() -> Iterator[None]:
    """In a job with AWS_ROLE_ARN, have GitHub vouch for it in a file that boto3 reads.

    So no secret is kept anywhere: AWS trusts the repository and its branch, for an hour. The file
    is this user's alone, and gone afterwards. Raises GitHubError when the job may not ask for it.
    """
    on_github = os.environ.get("GITHUB_ACTIONS") == "true"
    if not on_github or not os.environ.get("AWS_ROLE_ARN") or os.environ.get(TOKEN_FILE):
        yield
        return
    token = _token()
    handle, name = tempfile.mkstemp(prefix="identity-", dir=os.environ.get("RUNNER_TEMP"))
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:  # which mkstemp made with mode 0600
            file.write(token)
        os.environ[TOKEN_FILE] = name
        yield
    finally:
        os.environ.pop(TOKEN_FILE, None)
        Path(name).unlink()


def _token() -> str:
    """GitHub's word on which workflow of which repository this is.

    https://docs.github.com/actions/reference/openid-connect-reference
    """
    url, ours = (os.environ.get(f"ACTIONS_ID_TOKEN_REQUEST_{part}") for part in ("URL", "TOKEN"))
    if not url or not ours:
        raise GitHubError(
            "AWS_ROLE_ARN is set, and GitHub does not vouch for this job: give it the permission "
            "`id-token: write`, or do without the variable"
        )
    asked = httpx.URL(url).copy_merge_params({"audience": AUDIENCE})
    try:
        answer = httpx.get(asked, headers={"Authorization": f"Bearer {ours}"}, timeout=PATIENCE)
        answer.raise_for_status()
        return str(answer.json()["value"])
    except (httpx.HTTPError, ValueError, LookupError, TypeError) as reason:
        status = reason.response.status_code if isinstance(reason, httpx.HTTPStatusError) else None
        raise GitHubError(
            f"GitHub does not vouch for this job: {status or type(reason).__name__}", status
        ) from None
