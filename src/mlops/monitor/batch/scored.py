"""What the model is asked about the rows: predictions that nobody recorded, and look-ups."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from mlops.batch.checked import check
from mlops.batch.columns import columns
from mlops.batch.exported import Exported
from mlops.batch.plan import plan
from mlops.errors import DataError
from mlops.monitor.batch.cast import sensitive
from mlops.monitor.batch.file import Captured
from mlops.monitor.rows import Batch, Problem
from serving.errors import Rejected
from serving.inputs import Column
from serving.manifest import Kind

TOLD = 5  # refused rows that are told one by one


def needs_model(problem: Problem, batch: Batch) -> bool:
    """Whether `scored` has anything to add: predictions, or inputs that a server looked up."""
    if set(problem.predictions) - set(batch.rows):
        return True
    if not isinstance(batch, Captured):
        return False
    left_out = [name for name in batch.left_out if batch.left_out[name].any()]
    absent = [name for name in problem.inputs if name not in batch.rows]
    declared = problem.schemas.FEATURES.columns
    open_ = {name for name in problem.inputs if not sensitive(declared[name])}
    return bool(open_.intersection([*left_out, *absent]))


def scored(problem: Problem, batch: Batch, folder: Path) -> Batch:
    """The batch with what the exported model in `folder` knows of it.

    Captured rows get what they left to the server to look up. Where no prediction was recorded, the
    model makes it; a row that it refuses keeps NaN and is a finding, as it is when a column is
    missing without which the model cannot be asked at all: then there is no prediction.

    Raises DataError when the folder is no exported model, or that of another problem.
    """
    exported = Exported.read(folder)
    if isinstance(batch, Captured):
        batch = _filled(batch, exported)
    if set(problem.predictions) <= set(batch.rows):
        return batch
    manifest, rows = exported.manifest, batch.rows
    names = [f"prediction_{label}" for label in manifest.output.classes]
    names = names if manifest.output.task == "multiclass" else ["prediction"]
    if names != problem.predictions:
        raise DataError(
            f"{folder}: expected a model that predicts {', '.join(problem.predictions)}, found "
            f"{', '.join(names)}; export it again with `mlops run`"
        )
    try:
        planned = plan(Path(batch.source), [str(name) for name in rows], manifest)
    except DataError as lacking:
        return replace(batch, findings=(*batch.findings, f"no prediction of {lacking}"))
    checked = check(
        exported.inputs, _columns(rows, planned.checked), len(rows), set_aside=bool(len(rows))
    )
    said = np.full((len(rows), len(names)), np.nan)
    if checked.batch:
        kept = slice(None) if checked.kept is None else checked.kept
        said[kept] = exported.model.predict(checked.batch.feeds).reshape(-1, len(names))
    refused = [
        f"{batch.source}, row {rows.index[at] + 1}: the model refuses it: {why}"
        for at, why in checked.refused[:TOLD]
    ]
    if (rest := len(checked.refused) - TOLD) > 0:
        refused.append(f"{batch.source}: the model refuses {rest:,} more")
    return replace(
        batch,
        rows=rows.assign(**dict(zip(names, said.T, strict=True))),
        findings=(*batch.findings, *refused),
    )


def _filled(batch: Captured, exported: Exported) -> Batch:
    """With the looked-up inputs, as the server answered with them; requests that left out the same
    columns are looked up together.
    """
    manifest = exported.manifest
    tables = {i.name: i for i in manifest.inputs if i.table is not None and not i.sensitive}
    kinds: dict[str, Kind] = {i.name: i.kind for i in manifest.inputs}
    kinds |= {k.name: "text" if k.kind == "text" else "float64" for k in manifest.keys}
    rows, findings = batch.rows.copy(), list(batch.findings)
    out = pd.DataFrame(
        {name: batch.left_out.get(name, name not in rows) for name in kinds},
        index=rows.index,
    )
    missing = {name: pd.Series(np.nan, rows.index) for name in tables if name not in rows}
    for name, empty in missing.items():
        rows[name] = empty.astype("str") if kinds[name] == "text" else empty
    for _, alike in rows.groupby([out[name] for name in out], sort=False):
        there = {n: kind for n, kind in kinds.items() if not out.at[alike.index[0], n]}
        wanted = [name for name in tables if name not in there]
        if not wanted:
            continue
        try:
            found = exported.inputs.lookup.fill(_columns(alike, there), len(alike))
        except Rejected as why:
            count = f"{len(alike):,} row{'s' if len(alike) > 1 else ''}"
            findings.append(f"{batch.source}: nothing is looked up for {count}: {why.message}")
            continue
        for name in wanted:
            values = pd.Series(list(found[name]), alike.index, dtype=object)
            cast = values.astype("str" if kinds[name] == "text" else "float64")
            rows.loc[alike.index, name] = cast.astype(rows[name].dtype)
    return replace(batch, rows=rows, findings=tuple(findings))


def _columns(rows: pd.DataFrame, kinds: dict[str, Kind]) -> dict[str, Column]:
    """As `serving.inputs` takes them."""
    table = pa.table(
        {
            name: pa.array(
                rows[name].astype("str") if kind == "text" else rows[name],
                type=pa.string() if kind == "text" else None,
                from_pandas=True,
            )
            for name, kind in kinds.items()
        }
    )
    return columns(table.combine_chunks(), kinds)
