"""Files of rows, as tables that fit into memory one at a time."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol

import pyarrow as pa

from mlops.batch.reading.csv_file import CsvFile
from mlops.batch.reading.parquet_file import ParquetFile
from mlops.errors import DataError
from serving.manifest import Kind

READ = ".csv, .csv.gz or .parquet"


class Source(Protocol):
    """A file of rows."""

    path: Path
    names: list[str]
    rows: int | None
    """How many there are, if the file says so."""

    def schema(self, kinds: Mapping[str, Kind | None]) -> pa.Schema:
        """The columns of `kinds`, in that order; None stands for one that is only copied.

        Raises DataError when a column has a type that its kind cannot have.
        """

    def chunks(self, kinds: Mapping[str, Kind | None], rows: int, start: int) -> Iterator[pa.Table]:
        """Tables of `rows` rows from row `start` (from 0) on, the last one of what is left.

        Every column is one chunk. Raises DataError when the file is damaged.
        """

    def place(self, row: int) -> tuple[str, int | None]:
        """Where a row stands, for a person, and its line in the file, if it has lines."""


def opened(path: Path) -> Source:
    """The file, opened and its head read. Raises DataError when it is not what its name says."""
    if not path.exists():
        raise DataError(f"{path}: there is no such file; give one that is {READ}")
    if not path.is_file():
        raise DataError(f"{path}: expected a file, {READ}; score the files in it one by one")
    if path.name.endswith((".csv", ".csv.gz")):
        return CsvFile(path)
    if path.name.endswith(".parquet"):
        return ParquetFile(path)
    raise DataError(f"{path}: expected a name that ends in {READ}")
