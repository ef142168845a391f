"""A setting of the repository: how it is, how it is to be, and the calls that make it so."""

import json
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from mlops.github.api import GitHubError

State = Literal["create", "change", "nothing", "left", "unknown"]
"""What is to be done. `left` is somebody's choice that is not ours to undo; `unknown` what the
token may not see, or the plan does not have."""


class Reading(Protocol):
    """As much of the API as it takes to see how things are."""

    def get(self, path: str, **query: str | int) -> Any:
        """What stands at `path`; GitHubError when it cannot be had."""

    def pages(self, path: str, key: str | None = None, **query: str | int) -> Iterator[Any]:
        """Every entry of a listing."""


@dataclass(frozen=True)
class Call:
    """A call of the API, its path relative to the repository's."""

    method: str
    path: str
    body: dict[str, Any]

    def as_gh(self) -> str:
        """The same as a line of `gh`, which puts in the repository that it stands in."""
        path = shlex.quote(f"repos/{{owner}}/{{repo}}/{self.path}")
        body = json.dumps(self.body, indent=2)
        return f"gh api --method {self.method} {path} --input - <<'JSON'\n{body}\nJSON"


@dataclass(frozen=True)
class Step:
    """One setting. `why` says what is seen, `place` where a person finds it on GitHub."""

    kind: str
    name: str
    state: State
    why: str
    place: str
    calls: tuple[Call, ...] = ()

    @property
    def open(self) -> bool:
        """Whether there is something to be done."""
        return self.state in ("create", "change")


def unseen(kind: str, name: str, place: str, refused: GitHubError) -> Step:
    """A setting that this token or this plan does not show."""
    return Step(kind, name, "unknown", str(refused), place)
