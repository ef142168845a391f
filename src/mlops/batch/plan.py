"""Which columns of a file are read, which are looked up, and which come back."""

from dataclasses import dataclass
from pathlib import Path

from mlops.errors import DataError
from serving.manifest import Kind, Manifest


@dataclass(frozen=True)
class Plan:
    """What becomes of a file's columns."""

    read: dict[str, Kind | None]
    """The kinds of the columns that are read, None for those that are only copied."""
    checked: dict[str, Kind]
    """Those of them that the model or its tables are asked with."""
    copied: list[str]
    """The identifiers."""
    unread: list[str]
    notes: list[str]
    """What a person should know of columns that are not there."""


def plan(path: Path, names: list[str], manifest: Manifest) -> Plan:
    """Raises DataError when a column is missing that cannot be looked up."""
    there, inputs = set(names), {i.name: i for i in manifest.inputs}
    if lacking := [i.name for i in manifest.inputs if i.table is None and i.name not in there]:
        raise DataError(
            f"{path}: missing columns: {', '.join(lacking)}. Expected "
            f"{', '.join(i.name for i in manifest.inputs if i.table is None)}; found "
            f"{', '.join(names[:40])}"
        )
    checked: dict[str, Kind] = {n: i.kind for n, i in inputs.items() if n in there}
    notes = []
    key_kinds: dict[str, Kind] = {
        key.name: "text" if key.kind == "text" else "float64" for key in manifest.keys
    }
    for table in manifest.tables:
        looked_up = [name for name in table.columns if name in inputs and name not in there]
        if not looked_up:
            continue
        checked |= {k: key_kinds[k] for k in table.keys if k in there and k in key_kinds}
        if absent := [key for key in table.keys if key not in there]:
            dated = absent == [table.time]
            notes.append(
                f"no column {', '.join(absent)}, so "
                f"{'the newest values' if dated and table.carried_forward else 'gaps'} "
                f"for {', '.join(looked_up)}"
            )
        else:
            notes.append(f"looked up by {', '.join(table.keys)}: {', '.join(looked_up)}")
    copied = [name for name in manifest.identifiers if name in there]
    read: dict[str, Kind | None] = {**dict.fromkeys(copied), **checked}
    unread = [name for name in names if name not in read]
    return Plan(read, checked, copied, unread, notes)
