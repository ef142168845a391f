"""Blocks in the order of time, windows of them, and the past replayed.

A window of the batch lies some way after the reference, and seasons move things the further, the
further ahead. What is usual is therefore asked of the reference at the same lag: every block of it
is taken for its end once, and a window that lies as far after that end is compared with the blocks
before. Where windows reach back into an earlier year, they may also be like that season.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Codes = NDArray[np.int64]
Run = tuple[int, int]
"""The first block, and the one after the last."""

YEAR = 364  # days: whole weeks, so that days of the week meet their like
SEASON = 14  # days around a window, a year before, that are its season
DRAWS = 200  # replays of blocks that have no order
FEWEST = 4  # windows side by side, under which nothing is called usual


@dataclass(frozen=True)
class Blocks:
    """The blocks of some rows, in order."""

    names: list[str]
    at: Codes
    """Their places in time: days, or mere ranks where names are no dates."""
    codes: Codes
    """The block of each row, shape (n,); -1 for a row without."""
    dated: bool
    """Whether places are days, so that there are seasons."""


@dataclass(frozen=True)
class Replay:
    """The past, compared with its own past: runs of blocks, shape (n, 2) each."""

    windows: Codes
    before: Codes
    season: Codes
    """The season of an earlier year; an empty run where there is none."""
    independent: int
    """How many of the windows fit side by side."""

    @property
    def tells(self) -> bool:
        return self.independent >= FEWEST


@dataclass(frozen=True)
class Comparison:
    """A window of the batch."""

    window: Run
    before: Run
    season: Run
    """The season of an earlier year; an empty run where there is none."""
    replay: Replay


@dataclass(frozen=True)
class Plan:
    """What is compared with what, the oldest window of the batch first."""

    order: Codes
    """Blocks of the reference; runs of the reference are runs of this."""
    comparisons: list[Comparison]


def timeline(reference: pd.Series, batch: pd.Series) -> tuple[Blocks, Blocks]:
    """The blocks of both, on one scale of time.

    Names that read YYYY-MM-DD are placed by the calendar; otherwise they are sorted, as numbers
    where all are, and those of the batch follow those of the reference.
    """
    parts = []
    for column in (reference, batch):
        codes, found = pd.factorize(column)
        parts.append((codes.astype(np.int64), [_name(value) for value in found]))
    (of_reference, before), (of_batch, now) = parts
    days = _days([*before, *now])
    if days is None:
        places = _ranks(before), _ranks(now) + len(before)
    else:
        places = days[: len(before)], days[len(before) :]
    return (
        _ordered(of_reference, before, places[0], dated=days is not None),
        _ordered(of_batch, now, places[1], dated=days is not None),
    )


def plan(
    reference: Blocks, batch: Blocks, window: int, before: int, *, seed: int | None = None
) -> Plan:
    """Whole windows of the batch, counted from its newest block, each beside the last `before`
    blocks of the reference; beside fewer, whole windows, where it takes the rest to tell what is
    usual.

    With a seed, blocks have no order: what is usual is told by blocks drawn without replacement.
    """
    ends = range(len(batch.names), window - 1, -window)
    runs = [(end - window, end) for end in reversed(ends)]
    known = len(reference.names)
    if seed is not None:
        return _drawn(known, runs, window, min(before, _left(known, 0, window)), seed)
    comparisons = []
    for first, last in runs if known else []:
        gap = _gap(reference, batch, first)
        least = min(before, _left(known, gap, window))
        season = _seasons(reference, batch.at[[first]], batch.at[[last - 1]], least)[0]
        comparisons.append(
            Comparison(
                window=(first, last),
                before=(max(0, known - least), known),
                season=(int(season[0]), int(season[1])),
                replay=_replay(reference, gap, window, least),
            )
        )
    return Plan(np.arange(known), comparisons)


def enough(reference: Blocks, batch: Blocks, window: int, *, ordered: bool = True) -> int:
    """How many blocks of a reference it takes to tell what is usual for the newest window."""
    lag = ordered and len(reference.names) > 0
    gap = _gap(reference, batch, len(batch.names) - window) if lag else 0
    return gap + (1 + FEWEST) * window


def _gap(reference: Blocks, batch: Blocks, first: int) -> int:
    """Days between the reference and a block of the batch."""
    return max(0, int(batch.at[first] - reference.at[-1] - 1))


def _left(known: int, gap: int, window: int) -> int:
    """Blocks to compare with, when the others are to show what is usual: one window at least."""
    return max(1, (known - gap) // window - FEWEST) * window


def _replay(reference: Blocks, gap: int, window: int, before: int) -> Replay:
    """Every window that has `before` blocks and then so many days before it."""
    at = reference.at
    ends = np.arange(before, len(at))
    starts = np.searchsorted(at, at[ends - 1] + 1 + gap)
    whole = starts + window <= len(at)
    ends, starts = ends[whole], starts[whole]
    season = _seasons(reference, at[starts], at[starts + window - 1], before)
    season[season[:, 1] > ends] = 0  # what was not over then was not known
    side_by_side = (int(starts[-1] - starts[0]) // window + 1) if len(starts) else 0
    return Replay(
        windows=np.column_stack([starts, starts + window]),
        before=np.column_stack([ends - before, ends]),
        season=season,
        independent=side_by_side,
    )


def _seasons(reference: Blocks, first: Codes, last: Codes, least: int) -> Codes:
    """Runs of the blocks around the same days of the year before; empty under `least` blocks."""
    runs = np.column_stack(
        [
            np.searchsorted(reference.at, first - YEAR - SEASON),
            np.searchsorted(reference.at, last - YEAR + SEASON, side="right"),
        ]
    )
    runs[(runs[:, 1] - runs[:, 0] < least) | (not reference.dated)] = 0
    return runs


def _drawn(known: int, runs: list[Run], window: int, before: int, seed: int) -> Plan:
    """Each draw is a window after its reference; the batch is compared with one draw more."""
    size, draws = before + window, DRAWS
    if known < size:
        size, draws = known, 0
    rng = np.random.default_rng(seed)
    order = np.concatenate([rng.permutation(known)[:size] for _ in range(draws + 1)])
    starts = np.arange(draws) * size
    replay = Replay(
        windows=np.column_stack([starts + before, starts + size]),
        before=np.column_stack([starts, starts + before]),
        season=np.zeros((draws, 2), np.int64),
        independent=(known - before) // window if draws else 0,
    )
    last = draws * size
    beside = last, min(last + before, len(order))
    return Plan(order, [Comparison(run, beside, (0, 0), replay) for run in runs])


def _ordered(codes: Codes, names: list[str], at: Codes, *, dated: bool) -> Blocks:
    order = np.argsort(at, kind="stable")
    rank = np.append(np.argsort(order, kind="stable"), -1)  # a row without a block stays without
    return Blocks([names[i] for i in order], at[order], rank[codes], dated)


def _name(value: Any) -> str:
    return str(value)[:10] if isinstance(value, pd.Timestamp) else str(value)


def _days(names: list[str]) -> Codes | None:
    """Their places in the calendar; None unless all read YYYY-MM-DD."""
    try:
        days = [date.fromisoformat(name).toordinal() for name in names if len(name) == 10]
    except ValueError:
        return None
    return np.array(days, np.int64) if len(days) == len(names) else None


def _ranks(names: list[str]) -> Codes:
    values: list[Any]
    try:
        values = [float(name) for name in names]
    except ValueError:
        values = [*names]
    return np.unique(np.array(values), return_inverse=True)[1].astype(np.int64)
