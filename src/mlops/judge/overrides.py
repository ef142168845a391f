"""A maintainer's word that a gate's outcome is accepted, as `mlops overrides` wrote it."""

from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from mlops.errors import DeclarationError
from mlops.files import write_json
from mlops.judge.verdict import Override

_LIST = TypeAdapter(list[Override])


def read(path: Path) -> list[Override]:
    """The overrides in a file; DeclarationError when it is absent or holds anything else."""
    try:
        return _LIST.validate_json(path.read_bytes())
    except FileNotFoundError:
        found = "is missing"
    except ValidationError as invalid:
        error = invalid.errors()[0]
        found = f"{'.'.join(map(str, error['loc'])) or 'the whole file'}: {error['msg']}"
    raise DeclarationError(
        f"{path}: {found}; expected a list of label, by and reason, as `mlops overrides` writes it",
        file=str(path),
    )


def write(overrides: list[Override], path: Path) -> None:
    """Write the overrides as JSON; an empty list when there are none."""
    write_json(path, _LIST.dump_python(overrides, mode="json"))
