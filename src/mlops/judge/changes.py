"""What a pull request changes: files, parameters, stages, data, and whatever judges it."""

import ast
import hashlib
import json
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from mlops import git, params
from mlops.judge import verdict
from mlops.judge.verdict import Change

LOCK = Path("dvc.lock")
PROTECTED = (
    ".ci/*",
    ".github/*",
    "Makefile",
    "dvc.yaml",
    "src/mlops/*",
    "src/problem/behaviour.py",
    "src/problem/slices.py",
    "tests/planted/*",
)
"""Files that decide what is asked of a model, and by which code."""
HARMLESS = ("src/mlops/report/*",)
"""Of these, what only draws."""
SCHEMA = "src/problem/schema.py"
PROTECTED_KEYS = ("gates", "split", "evaluate", "audit", "shift", "replay", "serving.name")
"""The same in params.yaml; a model of another name has no champion to be compared with."""


@dataclass(frozen=True)
class Base:
    """The state that a pull request starts from; all of it empty when there is none."""

    commit: str | None

    def text(self, path: str | Path) -> str | None:
        """A file at the base; None when it, or the base, is not there."""
        found = git.content(self.commit, path) if self.commit else None
        return None if found is None else found.decode("utf-8", errors="replace")

    def json(self, path: str | Path) -> Any:
        """A JSON file at the base; None when it is not there or cannot be read."""
        try:
            return json.loads(self.text(path) or "null")
        except json.JSONDecodeError:
            return None

    def yaml(self, path: str | Path) -> dict[str, Any]:
        """A YAML file at the base; empty when it is not there or cannot be read."""
        return _mapping(self.text(path))

    def files(self, head: str | None = None) -> list[str]:
        """What differs from it in the commit `head`, or in the work tree."""
        if self.commit is None:
            return []
        return git.changed_files(self.commit) if head is None else _between(self.commit, head)


def digest(text: str | None) -> str | None:
    """sha256 of a text; how a dvc.lock is named."""
    return None if text is None else hashlib.sha256(text.encode()).hexdigest()


def lock_here() -> str | None:
    """The text of dvc.lock as it is in the work tree."""
    return LOCK.read_text(encoding="utf-8") if LOCK.is_file() else None


def stage(lock: str | None, name: str) -> dict[str, Any] | None:
    """A stage as a dvc.lock has it, if it does."""
    found: dict[str, Any] = _mapping(lock).get("stages", {})
    return found.get(name)


def stage_outputs(lock: str | None) -> dict[str, str]:
    """path: md5 of everything that the stages of a dvc.lock wrote."""
    stages = _mapping(lock).get("stages", {}).values()
    return {out["path"]: out["md5"] for stage in stages for out in stage.get("outs", [])}


def parameters(base: Base, head: str | None = None) -> list[Change]:
    """Every parameter that differs, by its path in params.yaml; in `head`, or in the work tree."""
    old = dict(_leaves(base.yaml(params.PATH)))
    new = dict(_leaves(_mapping(_text(params.PATH, head))))
    return [
        Change(
            name=_short(name, 200), old=_short(old.get(name, "–")), new=_short(new.get(name, "–"))
        )
        for name in dict.fromkeys([*old, *new])
        if old.get(name) != new.get(name)
    ]


def protected(base: Base, head: str | None = None) -> list[str]:
    """What differs of the gates, their thresholds and their code, as a line each.

    Between the base and the commit `head`, or the work tree. Of the schema these are the rules of
    the raw data: the inputs of a model are its own matter.
    """
    changed = base.files(head)
    files = [file for file in changed if judges(file)]
    if SCHEMA in changed and _raw_rules(base.text(SCHEMA)) != _raw_rules(_text(SCHEMA, head)):
        files.append(f"{SCHEMA}: the rules of the raw data")
    keys = [
        f"params.yaml: {change.name}, {change.old} → {change.new}"
        for change in parameters(base, head)
        if f"{change.name}.".startswith(tuple(f"{key}." for key in PROTECTED_KEYS))
    ]
    return keys + files


def judges(file: str) -> bool:
    """Whether a path decides what is asked of a model; params.yaml is looked at key by key."""
    return _one_of(file, PROTECTED) and not _one_of(file, HARMLESS)


def stage_inputs(base: Base) -> dict[str, list[str]]:
    """By stage, its dependencies and parameters that differ from those in the base's dvc.lock."""
    before = base.yaml(LOCK).get("stages", {})
    after = _mapping(lock_here()).get("stages", {})
    return {
        name: sorted(
            key
            for key in {*_inputs(before.get(name, {})), *_inputs(stage)}
            if _inputs(before.get(name, {})).get(key) != _inputs(stage).get(key)
        )
        for name, stage in after.items()
    }


def data(base: Base, found: dict[str, Any] | None, **more: Any) -> verdict.Data:
    """Rows and periods that differ, from metrics/data.json here (`found`) and at the base."""
    before = base.json("metrics/data.json") or {}
    after = found or {}
    rows, periods = [], []
    for name in dict.fromkeys([*before.get("rows", {}), *after.get("rows", {})]):
        old, new = (state.get("rows", {}).get(name) for state in (before, after))
        if base.commit and old != new:
            rows.append(Change(name=name, old=_count(old), new=_count(new)))
        was, has = (_list(state.get("periods", {}).get(name)) for state in (before, after))
        if base.commit and was != has:
            periods.append(Change(name=name, old=_range(was), new=_range(has)))
    return verdict.Data(rows=rows, periods=periods, **more)


def lost_periods(base: Base, found: dict[str, Any] | None) -> dict[str, list[str]]:
    """Periods by table that the base has and the work tree lacks."""
    before = (base.json("metrics/data.json") or {}).get("periods", {})
    after = (found or {}).get("periods", {})
    lost = {
        name: [p for p in _list(periods) if p not in _list(after.get(name))]
        for name, periods in before.items()
    }
    return {name: periods for name, periods in lost.items() if periods}


def _raw_rules(schema: str | None) -> str:
    """The code of a schema.py without FEATURES, docstrings, comments and layout."""
    try:
        code = ast.parse(schema or "").body
    except (SyntaxError, ValueError):
        return schema or ""
    kept = [part for part in code if not _is_text(part) and _assigned(part) != "FEATURES"]
    return "\n".join(ast.dump(part) for part in kept)


def _is_text(part: ast.stmt) -> bool:
    return isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant)


def _assigned(part: ast.stmt) -> str:
    targets = part.targets if isinstance(part, ast.Assign) else [getattr(part, "target", None)]
    return ", ".join(target.id for target in targets if isinstance(target, ast.Name))


def _one_of(file: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch(file, pattern) for pattern in patterns)


def _list(value: Any) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []


def _range(periods: list[str]) -> str:
    if len(periods) < 2:
        return ", ".join(periods) or "none"
    return f"{periods[0]} to {periods[-1]}, {len(periods)} in all"


def _count(rows: Any) -> str:
    return "–" if rows is None else f"{rows:,}"


def _inputs(stage: dict[str, Any]) -> dict[str, Any]:
    files = {dep["path"]: dep.get("md5") for dep in stage.get("deps", [])}
    return files | {
        f"{file}: {key}": value
        for file, keys in stage.get("params", {}).items()
        for key, value in keys.items()
    }


def _leaves(content: Any, path: str = "") -> Iterable[tuple[str, str]]:
    if isinstance(content, dict):
        for key, value in content.items():
            yield from _leaves(value, f"{path}.{key}" if path else str(key))
    elif path:
        yield path, str(content)


def _text(path: str | Path, head: str | None) -> str | None:
    if head is not None:
        return Base(head).text(path)
    here = Path(path)
    return here.read_text(encoding="utf-8", errors="replace") if here.is_file() else None


def _between(base: str, head: str) -> list[str]:
    asked = ["git", "diff", "--name-only", "-z", "--no-renames", base, head]
    said = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    return sorted(filter(None, said.split("\0")))


def _mapping(text: str | None) -> dict[str, Any]:
    try:
        content = YAML(typ="safe").load(text or "")
    except YAMLError:
        return {}
    return content if isinstance(content, dict) else {}


def _short(text: str, limit: int = 300) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
