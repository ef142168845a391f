"""What an exported model says of itself, in manifest.json beside it."""

import hashlib
from pathlib import Path
from typing import Literal

import msgspec

from serving.errors import Unservable

FILE = "manifest.json"
BUILD = "build.json"
Kind = Literal["text", "float32", "float64", "int64", "bool"]
"""How an input reaches the model: the ONNX graph has one matrix per kind, named after it."""
Handling = Literal["reject", "flag"]
Scalar = str | int | float | bool


class Input(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A column that the model is given."""

    name: str
    kind: Kind
    nullable: bool = False
    low: float | None = None
    high: float | None = None
    """The bounds that the schema sets, both included."""
    values: list[str] | None = None
    """The texts that the schema allows."""
    pattern: str | None = None
    """What the schema says a text must match from its beginning."""
    known: list[str] | None = None
    """The texts that the model was trained with."""
    table: str | None = None
    """Where it is looked up when a request leaves it out."""
    sensitive: bool = False
    """Whether its values may be recorded."""


class Key(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A column that is no input, but looks table features up."""

    name: str
    kind: Literal["text", "number"]


class Table(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Table features as they stood when the model was made."""

    name: str
    file: str
    keys: list[str]
    columns: list[str]
    rows: int
    time: str | None = None
    """The key that is a time, if one is."""
    newest: str | None = None
    """The latest time in the table."""
    carried_forward: bool = False
    """Whether the newest row of an entity stands in for later times."""


class Output(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What the model answers."""

    task: Literal["binary", "multiclass", "regression"]
    target: str
    tensor: str
    """The output of the ONNX graph that holds probabilities, or values."""
    classes: list[Scalar] = []
    """Labels in the order of the probabilities."""
    threshold: float | None = None
    """From which probability of the greater label on a binary answer is that label."""


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What happens to a value that the model can answer, but should not be asked."""

    unknown: Handling
    """A text that the schema allows and the training rows did not have."""
    outside: Handling
    """A value that the schema does not allow."""


class Manifest(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """manifest.json. Written by the pipeline: no commit, no date, so that bytes repeat."""

    format: Literal[1]
    name: str
    inputs: list[Input]
    output: Output
    policy: Policy
    files: dict[str, str]
    """The sha256 of every other file in the folder."""
    identifiers: list[str]
    """The columns that name a row; they are neither needed nor looked at."""
    keys: list[Key] = []
    tables: list[Table] = []
    model: str = "model.onnx"


class Build(msgspec.Struct, frozen=True, omit_defaults=True):
    """build.json: what packaging adds."""

    version: str = "unversioned"
    commit: str = ""
    created: str = ""
    """When the commit was made, ISO 8601."""
    data: str = ""
    """The md5 by which data.dvc pins the data."""


def read(folder: Path) -> tuple[Manifest, Build]:
    """The manifest of a folder whose files are all there and unaltered, and its build.

    Raises Unservable.
    """
    remedy = "export the model again with `mlops run`"
    try:
        manifest = msgspec.json.decode((folder / FILE).read_bytes(), type=Manifest)
        for name, expected in manifest.files.items():
            if Path(name).is_absolute() or ".." in Path(name).parts:
                raise Unservable(f"{folder / FILE}: {name} lies outside the folder; {remedy}")
            found = hashlib.sha256((folder / name).read_bytes()).hexdigest()
            if found != expected:
                raise Unservable(
                    f"{folder / name} was altered: its sha256 is {found}, {FILE} says {expected}; "
                    f"{remedy}"
                )
        path = folder / BUILD
        build = msgspec.json.decode(path.read_bytes(), type=Build) if path.exists() else Build()
    except OSError as absent:
        raise Unservable(f"{absent.filename}: {absent.strerror}; {remedy}") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as broken:
        raise Unservable(f"{folder}: not a readable {FILE} ({broken}); {remedy}") from None
    needed = {manifest.model, *(table.file for table in manifest.tables)}
    if lacking := sorted(needed - manifest.files.keys()):
        raise Unservable(f"{folder / FILE}: no hash for {', '.join(lacking)}; {remedy}")
    return manifest, build


def dump(manifest: Manifest) -> str:
    """The text of manifest.json."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=2).decode()
