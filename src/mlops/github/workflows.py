"""The workflow files of this repository, read: what each of them names."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from mlops.errors import DeclarationError

FOLDER = Path(".github/workflows")
ACTIONS = Path(".github/actions")

_PINNED = re.compile(r"uses: *([\w.-]+/[\w.-]+)[\w./-]*@([0-9a-f]{40}) +# +(v[\w.]+)")


def paths(folder: Path = FOLDER) -> list[Path]:
    """The workflow files, by name."""
    return sorted([*folder.glob("*.yml"), *folder.glob("*.yaml")])


def read(path: Path) -> dict[str, Any]:
    """A workflow as YAML has it; empty when it is no mapping. DeclarationError for no YAML."""
    try:
        content: Any = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    except YAMLError as broken:
        where = path.as_posix()
        raise DeclarationError(f"{where}: not valid YAML ({broken})", file=where) from None
    return content if isinstance(content, dict) else {}


def environments(folder: Path = FOLDER) -> list[str]:
    """The environments that jobs enter."""
    return sorted({name for path in paths(folder) for name in _entered(read(path))})


def variables(folder: Path = FOLDER) -> set[str]:
    """The repository variables that workflows read."""
    return _mentioned(folder, "vars")


def secrets(folder: Path = FOLDER) -> set[str]:
    """The secrets that workflows read, but for the token that every job has."""
    return _mentioned(folder, "secrets") - {"GITHUB_TOKEN"}


def pinned(folder: Path = FOLDER, actions: Path = ACTIONS) -> dict[str, set[str]]:
    """By repository of an action, such as `actions/checkout`, the versions that stand beside its
    pins.
    """
    found: dict[str, set[str]] = {}
    for path in [*paths(folder), *sorted(actions.glob("*/action.yml"))]:
        for repository, _, version in _PINNED.findall(path.read_text(encoding="utf-8")):
            found.setdefault(repository, set()).add(version)
    return found


def _entered(workflow: dict[str, Any]) -> Iterator[str]:
    for job in (workflow.get("jobs") or {}).values():
        environment = job.get("environment")
        name = environment.get("name") if isinstance(environment, dict) else environment
        if name:
            yield str(name)


def _mentioned(folder: Path, context: str) -> set[str]:
    texts = (path.read_text(encoding="utf-8") for path in paths(folder))
    return {name for text in texts for name in re.findall(rf"\b{context}\.([A-Z]\w*)", text)}
