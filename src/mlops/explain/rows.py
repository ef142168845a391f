"""The rows that are explained: held-out ones, or those of a file."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path

import pandas as pd

from mlops.data.findings import wrong_header
from mlops.errors import DataError
from mlops.monitor.batch import cast, file
from mlops.monitor.batch.cast import Casting
from mlops.monitor.batch.file import Captured
from mlops.monitor.batch.raw import CAPTURED, of_file
from mlops.monitor.batch.scored import scored
from mlops.monitor.rows import Batch, Problem
from mlops.stages import ARTIFACTS

TOLD = 3  # missing columns that are told one by one


@dataclass(frozen=True)
class Rows:
    """Some rows of a source."""

    source: str
    """As a person would call it."""
    frame: pd.DataFrame
    """The inputs, and what there is of the key, the target and recorded predictions; the index
    counts the rows of the source from 0 on."""
    total: int
    """How many rows the source has."""


def held_out(problem: Problem) -> Rows:
    """The rows that the model was tried on, the newest last. Raises DataError without a run."""
    path = ARTIFACTS / "test.parquet"
    if not path.is_file():
        raise DataError(f"{path} is missing; run `mlops run` first")
    frame = pd.read_parquet(path).sort_values(problem.features.BLOCK, kind="stable")
    return Rows(str(path), frame, len(frame))


def of(problem: Problem, path: Path) -> Rows:
    """The rows of a .csv, .csv.gz or .parquet with the inputs, or of a .jsonl that a server wrote.

    Table features that are not there are looked up, as the server does. Raises DataError that names
    what is missing, or the first value that does not fit its type, and NoData without rows.
    """
    if path.name.endswith(CAPTURED):
        batch = file.read(problem, path, None)
        there = [str(name) for name in batch.rows]
    else:
        batch, there = _filed(problem, path)
    if _absent(problem, batch) or _left_out(batch):
        batch = scored(problem, batch, ARTIFACTS / "export")
    if absent := _absent(problem, batch):
        raise DataError(_missing(problem, batch.source, absent, there))
    if batch.findings:
        more = f"; and {len(batch.findings) - 1:,} more" if len(batch.findings) > 1 else ""
        raise DataError(batch.findings[0] + more)
    return Rows(batch.source, batch.rows, len(batch.rows))


def newest(rows: Rows, wanted: int) -> Rows:
    return replace(rows, frame=rows.frame.tail(wanted))


def first(rows: Rows, wanted: int) -> Rows:
    return replace(rows, frame=rows.frame.head(wanted))


def by_key(rows: Rows, key: Sequence[str], names: Sequence[str]) -> Rows:
    """The rows of those names, which are the values of the key with slashes between.

    Raises DataError that gives the closest name for one that is not there.
    """
    if lacking := [column for column in key if column not in rows.frame]:
        raise DataError(
            f"{rows.source}: no column {', '.join(lacking)}, so no row has a name; take --rows"
        )
    parts = zip(*(cast.texts(rows.frame[column]) for column in key), strict=True)
    there = pd.Series(["/".join(map(str, part)) for part in parts], rows.frame.index)
    for name in names:
        if not (there == name).any():
            close = get_close_matches(name, there.head(100_000), n=1, cutoff=0.5)
            such = close[0] if close else there.iloc[-1]
            raise DataError(
                f"{rows.source}: no row {name!r}; a row is named by {'/'.join(key)}, such as {such}"
            )
    return replace(rows, frame=rows.frame[there.isin(names)])


def _filed(problem: Problem, path: Path) -> tuple[Batch, list[str]]:
    """What the file has, each column of its declared type, as a request that leaves the rest to be
    looked up; and the names of all its columns.
    """
    features, declared = problem.features, problem.schemas.FEATURES.columns
    named = {*features.KEY, *(column for key in features.TABLES.values() for column in key)}
    numbers = {n for n in declared if str(declared[n].dtype).startswith(("int", "float"))}
    raw = of_file(path, {*named, *declared, features.TARGET}, numbers)
    casting = Casting(raw)
    columns = {
        name: casting.input(name, declared[name])
        if name in declared
        else cast.plain(raw.columns[name])
        for name in map(str, raw.columns)
        if name != features.TARGET
    }
    if not set(columns).intersection(declared):
        raise DataError(_missing(problem, path.name, problem.inputs, raw.names))
    if features.TARGET in raw.columns:
        columns[features.TARGET] = casting.target(features.TARGET, problem.task, problem.classes)
    return Captured(path.name, pd.DataFrame(columns), "", tuple(casting.findings)), raw.names


def _absent(problem: Problem, batch: Batch) -> list[str]:
    return [name for name in problem.inputs if name not in batch.rows]


def _left_out(batch: Batch) -> bool:
    return isinstance(batch, Captured) and len(batch.left_out.columns) > 0


def _missing(problem: Problem, source: str, absent: list[str], there: list[str]) -> str:
    """Which inputs are missing, and what may stand in their place."""
    found = wrong_header(source, there, problem.inputs)
    told = [one.sentence() for one in found if one.column in absent]
    more = f"; and {len(told) - TOLD} more" if len(told) > TOLD else ""
    return f"{'; '.join(told[:TOLD])}{more}. A row needs every input that no table has"
