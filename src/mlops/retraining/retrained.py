"""What retraining leaves, and what a proposal takes of it: files by name, and nothing else."""

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mlops.data import pin
from mlops.errors import DataError
from mlops.files import write_text
from mlops.judge.adopt import TAKEN, plain

FOLDER = Path(".mlops/retrained")
NAME = "retrained.json"
FILES = (str(pin.PATH), *TAKEN)
MOST = 100  # files
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")

Period = Annotated[str, Field(max_length=100, pattern=r"^[\w .:/+-]*$")]
Finite = Annotated[float, Field(allow_inf_nan=False)]


class Part(BaseModel):
    """A part of retrained.json; what is not declared here is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Metric(Part):
    """A metric on the held-out rows of before and of now, which are not the same rows."""

    name: Annotated[str, Field(max_length=100)]
    better: Literal["higher", "lower"]
    before: Finite | None
    after: Finite | None


class Retrained(Part):
    """All of retrained.json."""

    through: Period
    """The newest period of the data now; empty where data does not come in periods."""
    before: Period
    """The newest period of main's data."""
    base: Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")]
    """The commit that the pipeline ran at."""
    metrics: Annotated[list[Metric], Field(max_length=20)]


def write(retrained: Retrained, folder: Path = FOLDER) -> None:
    """Leave it beside the files."""
    write_text(folder / NAME, retrained.model_dump_json(indent=2))


def read(folder: Path = FOLDER) -> Retrained:
    """What a run left there.

    Raises DataError when it is missing, is malformed, or is not of the data that data.dvc beside it
    pins.
    """
    try:
        content = _plain(folder, folder / NAME).read_bytes()
        found = Retrained.model_validate_json(content)
    except FileNotFoundError:
        message = f"{folder / NAME} is missing; it comes from `mlops retrain run`"
        raise DataError(message) from None
    except ValidationError as invalid:
        error = invalid.errors()[0]
        place = ".".join(map(str, error["loc"])) or "the whole file"
        raise DataError(f"{folder / NAME}: {place}: {error['msg']}") from None
    pinned = pin.parse((folder / pin.PATH).read_text(encoding="utf-8"))
    if pinned.through != found.through:
        raise DataError(
            f"{folder / NAME} is of data through {found.through!r}, and {pin.PATH} beside it says "
            f"{pinned.through!r}; run `mlops retrain run` again"
        )
    return found


def files(
    folder: Path = FOLDER,
    patterns: tuple[str, ...] = FILES,
    needed: tuple[Path, ...] = (pin.PATH, Path("dvc.lock")),
    command: str = "mlops retrain run",
) -> list[Path]:
    """The files there that are proposed, relative to `folder`; `command` is what left them.

    Raises DataError when one that is needed is not among them, or one is a link, too large, or
    oddly named, or there are too many.
    """
    found = [path for pattern in patterns for path in sorted(folder.glob(pattern))]
    names = [_plain(folder, path).relative_to(folder) for path in found]
    for name in needed:
        if name not in names:
            raise DataError(f"{folder} has no {name}; it comes from `{command}`")
    if len(names) > MOST:
        raise DataError(f"{folder} has {len(names)} files to propose, more than {MOST}")
    return names


def _plain(folder: Path, path: Path) -> Path:
    if not _PLAIN.fullmatch(path.name):
        raise DataError(f"{path.name!r} is no name of a result: letters, digits, '.', '_', '-'")
    plain(folder, path)
    return path
