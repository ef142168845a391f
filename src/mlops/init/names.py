"""The files that say what the repository is called, and whose it is."""

import re
from pathlib import Path

from mlops.errors import DeclarationError
from mlops.init import owners
from mlops.init.answers import LICENSED, TEMPLATE, Answers, project
from mlops.init.plan import Files, text

DESCRIPTION = "A model that pull requests are judged for, that merges deliver, and that is watched"


def renamed(answers: Answers) -> Files:
    """Every such file as it is to be; those that are absent are left out.

    Raises DeclarationError when one lacks the line that is to be changed.
    """
    old = project(text("pyproject.toml"))
    texts = {
        "pyproject.toml": _project(text("pyproject.toml"), old, answers.name),
        "README.md": _title(text("README.md"), old, answers.name),
        "LICENSE": LICENSED.sub(lambda line: _held(line, answers.holder), text("LICENSE")),
        owners.PATH: owners.with_owner(text(owners.PATH), answers.owner),
    }
    return {path: now.encode() for path, now in texts.items() if Path(path).is_file()}


def _project(toml: str, old: str, name: str) -> str:
    """pyproject.toml with the name; the template's description of itself goes with its name."""
    toml = _once(rf'^name = "{re.escape(old)}"$', f'name = "{name}"', toml)
    described = f'description = "{DESCRIPTION}"'
    return _once(r'^description = ".*"$', described, toml) if old == TEMPLATE else toml


def _title(page: str, old: str, name: str) -> str:
    """README.md with the name in its title; the template's own name nowhere."""
    titled = re.sub(rf"\A# {re.escape(old)}$", lambda _: f"# {name}", page, flags=re.MULTILINE)
    return titled.replace(TEMPLATE, name)


def _held(line: re.Match[str], holder: str) -> str:
    return line[0][: line.start(1) - line.start()] + holder


def _once(pattern: str, line: str, toml: str) -> str:
    found, count = re.subn(pattern, lambda _: line, toml, flags=re.MULTILINE)
    if count != 1:
        raise DeclarationError(
            f"pyproject.toml: expected one line like {line!r}, found {count}; put it there by hand",
            file="pyproject.toml",
        )
    return found
