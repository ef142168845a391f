"""The count of uses of a hold-out, on a branch that is only ever appended to."""

import base64
import os
import time
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import Field, ValidationError

from mlops.github.api import Api, GitHubError
from mlops.github.job import say
from mlops.judge import uses
from mlops.judge.verdict import Hash

VARIABLE = "MLOPS_USE"
TRIES = 5
PAUSE = 1.0  # seconds, more with every try


class Entry(uses.Use):
    """A use, and which commit of which pull request it was."""

    commit: Hash
    pull: Annotated[int, Field(ge=1)]


def main() -> None:
    """Append the use that the environment variable MLOPS_USE states, as the comment job wrote it.

    Raises GitHubError when it is not one, or GitHub refuses.
    """
    try:
        entry = Entry.model_validate_json(os.environ.get(VARIABLE, ""))
    except ValidationError as invalid:
        error = invalid.errors()[0]
        place = ".".join(map(str, error["loc"])) or "the whole text"
        raise GitHubError(f"{VARIABLE} is no use of a hold-out: {place}: {error['msg']}") from None
    new = append(Api.from_environment(), entry)
    known = "counted" if new else "was counted before"
    say(f"hold-out {entry.holdout[:12]}, dvc.lock {entry.lock[:12]}: {known}")


def append(api: Api, entry: Entry) -> bool:
    """Append `entry` to uses.jsonl on the branch holdout-uses, unless its pair is there.

    Returns whether it is new. The branch is made, without a parent, where there is none. A writer
    that comes first makes the others try again; nothing is ever forced.
    """
    tries = 0
    while True:
        tip = _tip(api)
        before = _content(api, tip) if tip else ""
        if (entry.holdout, entry.lock) in {(use.holdout, use.lock) for use in uses.read(before)}:
            return False
        try:
            _commit(api, tip, before + _line(entry))
        except GitHubError as error:
            tries += 1
            if error.status not in (409, 422) or tries == TRIES:
                raise
            time.sleep(PAUSE * tries)
        else:
            return True


def _line(entry: Entry) -> str:
    dated = entry.model_dump() | {"date": datetime.now(UTC).date().isoformat()}
    return uses.encode(dated)


def _tip(api: Api) -> str | None:
    try:
        return str(api.get(f"git/ref/heads/{uses.BRANCH}")["object"]["sha"])
    except GitHubError as error:
        if error.status == 404:
            return None
        raise


def _content(api: Api, tip: str) -> str:
    tree = api.get(f"git/trees/{tip}")["tree"]
    blobs = [entry["sha"] for entry in tree if entry["path"] == uses.FILE]
    if not blobs:
        return ""
    text = base64.b64decode(api.get(f"git/blobs/{blobs[0]}")["content"]).decode()
    return text if not text or text.endswith("\n") else text + "\n"


def _commit(api: Api, tip: str | None, content: str) -> None:
    """Commit one file on top of `tip`; GitHub refuses with 422 when the branch has moved on."""
    file = {"path": uses.FILE, "mode": "100644", "type": "blob", "content": content}
    tree = api.send("POST", "git/trees", {"tree": [file]})["sha"]
    commit: dict[str, Any] = {"message": "A hold-out was used", "tree": tree, "parents": []}
    if tip is None:
        made = api.send("POST", "git/commits", commit)["sha"]
        api.send("POST", "git/refs", {"ref": f"refs/heads/{uses.BRANCH}", "sha": made})
    else:
        made = api.send("POST", "git/commits", commit | {"parents": [tip]})["sha"]
        path = f"git/refs/heads/{uses.BRANCH}"
        api.send("PATCH", path, {"sha": made, "force": False})
