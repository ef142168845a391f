"""The three-way merge, in git's objects alone: neither work tree nor index are touched.

git itself merges, renames and all. What it is given leaves out what is not to be merged: the files
that are yours, and those that the copy has deleted.
"""

import os
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Literal, TypeVar

from mlops.template import lines, origin
from mlops.template.errors import TemplateError
from mlops.template.origin import Origin
from mlops.template.rooms import is_lock, yours
from mlops.template.store import NOBODY, Entry, Files, Store

Kind = Literal["changed", "added", "removed", "renamed", "conflict", "yours", "left out", "lock"]
Stages = list[tuple[str, str, int]]  # mode, blob, and 1 for the base, 2 for ours, 3 for theirs
T = TypeVar("T")
PROJECT = "pyproject.toml"


@dataclass(frozen=True)
class Change:
    """What the merge does to a file, or why it does not."""

    path: str
    kind: Kind
    told: str = ""


@dataclass(frozen=True)
class Merged:
    """The result of a merge."""

    tree: str
    """All files of it; those in conflict have both sides between markers."""
    unmerged: dict[str, Stages]
    """The files in conflict: what the index has of them until somebody resolves them."""
    changes: list[Change]
    locks: bool
    """Whether the lock files have to be made anew."""


def merge(store: Store, base: str, ours: str, theirs: str, become: Origin) -> Merged:
    """Merge what `theirs`, a commit of the template, changed since `base` into the commit `ours`.

    `become` is what template.json says afterwards. Raises TemplateError when git cannot merge.
    """
    before, own, new = (store.files(commit) for commit in (base, ours, theirs))
    left = _left_out(store, *map(_shared, (before, own, new)))
    trees = [
        store.tree({path: e for path, e in _shared(files).items() if path not in left})
        for files in (before, own, new)
    ]
    result, unmerged, why = _git_merges(store, trees, f"template v{become.version}")
    locks = [path for path in unmerged if is_lock(path) and path in own]
    for path in locks:
        del unmerged[path]
    result |= {path: own[path] for path in own if yours(path) or path in locks}
    result[origin.PATH.as_posix()] = ("100644", store.blob(become.text().encode()))
    merged = store.tree(result)
    changes = [
        *_differences(store, ours, merged, unmerged),
        *(Change(path, "conflict", why.get(path, "")) for path in unmerged),
        *(Change(path, "left out", told) for path, told in left.items() if told),
        *(Change(path, "yours") for path in sorted(own | new) if _passed(path, before, own, new)),
        *(Change(path, "lock", "both sides changed it; yours stays") for path in locks),
    ]
    moved = any(is_lock(path) and new.get(path) != before.get(path) for path in before | new)
    asks = [_packages(store, files.get(PROJECT)) for files in (result, new)]
    stale = moved and (bool(locks) or None in asks or asks[0] != asks[1])
    return Merged(merged, unmerged, sorted(changes, key=lambda c: c.path), stale)


def _packages(store: Store, project: Entry | None) -> list[Any] | None:
    """What a pyproject.toml asks for; None where that cannot be told, as in a conflict."""
    content = store.raw("cat-file", "blob", project[1]).decode() if project else ""
    try:
        found = tomllib.loads(content)
    except tomllib.TOMLDecodeError:
        return None
    return [found.get("project", {}).get("dependencies"), found.get("dependency-groups")]


def _shared(files: Files) -> Files:
    return {path: entry for path, entry in files.items() if not yours(path)}


def _passed(path: str, before: Files, own: Files, new: Files) -> bool:
    """Whether the template changed a file that is yours, and that says something else here."""
    room = yours(path) and path != origin.PATH.as_posix()
    return bool(room) and new.get(path) not in (before.get(path), own.get(path))


def _left_out(store: Store, before: Files, own: Files, new: Files) -> dict[str, str]:
    """The files that the copy has deleted, with a word where the template went on with them.

    What the template puts into a folder that the copy deleted, or makes out of a file that it
    deleted, is among them. A file that the copy renamed is not.
    """
    base, ours, theirs = map(store.tree, (before, own, new))
    moved = _renamed(store, base, ours)
    left = dict.fromkeys((p for p in before if p not in own and p not in moved), "")
    had = Counter(folder for path in before for folder in _folders(path))
    lost = Counter(folder for path in left for folder in _folders(path))
    gone = {folder for folder, count in lost.items() if count == had[folder]}
    changed = {p for p in left if p in new and new[p] != before[p]}
    left |= dict.fromkeys(changed, "deleted here, changed in the template")
    for old, path in _renamed(store, base, theirs).items():
        if old in left and path not in own:
            left[path] = f"{old} is deleted here"
    for path in new.keys() - before.keys() - own.keys() - left.keys():
        folder = next((f for f in _folders(path) if f in gone), None)
        if folder:
            left[path] = f"new; {folder}/ is deleted here"
    return left


def _folders(path: str) -> Iterator[str]:
    """The folders that a file is in, innermost first."""
    yield from (str(parent) for parent in list(PurePosixPath(path).parents)[:-1])


def _renamed(store: Store, one: str, other: str) -> dict[str, str]:
    """By old path the new one, as git's similarity of content finds it."""
    listed = store.raw(
        "diff-tree", "-r", "-z", "-M", "--name-status", "--diff-filter=R", one, other
    )
    parts = os.fsdecode(listed).split("\0")
    return dict(zip(parts[1::3], parts[2::3], strict=False))


def _git_merges(
    store: Store, trees: list[str], label: str
) -> tuple[Files, dict[str, Stages], dict[str, str]]:
    """The merged files, those in conflict, and what git says of each."""
    base, *sides = trees
    root = store.said("commit-tree", base, "-m", "base", within=NOBODY)
    ours, theirs = (
        store.said("commit-tree", tree, "-p", root, "-m", name, within=NOBODY)
        for tree, name in zip(sides, ("ours", "theirs"), strict=True)
    )
    options = ("-c", "merge.directoryRenames=false", "-c", "merge.renames=true")
    run = store.run(*options, "merge-tree", "--write-tree", "-z", ours, theirs)
    if run.returncode not in (0, 1) or not run.stdout:
        raise TemplateError(
            f"{store.said('--version')} cannot merge without a work tree, which takes 2.38 or newer"
        )
    listed, _, said = os.fsdecode(run.stdout).partition("\0\0")
    tree, *entries = listed.split("\0")
    unmerged: dict[str, Stages] = {}
    for entry in filter(None, entries):
        told, path = entry.split("\t", 1)
        mode, blob, stage = told.split()
        unmerged.setdefault(path, []).append((mode, blob, int(stage)))
    names = {ours: "yours", theirs: label}
    files = store.files(tree)
    files |= _by_line(store, files, unmerged)
    files |= _marked(store, files, unmerged, names)
    return _named(files, names), _named(unmerged, names), _named(_reasons(said), names)


def _named(found: dict[str, T], names: dict[str, str]) -> dict[str, T]:
    """By path, where a file that had to move aside bears a word instead of a hash."""
    for commit, name in names.items():
        found = {p.replace(f"~{commit}", f"~{name.split()[0]}"): v for p, v in found.items()}
    return found


def _by_line(store: Store, files: Files, unmerged: dict[str, Stages]) -> Files:
    """The files in conflict whose lines stand for themselves, merged; they are none any more."""
    merged = {}
    for path in [p for p in lines.FILES if len(unmerged.get(p, [])) == 3]:
        texts = [store.raw("cat-file", "blob", blob).decode() for _, blob, _ in unmerged[path]]
        text = lines.merge(*texts)
        if text is not None:
            merged[path] = (files[path][0], store.blob(text.encode()))
            del unmerged[path]
    return merged


def _marked(
    store: Store, files: Files, unmerged: dict[str, Stages], labels: dict[str, str]
) -> Files:
    """The files in conflict, with a word instead of a hash behind each marker."""
    marked = {}
    for path in unmerged.keys() & files.keys():
        mode, blob = files[path]
        content = store.raw("cat-file", "blob", blob)
        for commit, label in labels.items():
            content = content.replace(commit.encode(), label.encode())
        marked[path] = (mode, store.blob(content))
    return marked


def _reasons(said: str) -> dict[str, str]:
    """By path the kind of conflict; the messages come as count, paths, kind and text."""
    parts = iter(said.split("\0"))
    found: dict[str, str] = {}
    for count in parts:
        if not count:
            break
        paths = [next(parts) for _ in range(int(count))]
        kind, _ = next(parts), next(parts)
        if kind.startswith("CONFLICT"):
            found |= dict.fromkeys(paths, kind.removeprefix("CONFLICT ").strip("()"))
    return found


def _differences(
    store: Store, ours: str, merged: str, unmerged: dict[str, Stages]
) -> Iterator[Change]:
    """What the merge changes; a file in conflict is told of elsewhere."""
    listed = store.raw("diff-tree", "-r", "-z", "-M", "--name-status", ours, merged)
    parts = iter(os.fsdecode(listed).split("\0"))
    kinds: dict[str, Kind] = {"A": "added", "D": "removed", "R": "renamed"}
    for status in filter(None, parts):
        kind = kinds.get(status[0], "changed")
        path, told = next(parts), ""
        if kind == "renamed":
            path, told = next(parts), f"from {path}"
        if path not in unmerged:
            yield Change(path, kind, told)
