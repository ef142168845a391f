"""What every protocol asks of a table, before a value is looked at."""

from collections.abc import Collection, Sequence, Sized

from serving.errors import Rejected, shown
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


def check_size(body: bytes, manifest: Manifest, row_limit: int | None) -> None:
    """Raises Rejected when JSON holds more lists and objects than `row_limit` rows ever need.

    Three bytes of `[],` become a hundred in memory: the body's length alone bounds too little.
    """
    limit = len(body) if row_limit is None else row_limit * (len(manifest.inputs) + 10)
    if len(body) > limit and body.count(b"[") + body.count(b"{") > limit:
        raise too_many_rows(row_limit or limit)


def too_many_rows(row_limit: int) -> Rejected:
    """What is said to a request of more rows than are answered at once."""
    return Rejected(
        "rows", f"too many rows or columns; send at most {row_limit:,} rows at once", 413
    )


def distinct(names: Sequence[str], columns: Collection[str], what: str) -> None:
    """Raises Rejected when `names` made fewer `columns` than there are names."""
    if len(columns) < len(names):
        seen: set[str] = set()
        for name in names:
            if name in seen:
                raise Rejected("format", f"{what} {shown(name)} is there twice; leave one out")
            seen.add(name)
