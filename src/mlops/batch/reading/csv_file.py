"""A CSV file with a header, plain or compressed with gzip."""

import csv
import gzip
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path

import pyarrow as pa
from pyarrow import csv as arrow

from mlops.batch.reading.sized import after, sized
from mlops.errors import DataError
from serving.manifest import Kind
from serving.protocols.delimited import GAPS

UNDECODED = "\ufffd"
TEXTS = pa.dictionary(pa.int32(), pa.string())  # few distinct ones, which are checked once
TYPES: dict[Kind | None, pa.DataType] = {
    None: pa.string(),
    "text": TEXTS,
    "bool": pa.bool_(),
    "int64": pa.float64(),  # as JSON has them: 3 and 3.0 are the same number
    "float32": pa.float64(),
    "float64": pa.float64(),
}


class CsvFile:
    """Rows between commas, with quotes and line ends within them as RFC 4180 has it."""

    rows: int | None = None

    def __init__(self, path: Path) -> None:
        """Raises DataError when there is no header, or it is not text."""
        self.path = path
        try:
            head = [line for line, _ in islice(self._lines(), 2)]
        except (OSError, EOFError, csv.Error) as broken:
            raise DataError(f"{path}: not a CSV file that can be read ({broken})") from None
        if not head:
            raise DataError(f"{path}: expected a header and rows; the file is empty")
        self.names, self._empty = head[0], len(head) == 1
        if any(UNDECODED in name for name in self.names):
            raise DataError(f"{path}, line 1: expected UTF-8 text; save the file in that encoding")

    def schema(self, kinds: Mapping[str, Kind | None]) -> pa.Schema:
        if twice := sorted({name for name in kinds if self.names.count(name) > 1}):
            raise DataError(f"{self.path}: column {twice[0]!r} is there twice; remove one")
        return pa.schema([(name, TYPES[kind]) for name, kind in kinds.items()])

    def chunks(self, kinds: Mapping[str, Kind | None], rows: int, start: int) -> Iterator[pa.Table]:
        types = {field.name: field.type for field in self.schema(kinds)}
        at = start
        try:
            for chunk in sized(after(self._batches(types), at), rows):
                yield chunk
                at += chunk.num_rows
        except pa.ArrowInvalid:  # a cell is no number: read them as texts and find out which
            as_texts = {name: t if t == TEXTS else pa.string() for name, t in types.items()}
            try:
                yield from sized(after(self._batches(as_texts), at), rows)
            except pa.ArrowInvalid as broken:
                raise self._malformed(str(broken)) from None
            except OSError as broken:
                raise self._damaged(broken) from None
        except OSError as broken:
            raise self._damaged(broken) from None

    def place(self, row: int) -> tuple[str, int | None]:
        lines = (number for _, number in self._lines())
        line = next(islice(lines, row + 1, None))
        return f"line {line}", line

    def _batches(self, types: Mapping[str, pa.DataType]) -> Iterator[pa.RecordBatch]:
        if self._empty:
            return
        yield from arrow.open_csv(
            self.path,
            # It is read ahead while the model predicts; one thread numbers the rows in errors.
            read_options=arrow.ReadOptions(use_threads=False),
            parse_options=arrow.ParseOptions(newlines_in_values=True),
            convert_options=arrow.ConvertOptions(
                column_types=types,
                include_columns=list(types),
                null_values=sorted(GAPS),
                strings_can_be_null=True,
            ),
        )

    def _lines(self) -> Iterator[tuple[list[str], int]]:
        """The cells of each line that is not blank, the header first, and its number from 1 on.

        A row of several lines has the number of its first one.
        """
        reading = gzip.open if self.path.suffix == ".gz" else open
        with reading(self.path, "rt", encoding="utf-8-sig", errors="replace", newline="") as text:
            lines = csv.reader(text)
            begins = 1
            for cells in lines:
                if cells:
                    yield cells, begins
                begins = lines.line_num + 1

    def _malformed(self, why: str) -> DataError:
        row = re.search(r"Row #(\d+): ", why)
        place, line = self.place(int(row[1]) - 2) if row else ("", None)
        where = f"{self.path}, {place}" if place else f"{self.path}"
        cells = re.search(r"Expected (\d+) columns, got (\d+)", why)
        if "UTF8" in why:
            message = f"{where}: expected UTF-8 text; save the file in that encoding"
        elif cells:
            message = f"{where}: expected {cells[1]} cells, as in the header, found {cells[2]}"
        else:
            message = f"{where}: not a CSV file that can be read ({why})"
        return DataError(message, file=str(self.path), line=line)

    def _damaged(self, why: OSError) -> DataError:
        return DataError(f"{self.path}: the file is damaged or cut off ({why}); get it again")
