"""Whose a file is, when a newer template is merged."""

from fnmatch import fnmatchcase

from mlops.template.origin import PATH

YOURS = (
    "src/problem/",
    "tests/problem/",
    "data/",
    "data.dvc",
    "dvc.lock",
    "metrics/",
    "reports/",
    "README.md",
    "LICENSE",
    ".github/CODEOWNERS",
    PATH.as_posix(),
)
"""Never touched by an update: folders end with a slash."""
LOCKS = "requirements/*.txt"
"""Made from pyproject.toml by `make lock`; a conflict in one is nothing to resolve by hand."""


def yours(path: str) -> str | None:
    """The entry of YOURS that `path` is, or is in; None where the template may change it."""
    return next((r for r in YOURS if path == r or (r[-1] == "/" and path.startswith(r))), None)


def is_lock(path: str) -> bool:
    """Whether `path` is a lock file."""
    return fnmatchcase(path, LOCKS)
