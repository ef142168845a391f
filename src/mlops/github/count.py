"""The count of uses of a hold-out, on a branch that is only ever appended to."""

import os
from datetime import UTC, datetime
from typing import Annotated

from pydantic import Field, ValidationError

from mlops.github import append as appending
from mlops.github.api import Api, DisabledError, GitHubError
from mlops.github.job import say
from mlops.judge import uses
from mlops.judge.verdict import Hash

VARIABLE = "MLOPS_USE"


class Entry(uses.Use):
    """A use, and which commit of which pull request it was."""

    commit: Hash
    pull: Annotated[int, Field(ge=1)]


def main() -> None:
    """Append the use that the environment variable MLOPS_USE states, as the comment job wrote it.

    Where it must not be written, this says so. Raises GitHubError when it is not one, or GitHub
    refuses.
    """
    try:
        entry = Entry.model_validate_json(os.environ.get(VARIABLE, ""))
    except ValidationError as invalid:
        error = invalid.errors()[0]
        place = ".".join(map(str, error["loc"])) or "the whole text"
        raise GitHubError(f"{VARIABLE} is no use of a hold-out: {place}: {error['msg']}") from None
    try:
        new = append(Api.from_environment(), entry)
    except DisabledError as disabled:
        say(f"the use of hold-out {entry.holdout[:12]} is not counted: {disabled}")
        return
    known = "counted" if new else "was counted before"
    say(f"hold-out {entry.holdout[:12]}, dvc.lock {entry.lock[:12]}: {known}")


def append(api: Api, entry: Entry) -> bool:
    """Append `entry` to uses.jsonl on the branch holdout-uses, unless its pair is there.

    Returns whether it is new.
    """

    def known(text: str) -> bool:
        return (entry.holdout, entry.lock) in {(use.holdout, use.lock) for use in uses.read(text)}

    line = uses.encode(entry.model_dump() | {"date": datetime.now(UTC).date().isoformat()})
    return appending.append(
        api, uses.BRANCH, uses.FILE, line, known=known, message="A hold-out was used"
    )
