"""data.dvc: the hash of the data, and the last period it covers."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from mlops.errors import DataError
from mlops.files import replacing

PATH = Path("data.dvc")
DATA = Path("data")
RAW = DATA / "raw"


@dataclass(frozen=True)
class Pin:
    """What data.dvc says: `md5` of the folder as DVC computes it, `through` its last period."""

    md5: str
    through: str


@dataclass(frozen=True)
class Digest:
    """A folder's content: DVC's hash of it, and the md5 of each file by its path in the folder."""

    md5: str
    size: int
    files: dict[str, str]


def read() -> Pin:
    """Read data.dvc; DataError when it is absent or says no hash.

    `through` is empty where meta.through is absent: such data does not come in periods.
    """
    try:
        return parse(PATH.read_text(encoding="utf-8"))
    except FileNotFoundError:
        message = f"{PATH} is missing; restore it with `git checkout {PATH}`"
        raise DataError(message, file=str(PATH)) from None


def parse(text: str) -> Pin:
    """What the text of a data.dvc says; DataError when it says no hash."""
    try:
        content = YAML(typ="safe").load(text)
        through = (content.get("meta") or {}).get("through", "")
        return Pin(str(content["outs"][0]["md5"]), str(through))
    except (AttributeError, KeyError, IndexError, TypeError, YAMLError):
        message = (
            f"{PATH}: expected a DVC file with outs[0].md5, the hash of {DATA}/; restore it with "
            f"`git checkout {PATH}`"
        )
        raise DataError(message, file=str(PATH)) from None


def digest(folder: Path) -> Digest:
    """Hash a folder as DVC does: md5 of the JSON list of its files' md5 and relative paths."""
    paths = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file()}
    files = {name: md5_of(paths[name]) for name in sorted(paths)}
    entries = [{"md5": md5, "relpath": name} for name, md5 in files.items()]
    md5 = hashlib.md5(json.dumps(entries, sort_keys=True).encode(), usedforsecurity=False)
    size = sum(path.stat().st_size for path in paths.values())
    return Digest(f"{md5.hexdigest()}.dir", size, files)


def write(content: Digest, through: str) -> None:
    """Point data.dvc at new content, keeping whatever else the file says; make it where it is not.

    An empty `through` leaves meta.through out.
    """
    yaml = YAML()  # its layout is DVC's own, or the next `dvc repro` would write the file again
    document = yaml.load(PATH.read_text(encoding="utf-8")) if PATH.exists() else {}
    if through:
        document.setdefault("meta", {})["through"] = through
    outs = document.setdefault("outs", [{}])
    outs[0].update(md5=content.md5, size=content.size, nfiles=len(content.files))
    outs[0].update(hash="md5", path=str(DATA))
    with replacing(PATH) as scratch, scratch.open("w", encoding="utf-8") as file:
        yaml.dump(document, file)


def md5_of(path: Path) -> str:
    """The md5 of a file, as DVC has it."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
