"""Which table a problem is made from: the one that is given, or a small one of the kind."""

from dataclasses import dataclass
from pathlib import Path

from mlops.contract import Task
from mlops.errors import DataError, DeclarationError

TABLES = Path(__file__).parent / "tables"


@dataclass(frozen=True)
class Source:
    """The table that a problem is made from, and which of its columns is what."""

    csv: Path
    target: str
    kind: Task | None = None
    key: str | None = None
    block: str | None = None
    time: str | None = None


BUNDLED: dict[Task, Source] = {
    "binary": Source(TABLES / "penguins.csv", "sex"),
    "multiclass": Source(TABLES / "iris.csv", "species"),
    "regression": Source(TABLES / "weather.csv", "temp_tomorrow", time="date"),
}
"""A small table for each kind of problem."""


def source(
    csv: Path | None,
    target: str | None,
    kind: Task | None,
    *,
    key: str | None = None,
    block: str | None = None,
    time: str | None = None,
) -> Source | None:
    """The table that was asked for; None where none was, and the example stays.

    Raises DeclarationError when the answers do not go together, DataError when there is no file.
    """
    if csv is None:
        if target or key or block or time:
            raise DeclarationError("--target, --key, --block and --time name columns of --from")
        return BUNDLED[kind] if kind else None
    if target is None:
        raise DeclarationError(
            f"which column of {csv.name} is to be predicted? Say --target COLUMN"
        )
    if not csv.is_file():
        raise DataError(f"{csv} is not there")
    return Source(csv, target, kind, key, block, time)
