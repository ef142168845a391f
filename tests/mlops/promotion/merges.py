"""A default branch on which pull requests were merged, and what GitHub knows of them."""

from collections.abc import Sequence

from tests.mlops.github.server import REPOSITORY, GitHub
from tests.mlops.judge.repositories import commit, git, write

GATES, OPEN = "gates-approved", "inconclusive-approved"


def merge(
    github: GitHub,
    number: int,
    files: dict[str, str],
    *labels: str,
    author: str = "author",
    maintainer: str = "maintainer",
) -> str:
    """Merge a pull request with these files; the commit of the merge.

    `labels` are set afterwards by the maintainer, who gives the reason `look at #NUMBER`.
    """
    git("checkout", "-q", "-b", f"topic-{number}")
    write(files)
    head = commit(f"change {number}")
    git("checkout", "-q", "main")
    git("merge", "-q", "--no-ff", "-m", f"Merge pull request #{number}", f"topic-{number}")
    merged = git("rev-parse", "HEAD")
    github.open_pull(number, head=head, branch=f"topic-{number}")["user"] = {"login": author}
    github.merge_pull(number, merged, by="merger", brought=[head])
    github.runs.append(
        {
            "head_sha": head,
            "head_branch": f"topic-{number}",
            "head_repository": {"full_name": REPOSITORY},
            "created_at": "2026-01-01T12:00:00Z",
        }
    )
    approve(github, number, labels, maintainer)
    return merged


def approve(
    github: GitHub, number: int, labels: Sequence[str], maintainer: str = "maintainer"
) -> None:
    """Somebody gives the reason and sets the labels, after the merge."""
    github.collaborators |= {"maintainer": "write", "author": "write"}
    for label in labels:
        github.pulls[number]["labels"].append({"name": label})
        said = {
            "event": "commented",
            "user": {"login": maintainer},
            "body": f"/reason {label}: look at #{number}",
            "created_at": "2026-01-02T12:00:00Z",
        }
        done = {
            "event": "labeled",
            "label": {"name": label},
            "actor": {"login": maintainer},
            "created_at": "2026-01-02T12:01:00Z",
        }
        github.timeline.setdefault(number, []).extend([said, done])


def push(files: dict[str, str]) -> str:
    """Push to the default branch without a pull request."""
    write(files)
    return commit("pushed")
