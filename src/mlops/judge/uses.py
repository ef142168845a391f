"""How often a hold-out has been used to decide: every look at it makes its next answer weaker.

A use is a distinct dvc.lock judged on the hold-out. GitHub's uses stand in `uses.jsonl` on the
branch `holdout-uses`, a line each, which only a job of main's own code appends to; those of this
machine stand in `.mlops/uses.jsonl`.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from mlops import git
from mlops.judge.verdict import Hash

BRANCH = "holdout-uses"
FILE = "uses.jsonl"
HERE = Path(".mlops") / FILE
SOURCES = (f"origin/{BRANCH}", BRANCH)


class Use(BaseModel):
    """A line: this hold-out was used to judge the candidate with this dvc.lock."""

    model_config = ConfigDict(frozen=True)

    holdout: Hash
    lock: Hash


def count(holdout: str, lock: str) -> int:
    """Which decision on this hold-out the one on `lock` is: 1 for the first.

    Judged again it stays what it was, so that the same candidate gets the same verdict. A branch
    or file that is not there counts nothing; a line that cannot be read is passed over.
    """
    uses = [use for text in _texts() for use in read(text) if use.holdout == holdout]
    known = list(dict.fromkeys([*(use.lock for use in uses), lock]))
    return known.index(lock) + 1


def record_locally(holdout: str, lock: str) -> None:
    """Append this use to `.mlops/uses.jsonl`, unless it is there."""
    text = HERE.read_text(encoding="utf-8") if HERE.is_file() else ""
    use = Use(holdout=holdout, lock=lock)
    if use not in read(text):
        HERE.parent.mkdir(parents=True, exist_ok=True)
        with HERE.open("a", encoding="utf-8") as file:
            file.write(encode(use.model_dump()))


def read(text: str) -> list[Use]:
    """The uses in the text of a uses.jsonl; a line that cannot be read is passed over."""
    found = []
    for entry in text.splitlines():
        try:
            found.append(Use.model_validate_json(entry))
        except ValidationError:
            continue
    return found


def encode(fields: Mapping[str, str | int]) -> str:
    """The line of a use, with its end; it may have more fields than are read."""
    return json.dumps(fields) + "\n"


def _texts() -> Iterator[str]:
    for name in SOURCES:
        content = git.content(name, FILE)
        if content is not None:
            yield content.decode(errors="replace")
    if HERE.is_file():
        yield HERE.read_text(encoding="utf-8", errors="replace")
