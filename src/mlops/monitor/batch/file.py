"""What is looked at: a file of rows, with recorded predictions and late labels."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from mlops.data.findings import wrong_header
from mlops.errors import DataError
from mlops.monitor.batch import cast
from mlops.monitor.batch.cast import Casting
from mlops.monitor.batch.labels import joined
from mlops.monitor.batch.raw import CAPTURED, Raw, of_capture, of_file
from mlops.monitor.rows import Batch, Problem


@dataclass(frozen=True)
class Captured(Batch):
    """Rows as clients sent them. A column of the key that no request needs to have may be absent,
    and what a request left to the server to look up is a gap.
    """

    left_out: pd.DataFrame = field(default_factory=pd.DataFrame)
    """Which those are: bool, on the index of `rows`, a column for each that some request left out.
    """


def read(problem: Problem, path: Path, labels: Path | None) -> Batch:
    """The rows of a file, each column of its declared type, joined with late labels.

    path: .csv, .csv.gz, .parquet, with the key, the block, and the inputs, the predictions or both;
    or .jsonl as `--capture` writes it, with PATH.1 before it. Columns that look tables up are kept.
    Predictions are named as the problem has them, or as `mlops predict` writes them, beside whose
    decisions there are no labels. The index of `rows` counts the rows of the file from 0 on.

    labels: .csv or .parquet with the key and the target.

    What is wrong with values is a finding, and such a value a gap. Raises NoData when there is no
    row, and DataError, with the line where one is at fault, when the file cannot be read or lacks a
    column without which nothing can be told.
    """
    if path.name.endswith(CAPTURED):
        batch: Batch = _captured(problem, path)
    else:
        batch = _filed(problem, path)
    return joined(problem, batch, labels) if labels else batch


def _filed(problem: Problem, path: Path) -> Batch:
    features, inputs = problem.features, problem.inputs
    named = [*features.KEY, features.BLOCK, *_look_ups(problem)]
    probabilities = [name.replace("prediction", "probability", 1) for name in problem.predictions]
    wanted = {*named, *inputs, *problem.predictions, *probabilities, features.TARGET}
    declared = problem.schemas.FEATURES.columns
    numbers = {n for n in inputs if str(declared[n].dtype).startswith(("int", "float"))}
    raw = of_file(path, wanted, {*numbers, *problem.predictions, *probabilities})
    if lacking := sorted({*features.KEY, features.BLOCK} - set(raw.names)):
        raise DataError(
            f"{path}: missing columns: {', '.join(lacking)}. Expected the key "
            f"({', '.join(features.KEY)}) and the block ({features.BLOCK}) beside the inputs; "
            f"found {', '.join(raw.names[:40])}"
        )
    casting = Casting(raw)
    said = _said(problem, raw.names)
    rows = _inputs(problem, raw, casting)
    rows |= {name: casting.prediction(there) for there, name in said.items()}
    decided = set(said) - set(problem.predictions)  # `mlops predict` made it: no label beside it
    if features.TARGET in raw.names and not decided:
        rows[features.TARGET] = casting.target(features.TARGET, problem.task, problem.classes)
    absent = [name for name in inputs if name not in raw.names]
    bare = not _described(problem, raw.names)
    if bare and not said:
        raise DataError(
            f"{path}: expected the inputs ({', '.join(inputs[:40])}), the predictions "
            f"({', '.join(problem.predictions)}) or both, found neither"
        )
    # A file of predictions alone is what it is; one with inputs should have them all.
    findings = [] if bare else _missing(problem, raw, absent)
    return _in_blocks(problem, Batch(path.name, pd.DataFrame(rows)), findings + casting.findings)


def _captured(problem: Problem, path: Path) -> Batch:
    """A server takes no request that lacks an input, unless it looks it up: absent ones are no
    findings. Sensitive ones are never recorded.
    """
    block = problem.features.BLOCK
    raw = of_capture(path, problem.predictions)
    if block not in raw.names:
        raise DataError(
            f"{path}: no request names its {block}, by which rows are grouped. Send it with the "
            f"requests, which records it where a table is looked up by it, or write the rows to a "
            f".csv with a column {block}"
        )
    casting = Casting(raw)
    rows = _inputs(problem, raw, casting)
    rows |= {name: casting.prediction(name) for name in problem.predictions}
    looked_up = [n for n in raw.left_out if raw.left_out[n].any()]
    batch = Captured(path.name, pd.DataFrame(rows), left_out=raw.left_out[looked_up])
    return _in_blocks(problem, batch, casting.findings)


def _look_ups(problem: Problem) -> list[str]:
    return [column for key in problem.features.TABLES.values() for column in key]


def _inputs(problem: Problem, raw: Raw, casting: Casting) -> dict[str, pd.Series]:
    """The key, the block and what looks tables up as plain values, and the inputs as declared."""
    features, declared = problem.features, problem.schemas.FEATURES.columns
    named = dict.fromkeys([*features.KEY, features.BLOCK, *_look_ups(problem)])
    found = {
        name: cast.plain(raw.columns[name])
        for name in named
        if name in raw.columns and name not in declared
    }
    return found | {
        name: casting.input(name, declared[name]) for name in declared if name in raw.columns
    }


def _described(problem: Problem, names: list[str]) -> bool:
    """Whether any input is there that does not also name its row."""
    features = problem.features
    return bool((set(problem.inputs) - {*features.KEY, features.BLOCK}).intersection(names))


def _said(problem: Problem, names: list[str]) -> dict[str, str]:
    """The columns that hold predictions, and what they are called here; empty without any."""
    wanted = problem.predictions
    own = dict(zip(wanted, wanted, strict=True))
    written = {name.replace("prediction", "probability", 1): name for name in wanted}
    if problem.task == "regression":
        # Beside inputs it is a label; without, `mlops predict` wrote it.
        written = {} if _described(problem, names) else {problem.features.TARGET: wanted[0]}
    for columns in (own, written):
        if columns and set(columns) <= set(names):
            return columns
    return {}


def _missing(problem: Problem, raw: Raw, absent: list[str]) -> list[str]:
    features = problem.features
    others = {*features.KEY, features.BLOCK, features.TARGET, *_look_ups(problem)}
    names = [name for name in raw.names if name not in others]
    told = wrong_header(raw.path.name, names, [n for n in problem.inputs if n not in others])
    told = [f for f in told if f.column in absent]
    told += wrong_header(raw.path.name, [], [n for n in absent if n in others])
    return [finding.sentence() for finding in told]


def _in_blocks(problem: Problem, batch: Batch, findings: list[str]) -> Batch:
    """The rows that have a block. Raises DataError when none has one."""
    block = problem.features.BLOCK
    nowhere = batch.rows[block].isna().to_numpy()
    if nowhere.all():
        raise DataError(f"{batch.source}: column {block} is empty; give each row its {block}")
    if nowhere.any():
        first = f"row {int(np.flatnonzero(nowhere)[0]) + 1}"
        count = int(nowhere.sum())
        told = cast.sentence(batch.source, first, block, "a value", count=count)
        findings = [*findings, f"{told}; without it a row is not looked at"]
    rows, about = batch.rows[~nowhere], tuple(findings)
    if isinstance(batch, Captured):
        return Captured(batch.source, rows, "", about, batch.left_out[~nowhere])
    return Batch(batch.source, rows, "", about)
