"""Tables to a file that can be continued where it was at some earlier time."""

import gzip
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Protocol

import pyarrow as pa
from pyarrow import csv, parquet

from mlops.errors import DataError

WRITTEN = ".csv, .csv.gz or .parquet"


class Journal:
    """A file that only grows. It goes on where it had as many bytes as `sizes` says."""

    def __init__(self, path: Path, sizes: Mapping[str, int]) -> None:
        self.path, size = path, sizes.get(path.name, 0)
        self._file = path.open("r+b" if path.exists() else "w+b")
        self._file.truncate(size)
        self._file.seek(size)

    @property
    def size(self) -> int:
        return self._file.tell()

    def append(self, content: bytes | pa.Buffer) -> None:
        self._file.write(content)

    def sync(self) -> None:
        """What was appended is on the disk."""
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        self._file.close()


class Output(Protocol):
    """A file of rows in the making."""

    journal: Journal

    def write(self, table: pa.Table) -> None: ...

    def finish(self) -> Path:
        """The whole file, still in the scratch folder."""

    def close(self) -> None: ...


class CsvOutput:
    """The journal is the file. Compressed, each table is a gzip member of its own."""

    def __init__(self, path: Path, schema: pa.Schema, sizes: Mapping[str, int]) -> None:
        self.journal = Journal(path, sizes)
        self._compressed = path.suffix == ".gz"
        if not self.journal.size:
            try:
                self._append(schema.empty_table(), header=True)
            except pa.ArrowInvalid as why:
                raise DataError(f"CSV cannot hold an identifier ({why}); write .parquet") from None

    def write(self, table: pa.Table) -> None:
        self._append(table, header=False)

    def _append(self, table: pa.Table, *, header: bool) -> None:
        sink = pa.BufferOutputStream()
        csv.write_csv(table, sink, csv.WriteOptions(include_header=header, batch_size=8192))
        text = sink.getvalue()
        self.journal.append(gzip.compress(text, 6, mtime=0) if self._compressed else text)

    def finish(self) -> Path:
        self.journal.sync()
        self.journal.close()
        return self.journal.path

    def close(self) -> None:
        self.journal.close()


class ParquetOutput:
    """A row group a table. Nobody can append to a Parquet file whose writer was killed: the journal
    holds the same tables as Arrow streams, from which it is written anew.
    """

    def __init__(self, path: Path, schema: pa.Schema, sizes: Mapping[str, int]) -> None:
        self._path = path
        self.journal = Journal(path.with_suffix(".arrows"), sizes)
        self._writer = parquet.ParquetWriter(path, schema)
        for table in _streams(self.journal.path, self.journal.size):
            self._writer.write_table(table)

    def write(self, table: pa.Table) -> None:
        sink = pa.BufferOutputStream()
        options = pa.ipc.IpcWriteOptions(compression="lz4")
        with pa.ipc.new_stream(sink, table.schema, options=options) as stream:
            stream.write_table(table)
        self.journal.append(sink.getvalue())
        self._writer.write_table(table)

    def finish(self) -> Path:
        self.close()
        with self._path.open("rb") as file:
            os.fsync(file.fileno())
        return self._path

    def close(self) -> None:
        self.journal.close()
        self._writer.close()


def _streams(path: Path, size: int) -> Iterator[pa.Table]:
    with pa.OSFile(str(path)) as file:
        while file.tell() < size:
            yield pa.ipc.open_stream(file).read_all()


KINDS: dict[str, Callable[[Path, pa.Schema, Mapping[str, int]], Output]] = {
    ".csv": CsvOutput,
    ".csv.gz": CsvOutput,
    ".parquet": ParquetOutput,
}


def suffix(path: Path) -> str:
    """What the file is to be. Raises DataError when its name does not say it."""
    for ending in sorted(KINDS, key=len, reverse=True):
        if path.name.endswith(ending):
            return ending
    raise DataError(f"{path}: expected a name that ends in {WRITTEN}")
