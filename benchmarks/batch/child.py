"""What the benchmark runs as processes of their own: `python -m batch.child WHAT ARGUMENTS`.

Each prints the seconds of its work, imports left out.
"""

import contextlib
import io
import sys
import time
from pathlib import Path

from pyarrow import csv, parquet

from batch.bare import bare
from mlops.batch.score import score


def grow(rows: int, source: Path, *targets: Path) -> None:
    """Repeat the rows of a Parquet file until there are `rows`, in each of `targets`."""
    for target in targets:
        _grow(rows, source, target)


def _grow(rows: int, source: Path, target: Path) -> None:
    table = parquet.read_table(source).replace_schema_metadata(None)
    written = 0
    with contextlib.ExitStack() as stack:
        writer: csv.CSVWriter | parquet.ParquetWriter
        if target.suffix == ".csv":
            writer = stack.enter_context(csv.CSVWriter(target, table.schema))
        else:
            writer = stack.enter_context(parquet.ParquetWriter(target, table.schema))
        while written < rows:
            some = table.slice(0, rows - written)
            writer.write_table(some)
            written += some.num_rows


def same(one: Path, other: Path) -> None:
    """Raises AssertionError unless both hold the same rows."""
    if one.suffix == ".csv":
        assert one.read_bytes() == other.read_bytes(), f"{one} and {other} differ"
        return
    tables = [parquet.read_table(path).replace_schema_metadata(None) for path in (one, other)]
    assert tables[0].equals(tables[1]), f"{one} and {other} differ"


def main() -> None:
    what, *arguments = sys.argv[1:]
    paths = [Path(argument) for argument in arguments]
    began = time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()):
        if what == "grow":
            grow(int(arguments[0]), *paths[1:])
        elif what == "same":
            same(*paths)
        else:
            file, output, model = paths
            (score if what == "ours" else bare)(file, output, model)
    print(time.perf_counter() - began)


if __name__ == "__main__":
    main()
