"""A Parquet file."""

from collections.abc import Iterator, Mapping
from itertools import accumulate
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet
from pyarrow import types as is_of

from mlops.batch.reading.sized import after, sized
from mlops.errors import DataError
from serving.manifest import Kind

BUFFER = 1 << 20  # bytes of a column that are in memory, so that large row groups do not matter


class ParquetFile:
    """Columns with types, in row groups."""

    def __init__(self, path: Path) -> None:
        """Raises DataError when it is no Parquet file, or cut off."""
        self.path = path
        with self._opened([]) as file:
            self._schema = file.schema_arrow
            groups = [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)]
        self._ends = list(accumulate(groups))
        self.names, self.rows = list(self._schema.names), sum(groups)

    def schema(self, kinds: Mapping[str, Kind | None]) -> pa.Schema:
        for name, kind in kinds.items():
            found = self._schema.field(name).type
            if kind is not None and not (_is_text if kind == "text" else _is_number)(found):
                raise DataError(
                    f"{self.path}, column {name!r}: expected "
                    f"{'texts' if kind == 'text' else 'numbers'}, found {found}"
                )
        return pa.schema([self._schema.field(name) for name in kinds]).remove_metadata()

    def chunks(self, kinds: Mapping[str, Kind | None], rows: int, start: int) -> Iterator[pa.Table]:
        first = sum(end <= start for end in self._ends)
        skipped = self._ends[first - 1] if first else 0
        as_dictionary = [n for n in kinds if kinds[n] == "text" and self._is_plain_text(n)]
        with self._opened(as_dictionary) as file:
            batches = file.iter_batches(
                rows, row_groups=range(first, len(self._ends)), columns=list(kinds)
            )
            try:
                for chunk in sized(after(batches, start - skipped), rows):
                    yield chunk.select(list(kinds))
            except (OSError, pa.ArrowException) as broken:
                raise self._damaged(broken) from None

    def place(self, row: int) -> tuple[str, int | None]:
        return f"row {row + 1}", None

    def _opened(self, as_dictionary: list[str]) -> parquet.ParquetFile:
        try:
            return parquet.ParquetFile(
                self.path, read_dictionary=as_dictionary, pre_buffer=False, buffer_size=BUFFER
            )
        except (OSError, pa.ArrowException) as broken:
            raise self._damaged(broken) from None

    def _is_plain_text(self, name: str) -> bool:
        return is_of.is_string(self._schema.field(name).type) or is_of.is_large_string(
            self._schema.field(name).type
        )

    def _damaged(self, why: Exception) -> DataError:
        said = str(why).splitlines()[0]
        return DataError(f"{self.path}: not a whole Parquet file ({said}); get it again")


def _is_text(found: pa.DataType) -> bool:
    values = found.value_type if is_of.is_dictionary(found) else found
    return any(
        holds(values)
        for holds in (is_of.is_string, is_of.is_large_string, is_of.is_string_view, is_of.is_null)
    )


def _is_number(found: pa.DataType) -> bool:
    return any(
        holds(found)
        for holds in (
            is_of.is_integer,
            is_of.is_floating,
            is_of.is_boolean,
            is_of.is_decimal,
            is_of.is_null,
        )
    )
