"""Requests to ask both sides: recorded ones, or held-out rows made into requests."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mlops.errors import DataError
from mlops.report.untrusted import clean
from mlops.stages import ARTIFACTS
from serving.manifest import Manifest

BATCH = 100  # rows of a large request
LARGEST = 256 * 1024 * 1024  # bytes of recorded traffic that are read
NAMED = 120  # characters of a row's name
Score = float | list[float]


@dataclass(frozen=True)
class Row:
    """A row as a client sends it: absent columns are looked up by the server."""

    columns: dict[str, Any]
    name: str
    score: Score | None = None
    """What was answered, or predicted, before."""


@dataclass(frozen=True)
class Question:
    """A request's body, and the rows in it."""

    body: bytes
    rows: tuple[Row, ...]


def identifiers(manifest: Manifest) -> list[str]:
    """The columns that name a row and may be shown."""
    sensitive = {i.name for i in manifest.inputs if i.sensitive}
    return [name for name in manifest.identifiers if name not in sensitive]


def recorded(path: Path, named_by: Sequence[str]) -> list[Row]:
    """The rows that a server wrote with `--capture`, oldest first.

    Raises DataError that names the file and the line.
    """
    rows: list[Row] = []
    for file in (path.with_name(f"{path.name}.1"), path):
        for number, line in _lines(file, needed=file == path):
            found = _decoded(line)
            if found is None:
                raise DataError(
                    f'{file}, line {number}: expected {{"columns": {{…}}, "prediction": …}}, as '
                    f"`--capture` writes it; remove the line, or record the traffic again"
                )
            columns, score = found
            rows.append(Row(columns, _name(columns, named_by, len(rows)), score))
    if not rows:
        raise DataError(f"{path}: no recorded request; serve with `--capture {path}` for a while")
    return rows


def held_out(manifest: Manifest, wanted: int, seed: int, folder: Path = ARTIFACTS) -> list[Row]:
    """At most `wanted` held-out rows: every other one with all inputs, the rest with keys alone.

    A table feature is left to the server where the rows have the columns that look it up. Raises
    DataError when the pipeline's files are not there or do not fit the model.
    """
    test = _read(folder / "test.parquet")
    names = [i.name for i in manifest.inputs]
    if lacking := sorted(set(names) - set(test.columns)):
        raise DataError(
            f"{folder / 'test.parquet'} lacks {', '.join(lacking)}, which the model needs; run "
            f"`mlops run`, or replay recorded requests with --traffic"
        )
    chosen = np.sort(np.random.default_rng(seed).permutation(len(test))[:wanted])
    scores = _scores(test, manifest, folder / "predictions.parquet", chosen)
    records = _records(test.iloc[chosen])
    found = {t.name: t.keys for t in manifest.tables if set(t.keys) <= set(test.columns)}
    asked = [i.name for i in manifest.inputs if i.table not in found]
    keys = list(dict.fromkeys([*asked, *(key for keys in found.values() for key in keys)]))
    named_by = identifiers(manifest)
    rows = []
    for at, (record, score) in enumerate(zip(records, scores, strict=True)):
        columns = {name: record[name] for name in (keys if found and at % 2 else names)}
        rows.append(Row(columns, _name(record, named_by, at), score))
    return rows


def questions(rows: Sequence[Row], wanted: int, batch_share: float, seed: int) -> list[Question]:
    """`wanted` requests in random order: most of one row, a share of up to a hundred."""
    random = np.random.default_rng(seed)
    batches = min(round(wanted * batch_share), wanted)
    alike: dict[tuple[str, ...], list[Row]] = {}  # rows of one request have the same columns
    for row in rows:
        alike.setdefault(tuple(sorted(row.columns)), []).append(row)
    groups = list(alike.values())
    weights = np.array([len(group) for group in groups]) / len(rows)
    order = random.permutation(len(rows))
    single = [(rows[order[at % len(rows)]],) for at in range(wanted - batches)]
    several = []
    for group in random.choice(len(groups), size=batches, p=weights):
        there = groups[group]
        drawn = random.permutation(len(there))[:BATCH]
        several.append(tuple(there[at] for at in drawn))
    made = [Question(_body(chosen), chosen) for chosen in [*single, *several]]
    return [made[at] for at in random.permutation(len(made))]


def digest(asked: Sequence[Question]) -> str:
    """The sha256 of all bodies."""
    found = hashlib.sha256()
    for question in asked:
        found.update(question.body)
    return found.hexdigest()


def _body(rows: Sequence[Row]) -> bytes:
    names = list(rows[0].columns)
    data = [[row.columns[name] for name in names] for row in rows]
    content = {"dataframe_split": {"columns": names, "data": data}}
    return json.dumps(content, separators=(",", ":"), allow_nan=False).encode()


def _name(columns: dict[str, Any], named_by: Sequence[str], at: int) -> str:
    known = [f"{name} {columns[name]}" for name in named_by if columns.get(name) is not None]
    return clean(", ".join(known) or f"row {at + 1}", NAMED)


def _lines(path: Path, *, needed: bool) -> Iterator[tuple[int, bytes]]:
    """The whole lines of a file; the last one may be half written."""
    try:
        if path.stat().st_size > LARGEST:
            raise DataError(f"{path}: larger than {LARGEST >> 20} MB; replay a part of it")
        content = path.read_bytes()
    except FileNotFoundError:
        if needed:
            raise DataError(
                f"{path} is missing; record requests with `python -m serving --capture {path}`"
            ) from None
        return
    except OSError as broken:
        raise DataError(f"{path}: {broken.strerror}") from None
    lines = content.split(b"\n")
    yield from ((number, line) for number, line in enumerate(lines[:-1], 1) if line.strip())


def _decoded(line: bytes) -> tuple[dict[str, Any], Score | None] | None:
    try:
        found = json.loads(line)
        columns, score = found["columns"], found.get("prediction")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    if not isinstance(columns, dict) or not all(map(_plain, columns.values())):
        return None
    numbers = score if isinstance(score, list) else [score]
    good = all(type(number) in (int, float) and np.isfinite(number) for number in numbers)
    return (columns, score) if columns and (score is None or good) else None


def _plain(value: object) -> bool:
    if isinstance(value, float):
        return bool(np.isfinite(value))
    return value is None or isinstance(value, str | int)


def _read(path: Path) -> pd.DataFrame:
    try:
        return pd.read_parquet(path)
    except FileNotFoundError:
        raise DataError(
            f"{path} is missing; run `mlops run`, or replay recorded requests with --traffic"
        ) from None
    except (OSError, ValueError) as broken:
        raise DataError(f"{path}: cannot be read ({broken}); run `mlops run` again") from None


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    plain = frame.astype(object).where(frame.notna(), None)
    return [{str(name): value for name, value in row.items()} for row in plain.to_dict("records")]


def _scores(
    test: pd.DataFrame, manifest: Manifest, path: Path, chosen: Any
) -> list[Score] | list[None]:
    """What the pipeline predicted for these rows, if it left its predictions."""
    if not path.exists():
        return [None] * len(chosen)
    predicted = _read(path)
    shared = [n for n in manifest.identifiers if n in test.columns and n in predicted.columns]
    if len(predicted) != len(test) or not predicted[shared].equals(test[shared]):
        raise DataError(f"{path} is not about the rows of test.parquet; run `mlops run` again")
    classes = manifest.output.classes if manifest.output.task == "multiclass" else []
    names = [f"prediction_{label}" for label in classes] or ["prediction"]
    if lacking := sorted(set(names) - set(predicted.columns)):
        raise DataError(f"{path} lacks {', '.join(lacking)}; run `mlops run` again")
    values = predicted[names].to_numpy()[chosen]
    return values.tolist() if classes else values[:, 0].tolist()
