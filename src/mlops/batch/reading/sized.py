"""Batches as they come, cut and joined to tables of one size."""

from collections.abc import Iterable, Iterator

import pyarrow as pa


def sized(batches: Iterable[pa.RecordBatch], rows: int) -> Iterator[pa.Table]:
    """Tables of `rows` rows, the last one of what is left; every column is one chunk.

    Where a table ends depends on `rows` alone and not on the batches: a run that starts later cuts
    at the same rows.
    """
    waiting: list[pa.RecordBatch] = []
    have = 0
    for batch in batches:
        rest = batch
        while have + rest.num_rows >= rows:
            waiting.append(rest.slice(0, rows - have))
            yield _joined(waiting)
            rest, waiting, have = rest.slice(rows - have), [], 0
        if rest.num_rows:
            waiting.append(rest)
            have += rest.num_rows
    if waiting:
        yield _joined(waiting)


def after(batches: Iterable[pa.RecordBatch], rows: int) -> Iterator[pa.RecordBatch]:
    """The batches without their first `rows` rows."""
    to_skip = rows
    for batch in batches:
        if to_skip < batch.num_rows:
            yield batch.slice(to_skip)
        to_skip = max(0, to_skip - batch.num_rows)


def _joined(batches: list[pa.RecordBatch]) -> pa.Table:
    return pa.Table.from_batches(batches).unify_dictionaries().combine_chunks()
