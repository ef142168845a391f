"""What the repository declares, its data, and whether dvc.lock is what it would compute."""

from collections.abc import Iterator
from typing import Any

from mlops import contract, dvc, params
from mlops.data import pin
from mlops.doctor.check import Seen, error, note, ok, warning
from mlops.errors import DeclarationError

OTHER = ("changed command", "modified", "new")
"""In DVC's words; else something is deleted, or not in the cache, and can be made again."""


def parameters() -> Iterator[Seen]:
    """params.yaml."""
    knobs = params.load()
    yield ok(f"{params.PATH} is read; the estimator is {knobs.model.estimator}")


def declarations() -> Iterator[Seen]:
    """src/problem/, imported and checked."""
    loaded = []
    for section, name in contract.MODULES.items():
        if section is contract.Tuning and not (contract.SHIPPED / f"{name}.py").is_file():
            continue  # only a search asks for it
        try:
            contract.load(section)
            loaded.append(name)
        except DeclarationError as wrong:
            yield error(str(wrong))
    if len(loaded) == len(contract.MODULES):
        yield ok(f"src/problem/ declares {', '.join(loaded)}")


def data_and_pipeline() -> Iterator[Seen]:
    """data/ beside data.dvc, and dvc.lock beside what it was computed from."""
    pinned = pin.read()
    differing = dvc.status()
    name = pin.PATH.name
    yield from _data(pinned, differing.pop(name, None))
    changed = sorted(stage for stage, what in differing.items() if _changed(what))
    if changed:
        yield warning(
            f"dvc.lock is not of these files: {', '.join(changed)}",
            "make run, then commit dvc.lock",
        )
    elif differing:
        yield note("the pipeline has not run here; nothing that it reads has changed", "make run")
    else:
        yield ok("dvc.lock is of these files")


def _data(pinned: pin.Pin, differing: Any) -> Iterator[Seen]:
    until = f", through {pinned.through}" if pinned.through else ""
    if not pin.DATA.exists():
        yield note(f"{pin.DATA}/ is not here yet; {_way(pinned)}", "mlops data")
    elif differing:
        yield warning(
            f"{pin.DATA}/ is not what {pin.PATH} pins",
            f"mlops data --restore; or, to keep yours, dvc add {pin.DATA}",
        )
    else:
        yield ok(f"{pin.DATA}/ is what {pin.PATH} pins{until}")


def _way(pinned: pin.Pin) -> str:
    """Where it will be taken from, as far as can be known without asking."""
    if dvc.cached(pinned.md5):
        return "the cache has it"
    if dvc.remotes():
        return "the remote is asked for it, then src/problem/source.py"
    return "src/problem/source.py builds it"


def _changed(what: list[Any]) -> bool:
    """Whether a stage's command, inputs or outputs are others, and not just absent."""
    return any(said in OTHER for entry in what for said in _leaves(entry))


def _leaves(content: Any) -> Iterator[Any]:
    if isinstance(content, dict):
        for value in content.values():
            yield from _leaves(value)
    else:
        yield content
