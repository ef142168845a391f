"""Are these rows such as the model may be asked about?"""

from collections import Counter
from typing import Any

import numpy as np
import pandas as pd

from mlops.data import rules
from mlops.monitor.batch import cast
from mlops.monitor.result import Quality
from mlops.monitor.rows import Batch, Problem, Reference

MOST = 50  # findings that are told
CHARACTERS = 2000  # of one
RUNS = 50  # stretches of the reference that show what is usual for so few blocks
ABSENT, TYPE = "column_in_dataframe", "dtype("  # what pandera calls them


def quality(problem: Problem, reference: Reference, batch: Batch) -> Quality:
    """What reading found, the rules of FEATURES, predictions that are none, and rows that came
    before: in this batch, or among those that the champion was trained or tried on.

    A rule of a whole column, such as the share of gaps, was made for all rows. It is a finding
    where as few blocks of the reference seldom break it, in at most `monitor.alpha` of the cases.
    """
    found = [*batch.findings, *_rules(problem, reference, batch), *_predictions(problem, batch)]
    repeated = known = 0
    if _has_key(problem, batch):
        repeated = int(batch.rows.duplicated(problem.features.KEY).sum())
        known = int(_known(problem, reference, batch).sum())
    return Quality(
        state="alarm" if found or repeated or known else "steady",
        findings=[sentence[:CHARACTERS] for sentence in found[:MOST]],
        failed=len(found),
        repeated=repeated,
        known=known,
    )


def known_share(problem: Problem, reference: Reference, batch: Batch) -> float:
    """The share of the batch's rows (0 to 1) that the champion was trained or tried on, by their
    key; 0 where they do not have it.
    """
    if not len(batch.rows) or not _has_key(problem, batch):
        return 0.0
    return float(_known(problem, reference, batch).mean())


def _has_key(problem: Problem, batch: Batch) -> bool:
    return set(problem.features.KEY) <= set(batch.rows)


def _known(problem: Problem, reference: Reference, batch: Batch) -> Any:
    pairs = [cast.alike(batch.rows[n], reference.rows[n]) for n in problem.features.KEY]
    mine = pd.MultiIndex.from_arrays([mine for mine, _ in pairs])
    return mine.isin(pd.MultiIndex.from_arrays([theirs for _, theirs in pairs]))


def _rules(problem: Problem, reference: Reference, batch: Batch) -> list[str]:
    there = [name for name in problem.inputs if name in batch.rows]
    if not there:
        return []
    inputs = batch.rows[there].reset_index(drop=True)
    failures = _failures(problem, inputs)
    whole = failures["index"].isna()
    usual = _usual(problem, reference, batch, failures[whole])
    sentences = []
    for rule, cases in failures.groupby(["column", "check"], sort=False):
        name, expected = map(str, rule)
        at = cases["index"].dropna().astype(int).drop_duplicates()
        if not at.empty:
            sentences.append(_of_rows(problem, batch, name, expected, cases))
        elif (name, expected) not in usual:
            gaps = f"; found {inputs[name].isna().mean():.1%} missing" if name in inputs else ""
            place = f"{batch.source}: {name}" if name else batch.source
            sentences.append(f"{place}: expected {expected}{gaps}")
    return [*sentences, *_infinite(batch, inputs, failures)]


def _of_rows(problem: Problem, batch: Batch, name: str, expected: str, cases: pd.DataFrame) -> str:
    at = cases["index"].dropna().astype(int).drop_duplicates()
    gap = expected == "not_nullable"
    declared = problem.schemas.FEATURES.columns.get(name)
    hidden = gap or declared is None or cast.sensitive(declared)
    return cast.sentence(
        batch.source,
        f"row {_counted(batch.rows.index[at.iloc[0]])}",
        name,
        "a value" if gap else expected,
        value=None if hidden else cases["failure_case"].iloc[0],
        count=len(at),
    )


def _failures(problem: Problem, inputs: pd.DataFrame) -> pd.DataFrame:
    """Failure cases of the columns that are there. Types are what reading could make of values, and
    reading has told what it could not.
    """
    cases = rules.failures(inputs, problem.schemas.FEATURES)
    cases = cases[(cases["check"] != ABSENT) & ~cases["check"].str.startswith(TYPE)]
    if len(inputs.columns) < len(problem.inputs):  # rules of whole rows may need what is not there
        cases = cases[cases["column"].isin(inputs.columns)]
    return cases


def _usual(
    problem: Problem, reference: Reference, batch: Batch, failures: pd.DataFrame
) -> set[tuple[str, str]]:
    """The column and the check of those failures that more than `monitor.alpha` of the stretches of
    the reference show as well, each of as many blocks as the batch has.
    """
    block, known = problem.features.BLOCK, reference.rows
    blocks = np.sort(known[block].dropna().unique())
    size = batch.rows[block].nunique()
    starts = np.arange(0, len(blocks) - size + 1, size)
    if failures.empty or not len(starts):
        return set()
    chosen = starts[np.unique(np.linspace(0, len(starts) - 1, RUNS).astype(int))]
    named = set(failures["column"])
    some = [n for n in problem.inputs if n in known and ("" in named or n in named)]
    broken: Counter[tuple[str, str]] = Counter()
    for start in chosen:
        rows = known.loc[known[block].isin(blocks[start : start + size]), some]
        cases = _failures(problem, rows.reset_index(drop=True))
        whole = cases[cases["index"].isna()]
        broken.update(set(zip(whole["column"], whole["check"], strict=True)))
    often = problem.knobs.monitor.alpha * len(chosen)
    return {rule for rule, times in broken.items() if times > often}


def _infinite(batch: Batch, inputs: pd.DataFrame, failures: pd.DataFrame) -> list[str]:
    """Infinite numbers, where no rule has found them."""
    sentences = []
    for name in inputs.select_dtypes("float").columns.difference(list(failures["column"])):
        if (wrong := np.isinf(inputs[name].to_numpy())).any():
            row = f"row {_counted(batch.rows.index[np.flatnonzero(wrong)[0]])}"
            count = int(wrong.sum())
            told = cast.sentence(batch.source, row, name, "a finite number", count=count)
            sentences.append(told)
    return sentences


def _predictions(problem: Problem, batch: Batch) -> list[str]:
    names = [name for name in problem.predictions if name in batch.rows]
    if not names:
        return []
    said = batch.rows[names].to_numpy(dtype=np.float64)
    if problem.task == "regression":
        wrong, expected = ~np.isfinite(said), "a finite number"
    else:
        wrong, expected = ~((said >= 0) & (said <= 1)), "a probability, 0 to 1"
    rows = np.flatnonzero(wrong.any(axis=1))
    if not len(rows):
        return []
    column = names[int(np.argmax(wrong[rows[0]]))]
    row = f"row {_counted(batch.rows.index[rows[0]])}"
    value = float(batch.rows[column].iloc[rows[0]])
    return [cast.sentence(batch.source, row, column, expected, value=value, count=len(rows))]


def _counted(label: Any) -> Any:
    """Rows are counted from 1 on where people do."""
    return label + 1 if isinstance(label, int | np.integer) else label
