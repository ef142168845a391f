"""A line more in a file on a branch that is only ever appended to."""

import base64
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mlops.github.api import Api, DeniedError, DisabledError, GitHubError
from mlops.github.settings import lacking

TRIES = 5
PAUSE = 1.0  # seconds, more with every try


@dataclass(frozen=True)
class Tip:
    """Where a branch ends; the hashes of its commit and of that commit's files."""

    commit: str
    tree: str


def append(
    api: Api, branch: str, file: str, line: str, *, known: Callable[[str], bool], message: str
) -> bool:
    """Append `line`, which has its end, to `file` on `branch`, in a commit with this message.

    Nothing is done where `known` says of the file's text that it tells this already; returns
    whether the line is new. The branch is made, without a parent, where there is none, and its
    other files stay. A writer that comes first makes the others try again; nothing is ever forced.
    Raises DisabledError where the token may not begin the branch, GitHubError when GitHub refuses.
    """
    tries = 0
    while True:
        tip = _tip(api, branch)
        before = _content(api, tip.tree, file) if tip else ""
        if known(before):
            return False
        try:
            _commit(api, branch, tip, {file: before + line}, message)
        except DeniedError as denied:
            if tip:
                raise
            raise DisabledError(lacking("contents: write"), denied.status) from None
        except GitHubError as error:
            tries += 1
            if error.status not in (409, 422) or tries == TRIES:
                raise
            time.sleep(PAUSE * tries)
        else:
            return True


def _tip(api: Api, branch: str) -> Tip | None:
    try:
        commit = str(api.get(f"git/ref/heads/{branch}")["object"]["sha"])
    except GitHubError as error:
        if error.status == 404:
            return None
        raise
    return Tip(commit, str(api.get(f"git/commits/{commit}")["tree"]["sha"]))


def _content(api: Api, tree: str, file: str) -> str:
    """The text of a file, its last line ended; empty where there is no such file."""
    entries = api.get(f"git/trees/{tree}")["tree"]
    blobs = [entry["sha"] for entry in entries if entry["path"] == file]
    if not blobs:
        return ""
    text = base64.b64decode(api.get(f"git/blobs/{blobs[0]}")["content"]).decode()
    return text if not text or text.endswith("\n") else text + "\n"


def _commit(api: Api, branch: str, tip: Tip | None, files: dict[str, str], message: str) -> None:
    """Commit these files on top of `tip`; GitHub refuses with 422 when the branch has moved on."""
    entries = [
        {"path": path, "mode": "100644", "type": "blob", "content": content}
        for path, content in files.items()
    ]
    base: dict[str, Any] = {"base_tree": tip.tree} if tip else {}
    tree = api.send("POST", "git/trees", base | {"tree": entries})["sha"]
    parents = [tip.commit] if tip else []
    commit = {"message": message, "tree": tree, "parents": parents}
    made = api.send("POST", "git/commits", commit)["sha"]
    if tip is None:
        api.send("POST", "git/refs", {"ref": f"refs/heads/{branch}", "sha": made})
    else:
        api.send("PATCH", f"git/refs/heads/{branch}", {"sha": made, "force": False})
