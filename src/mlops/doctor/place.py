"""git, its hooks and its origin; the workflows; what a copy of the template was to change."""

import re
from collections.abc import Iterator
from pathlib import Path

from mlops import git
from mlops.doctor.check import Seen, error, note, ok, said, warning
from mlops.errors import Failure
from mlops.github import workflows
from mlops.github.api import Api
from mlops.github.trigger import MONITOR, PROMOTE, PULL_REQUEST
from mlops.init import owners as codeowners
from mlops.init.answers import TEMPLATE, project
from mlops.template.errors import UnreachableError
from mlops.template.origin import PATH
from mlops.template.status import status

MAIN = "main"  # the branch whose pushes the workflows answer
NEEDED = (PULL_REQUEST, PROMOTE, MONITOR)  # others answer these


def hooks() -> Iterator[Seen]:
    """Whether `make check` runs before each commit."""
    folder = said("git", "rev-parse", "--git-path", "hooks")
    if folder and (Path(folder) / "pre-commit").is_file():
        yield ok("hooks run before each commit")
    else:
        yield note(
            "no hook runs before a commit; a pull request checks all the same", "pre-commit install"
        )


def origin() -> Iterator[Seen]:
    """The remote that pull requests go to, and the branch that they go into."""
    if git.head() is None:
        yield error("there is no commit: every hash is of one", "git init; git add .; git commit")
        return
    address = said("git", "remote", "get-url", "origin")
    if not address:
        yield warning(
            "there is no remote origin: nobody judges and nothing is delivered",
            "gh repo create --source . --push; or git remote add origin ADDRESS",
        )
        return
    yield ok(f"origin is {re.sub('//[^/@]*@', '//', address)}")  # a password may stand there
    pointed = said("git", "symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD")
    if pointed is None:
        yield note(
            "which branch is origin's default is not known here",
            "git remote set-head origin --auto",
        )
    else:
        yield from default_branch(pointed.removeprefix("origin/"))


def default_branch(name: str) -> Iterator[Seen]:
    """Whether workflows answer pushes to the default branch."""
    if name == MAIN:
        yield ok(f"the default branch is {name}")
    else:
        yield warning(
            f"the default branch is {name}, and workflows answer pushes to {MAIN}: nothing is "
            f"delivered",
            f"gh api --method POST 'repos/{{owner}}/{{repo}}/branches/{name}/rename' "
            f"-f new_name={MAIN}",
        )


def workflow_files() -> Iterator[Seen]:
    """Whether the workflows are there and can be read."""
    there = workflows.paths()
    lacking = [one.path for one in NEEDED if not Path(one.path).is_file()]
    if lacking:
        yield error(f"missing: {', '.join(lacking)}", f"git checkout {' '.join(lacking)}")
    for path in there:
        workflows.read(path)
    if not lacking:
        yield ok(f"{len(there)} workflows")


def initialised() -> Iterator[Seen]:
    """Whether the copy still bears the template's name."""
    name = project(Path("pyproject.toml").read_text(encoding="utf-8"))
    if name == TEMPLATE:
        yield note(f"pyproject.toml still says {TEMPLATE}: names are the template's", "mlops init")
    else:
        yield ok(f"the project is {name}")


def owners() -> Iterator[Seen]:
    """Whether somebody is asked for changes of what judges."""
    path = Path(codeowners.PATH)
    owner = codeowners.owner_in(path.read_text(encoding="utf-8")) if path.is_file() else ""
    if owner:
        yield ok(f"{path} asks @{owner}")
    else:
        yield note(
            f"{path} names nobody, who would be asked for changes of gates and workflows",
            "mlops init --owner NAME",
        )


def behind(api: Api | None) -> Iterator[Seen]:
    """Whether the template has a newer version than this copy."""
    try:
        found = status(api)
    except UnreachableError as unread:
        yield note(f"whether the template has a newer version is not known: {unread}")
        return
    except Failure as wrong:
        yield warning(str(wrong), f"git checkout {PATH}")
        return
    if found.behind:
        yield note(found.told(), "mlops template update")
    elif found.newest:
        yield ok(found.told())
    else:
        yield note(found.told())
