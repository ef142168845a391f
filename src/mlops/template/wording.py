"""What the issue and the pull request say of a newer template."""

from mlops.github import issues
from mlops.report import untrusted
from mlops.template import apply
from mlops.template.plan import Plan
from mlops.template.store import plain
from mlops.template.update import folded

KIND = "mlops-template"
PAGE = "docs/update.md"
COMMAND = "mlops template update"
BRANCH = "template/update"
TRAILER = "Template"
MARK = issues.mark(KIND)
_LENGTH = 20_000  # characters of the list of files


def title(made: Plan) -> str:
    """Of the issue, the pull request, and the commit."""
    return f"Template v{made.become.version}"


def message(made: Plan) -> str:
    """Of the commit."""
    return f"{apply.message(made)}\n{TRAILER}: v{made.become.version}\n"


def issue(made: Plan) -> str:
    """With the command that brings the newer template."""
    conflicts = len(made.merged.unmerged)
    files = "1 file" if conflicts == 1 else f"{conflicts} files"
    clean = "Everything merges by itself."
    told = f"In {files} both sides changed the same lines; that is yours to resolve."
    return (
        f"{_opening(made)}\n\n"
        f"```sh\n{COMMAND}\n```\n\n"
        f"merges it on a branch of its own, for you to look at and commit ({PAGE}). "
        f"{told if conflicts else clean}\n\n"
        f"{_table(made)}\n\n"
        f"{_locks(made)}"
        f"GitHub does not let a workflow's own token push workflow files; with an App's token a "
        f"pull request comes instead ({PAGE}#a-pull-request-instead). This issue is closed by "
        f"itself when this copy has the version; close it to skip the version. Leave the label "
        f"`{issues.LABEL}` on.\n"
    )


def pull(made: Plan) -> str:
    """Of a merge without conflicts."""
    return (
        f"{_opening(made)} What is yours stays as it is.\n\n"
        f"{_table(made)}\n\n"
        f"{_locks(made)}"
        f"The checks run the pipeline with the newer code; when they call dvc.lock stale, they "
        f"name the command that adopts its results. Close this to skip the version. ({PAGE})\n"
    )


def _opening(made: Plan) -> str:
    address = untrusted.code(plain(made.become.address))
    return (
        f"{MARK}\nThe template ({address}) is at v{made.become.version}; this copy has "
        f"v{made.before.version}."
    )


def _locks(made: Plan) -> str:
    return "Afterwards, `make lock` makes the lock files anew.\n\n" if made.merged.locks else ""


def _table(made: Plan) -> str:
    rows = [
        f"| {change.kind} | {untrusted.code(change.path)} | "
        f"{untrusted.prose(change.told, 200) if change.told else ''} |"
        for change in folded(made.merged.changes)
    ]
    return issues.cut("\n".join(["| | file | |\n|---|---|---|", *rows]), _LENGTH)
