"""Labels that come later than the rows they belong to."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from mlops.errors import DataError
from mlops.monitor.batch import cast
from mlops.monitor.batch.cast import Casting
from mlops.monitor.batch.raw import of_file
from mlops.monitor.result import NoData
from mlops.monitor.rows import Batch, Problem


def joined(problem: Problem, batch: Batch, path: Path) -> Batch:
    """The batch with the outcomes of a file that has the key and the target, .csv or .parquet.

    They count more than those of the batch. A file without rows has no labels yet. Of several
    outcomes of a key the last one counts, which is a finding; so is it when most labels find no
    row, and most rows no label. Raises DataError when a column is missing, there or in the batch.
    """
    features = problem.features
    if lacking := [name for name in features.KEY if name not in batch.rows]:
        raise DataError(
            f"{batch.source}: no row names its {', '.join(lacking)}, so labels cannot be joined by "
            f"the key ({', '.join(features.KEY)}). Look at rows of a .csv or .parquet that have it"
        )
    wanted = [*features.KEY, features.TARGET]
    try:
        raw = of_file(path, wanted)
    except NoData:
        return batch
    if lacking := [name for name in wanted if name not in raw.names]:
        raise DataError(
            f"{path}: missing columns: {', '.join(lacking)}. Expected the key and the outcome "
            f"({', '.join(wanted)}); found {', '.join(raw.names[:40])}"
        )
    casting = Casting(raw)
    outcome = casting.target(features.TARGET, problem.task, problem.classes)
    keys = [cast.alike(batch.rows[n], cast.plain(raw.columns[n])) for n in features.KEY]
    mine = pd.MultiIndex.from_arrays([mine for mine, _ in keys])
    theirs = pd.MultiIndex.from_arrays([theirs for _, theirs in keys])
    known = outcome.notna().to_numpy()
    outcome, theirs = outcome[known], theirs[known]
    findings = [*casting.findings, *_contradictions(path, theirs, outcome)]
    last = ~theirs.duplicated(keep="last")
    outcome, theirs = outcome[last], theirs[last]
    place = theirs.get_indexer(mine)
    findings += _strangers(path, batch.source, theirs, mine, place)
    given = outcome.reset_index(drop=True).reindex(place).set_axis(batch.rows.index)
    there = batch.rows.get(features.TARGET)
    whole = given if there is None else given.where(given.notna(), there.astype(given.dtype))
    return replace(
        batch,
        rows=batch.rows.assign(**{features.TARGET: whole}),
        findings=(*batch.findings, *findings),
    )


def _contradictions(path: Path, keys: pd.MultiIndex, outcome: pd.Series) -> list[str]:
    outcomes = pd.Series(outcome.to_numpy()).groupby(keys.to_flat_index()).nunique()
    several = int((outcomes > 1).sum())
    if not several:
        return []
    have = "key has" if several == 1 else "keys have"
    told = (
        f"expected one outcome for each key; {several:,} {have} several, of which the last counts"
    )
    return [f"{path.name}: {told}"]


def _strangers(
    path: Path, source: str, theirs: pd.MultiIndex, mine: pd.MultiIndex, place: np.ndarray
) -> list[str]:
    """A file may hold the labels of years, or those of the first rows: neither is a mistake."""
    strange = int((~theirs.isin(mine)).sum())
    if 2 * strange <= len(theirs) or 2 * int((place >= 0).sum()) >= len(place):
        return []
    told = f"{strange:,} of {len(theirs):,} belong to none of them"
    return [f"{path.name}: expected labels of the rows of {source}; {told}"]
