"""What every protocol asks of a table, before a value is looked at."""

from collections.abc import Collection, Sequence, Sized

from serving.errors import Rejected
from serving.inputs import Column
from serving.manifest import Manifest

Table = tuple[dict[str, Column], int]
"""The columns of a request by their names, and the number of rows in each."""


def check(names: Sized, manifest: Manifest) -> None:
    """Raises Rejected when there are so many columns that reading on would be a waste."""
    limit = 10 * len(manifest.inputs) + 100
    if len(names) > limit:
        raise Rejected(
            "columns",
            f"{len(names)} columns, and at most {limit} are read; "
            f"the model has {len(manifest.inputs)}",
        )


def distinct(names: Sequence[str], columns: Collection[str], what: str) -> None:
    """Raises Rejected when `names` made fewer `columns` than there are names."""
    if len(columns) < len(names):
        seen: set[str] = set()
        for name in names:
            if name in seen:
                raise Rejected("format", f"{what} {shown(name)} is there twice; leave one out")
            seen.add(name)


def shown(value: object) -> str:
    """A value in a message: as Python writes it, and not at length."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}…"
