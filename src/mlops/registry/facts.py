"""What the candidate that is checked out is made of."""

import hashlib
import json
from typing import Any

import msgspec
from ruamel.yaml import YAML

from mlops import git, params
from mlops.data import pin
from mlops.package import exported
from mlops.registry.errors import RegistryError
from mlops.registry.record import Facts
from serving.manifest import Manifest

PARAMS = str(params.PATH)
LOCK = str(exported.LOCK)
DATA = str(pin.PATH)
CODE = ("src/problem",)
PACKAGES = "requirements/run.txt"
SERVER = ("Dockerfile", "requirements/serve.txt", "src/serving")
INPUT = ("name", "kind", "nullable", "low", "high", "values", "pattern", "table")


def facts() -> Facts:
    """The facts of the work tree, which must be committed, its pipeline having run.

    Raises RegistryError when a file that counts differs from HEAD, PackagingError when
    artifacts/export is not the one that dvc.lock records.
    """
    return Facts(**committed(), interface=interface(exported.read()))


def committed() -> dict[str, str]:
    """All facts but the interface: what can be said before the pipeline has run here.

    Where they are a version's, the interface is its own, too, since `export` is.
    Raises RegistryError when a file that counts differs from HEAD, or is missing.
    """
    head = git.head()
    if head is None:
        raise RegistryError("there is no commit here, and a version is made of one; commit first")
    _refuse_changes(head)
    return of(head)


def of(commit: str) -> dict[str, str]:
    """The same of any commit that is here; RegistryError when a file that counts is missing."""
    data, lock = pin.parse(_read(commit, DATA).decode("utf-8")), _read(commit, LOCK)
    return {
        "lock": _sha256(lock),
        "data": data.md5,
        "through": data.through,
        "params": _sha256(_read(commit, PARAMS)),
        "code": _files(commit, CODE),
        "packages": _sha256(_read(commit, PACKAGES)),
        "server": _files(commit, SERVER),
        "export": _export(lock),
    }


def _refuse_changes(head: str) -> None:
    counts = (LOCK, DATA, PARAMS, "dvc.yaml", PACKAGES, *CODE, *SERVER)
    changed = [
        file
        for file in git.changed_files(head)
        if any(file == path or file.startswith(f"{path}/") for path in counts)
    ]
    if changed:
        raise RegistryError(
            f"{', '.join(changed[:5])}{' …' if changed[5:] else ''}: not what is committed, and a "
            f"version is made of a commit; commit it, or bring it back with `git checkout`",
            file=changed[0],
        )


def interface(manifest: Manifest) -> str:
    """What a client sends and gets; neither how values are handled nor where a class begins."""
    described = msgspec.to_builtins(manifest)
    seen: dict[str, Any] = {
        "inputs": [{key: one[key] for key in INPUT if key in one} for one in described["inputs"]],
        "keys": described.get("keys", []),
        "output": {key: of for key, of in described["output"].items() if key != "threshold"},
    }
    return _sha256(json.dumps(seen, sort_keys=True).encode())


def _export(lock: bytes) -> str:
    """The md5 that dvc.lock records for the exported model."""
    stages = YAML(typ="safe").load(lock.decode("utf-8")).get("stages", {})
    for out in stages.get("export", {}).get("outs", []):
        if out["path"] == exported.FOLDER.as_posix():
            return str(out["md5"])
    raise RegistryError(
        f"{LOCK} records no {exported.FOLDER}: the pipeline did not run to its end; run it with "
        f"`mlops run`, then commit",
        file=LOCK,
    )


def _files(commit: str, paths: tuple[str, ...]) -> str:
    """Of the path and the content of every file at or below these paths."""
    return _sha256(json.dumps(git.files(commit, *paths), sort_keys=True).encode())


def _read(commit: str, path: str) -> bytes:
    found = git.content(commit, path)
    if found is None:
        raise RegistryError(
            f"{path} is not in commit {commit[:12]}, and a version is made of it; restore it, run "
            f"the pipeline with `mlops run`, then commit",
            file=path,
        )
    return found


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
