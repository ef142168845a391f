"""The loop: read ahead, check, predict, write behind."""

import hashlib
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import TypeVar

import pyarrow as pa

from mlops.batch import progress, writing
from mlops.batch.answers import Answers
from mlops.batch.checked import Checked, Refused, check
from mlops.batch.columns import columns
from mlops.batch.exported import Exported
from mlops.batch.plan import Plan, plan
from mlops.batch.reading import Source, opened
from mlops.batch.scratch import Done, scratch
from mlops.batch.work import Work
from mlops.errors import DataError, QualityError
from mlops.progress import console
from serving import manifest

ROWS = 50_000  # read ahead, asked about and written behind: three times as many are in memory
T = TypeVar("T")


def score(
    file: Path, output: Path, model: Path, *, rows: int = ROWS, skip_bad: Path | None = None
) -> Done:
    """Write what the exported model in the folder `model` says of each row of `file`.

    Goes on where an earlier call with the same arguments was killed; the bytes are those of a call
    that was not. Raises DataError when a file cannot be read or written, and QualityError for the
    first row that breaks the manifest's rules; with `skip_bad` such rows are written there.
    """
    began = time.perf_counter()
    suffix = _checked_targets(file, output, skip_bad)
    source, exported = opened(file), Exported.read(model)
    planned = plan(file, source.names, exported.manifest)
    schema = source.schema(planned.read)
    for note in planned.notes:
        console.print(f"  {note}", style="dim")
    if planned.unread:
        console.print(f"  not read: {', '.join(planned.unread)}", style="dim")
    made_of: dict[str, str | int] = {
        **_identity(file),
        "model": hashlib.sha256((model / manifest.FILE).read_bytes()).hexdigest(),
        "rows": rows,
        "aside": int(skip_bad is not None),
        "pyarrow": pa.__version__,  # another one writes other bytes
    }
    with scratch(output, made_of) as folder:
        copied = pa.schema([schema.field(name) for name in planned.copied])
        aside = None if skip_bad is None else list(planned.read)
        answers = Answers(exported.manifest.output)
        with closing(
            Work(folder, suffix, copied, answers, nothing=exported.nothing(), aside=aside)
        ) as work:
            before = work.done.rows
            _score(source, planned, exported, work, rows=rows, set_aside=skip_bad is not None)
            if not _identity(file).items() <= made_of.items():
                raise DataError(f"{file}: changed while it was read; run the command again")
            work.finish(output, skip_bad)
    seconds = time.perf_counter() - began
    _tell(work.done, before, seconds, output, skip_bad)
    return work.done


def _score(
    source: Source, planned: Plan, exported: Exported, work: Work, *, rows: int, set_aside: bool
) -> None:
    """Every core has its part: one thread reads and checks, one predicts, one writes."""
    start = work.done.rows
    chunks = source.chunks(planned.read, rows, start)
    with (
        ThreadPoolExecutor(1) as reader,
        ThreadPoolExecutor(1) as writer,
        progress.shown(f"scoring {source.path}", source.rows, start) as advance,
    ):
        ready = _checked(source, chunks, planned, exported, start=start, set_aside=set_aside)
        written: Future[None] | None = None
        for chunk, checked in _ahead(ready, reader):
            predictions = exported.model.predict(checked.batch.feeds) if checked.batch else None
            if written is not None:
                written.result()
            written = writer.submit(work.put, chunk, checked, predictions)
            advance(chunk.num_rows)
        if written is not None:
            written.result()


def _checked(
    source: Source,
    chunks: Iterator[pa.Table],
    planned: Plan,
    exported: Exported,
    *,
    start: int,
    set_aside: bool,
) -> Iterator[tuple[pa.Table, Checked]]:
    """Raises QualityError for a row that breaks the rules, unless such rows are set aside."""
    for chunk in chunks:
        given = columns(chunk, planned.checked)
        try:
            checked = check(exported.inputs, given, chunk.num_rows, set_aside=set_aside)
        except Refused as bad:
            place, line = source.place(start + bad.row)
            raise QualityError(
                f"{source.path}, {place}, {bad.why}. Mend it, or set such rows aside with "
                f"--skip-bad FILE",
                file=str(source.path),
                line=line,
            ) from None
        yield chunk, checked
        start += chunk.num_rows


def _ahead(items: Iterator[T], thread: ThreadPoolExecutor) -> Iterator[T]:
    """The items, each made in `thread` while the one before it is used."""
    coming = thread.submit(next, items, None)
    while (item := coming.result()) is not None:
        coming = thread.submit(next, items, None)
        yield item


def _checked_targets(file: Path, output: Path, skip_bad: Path | None) -> str:
    """What the output is to be. Raises DataError when a file cannot go where it is to go."""
    suffix = writing.suffix(output)
    if skip_bad is not None and skip_bad.suffix != ".csv":
        raise DataError(f"{skip_bad}: expected a name that ends in .csv for the rows set aside")
    used = {file.resolve(): "the input"}
    for path, what in ((output, "the output"), (skip_bad, "the file of rows set aside")):
        if path is None:
            continue
        if path.resolve() in used:
            raise DataError(f"{path}: {used[path.resolve()]} and {what} are the same file")
        if path.is_dir():
            raise DataError(f"{path}: expected a file to write, found a folder")
        if not path.absolute().parent.is_dir():
            raise DataError(f"{path}: there is no folder {path.parent}; make it first")
        used[path.resolve()] = what
    return suffix


def _identity(file: Path) -> dict[str, str | int]:
    """What tells a file from another, or from itself as it was."""
    if not file.is_file():
        return {"input": ""}
    about = file.stat()
    return {"input": str(file.resolve()), "bytes": about.st_size, "changed": about.st_mtime_ns}


def _tell(done: Done, before: int, seconds: float, output: Path, skip_bad: Path | None) -> None:
    rate = (done.rows - before) / seconds
    console.print(f"{done.rows:,} rows in {seconds:.1f} s, {rate:,.0f} a second: {output}")
    if done.aside:
        console.print(f"{done.aside:,} of them break the rules and are in {skip_bad}")
    if done.flagged:
        console.print(f"{done.flagged:,} values are odd, and were let through:")
        for flag in done.flags:
            console.print(f"  {flag}")
