"""Do inputs, predictions and outcomes lie further from the reference than windows usually do?

What is usual for a window is replayed on the reference (windows.py); its distance is tested
against those, whose logarithm is taken for normal: the upper tail of a prediction interval, with as
many observations as there are windows side by side (Hahn, Meeker, Statistical Intervals, 1991,
section 4.7). A column has moved when each of the newest windows has, so the largest of their p
counts (an intersection-union test; Berger, 1982). Inputs are corrected together (Holm, 1979); so
are predictions, and the outcome is by itself. What is surely moved, but by little, is no drift.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log, sqrt

import numpy as np
import pandas as pd
from scipy.special import stdtr

from mlops.evaluation.predict import Array
from mlops.monitor import result, rows
from mlops.monitor.drift.distance import Measure, between, gaps, totals, within
from mlops.monitor.drift.views import Side, View, views
from mlops.monitor.drift.windows import Blocks, Codes, Comparison, Plan, enough, plan, timeline

NIL = 5e-3  # a distance under this is none
STEADY = 0.1  # spread of log distances that even the steadiest columns are granted
KEPT = 60  # windows in the result, the newest
COLUMNS = 1000  # views in the result, the furthest moved
OF_PREDICTION = 100  # columns of a prediction in the result


def drift(problem: rows.Problem, reference: rows.Reference, batch: pd.DataFrame) -> result.Drift:
    """Compare the newest windows of the batch, `Batch.rows`, with the end of the reference.

    Inputs are compared with all rows that the champion knows, predictions with those of the rows
    that it was tried on, and outcomes, in blocks where enough are known, with all outcomes. An
    input that the batch lacks is left out.
    """
    knobs, target = problem.knobs.monitor, problem.features.TARGET
    inputs = Comparing.of(problem, reference.rows, batch)
    held_out = Comparing.of(problem, reference.predictions, batch)
    outcomes = Comparing.of(problem, reference.rows, _mature(problem, batch))
    columns = inputs.columns(problem.inputs, relations=True)
    predictions = held_out.columns(_known(batch, problem.predictions))
    labels = outcomes.columns(
        _known(outcomes.batch.rows, [target]), as_text=problem.task == "multiclass"
    )
    moved = any(column.drifted for column in [*columns, *predictions, *labels])
    told = any(column.p is not None for column in columns)
    why_not = inputs.why_not()
    if not why_not and not columns:
        why_not = "the rows have none of the model's inputs"
    if not why_not and predictions:
        why_not = held_out.why_not("predictions: ")
    return result.Drift(
        state="alarm" if moved else "steady" if told else "untold",
        why_not=why_not,
        window=knobs.window,
        windows=knobs.windows,
        reference=knobs.reference,
        alpha=knobs.alpha,
        effect=knobs.effect,
        columns=columns[:COLUMNS],
        prediction=predictions[:OF_PREDICTION],
        label=labels[0] if labels else None,
    )


def corrected(p_values: Sequence[float]) -> list[float]:
    """Holm's adjusted p-values (1979), in the order given."""
    order = np.argsort(p_values)
    times = np.arange(len(order), 0, -1)
    steps = np.maximum.accumulate(np.array(p_values)[order] * times)
    adjusted = np.empty(len(order))
    adjusted[order] = np.minimum(steps, 1.0)
    return [float(p) for p in adjusted]


def tail(distance: float, usual: Array, independent: int) -> tuple[float, float]:
    """The typical of the usual distances, and the chance of one of at least `distance`.

    Student's t for one more observation of log distance, with `independent` - 1 degrees of freedom.
    """
    logs = np.log(np.maximum(usual, NIL))
    spread = float(np.hypot(logs.std(ddof=1), STEADY))
    above = (log(max(distance, NIL)) - float(logs.mean())) / spread
    typical = float(np.exp(logs.mean()))
    return typical, float(stdtr(independent - 1, -above / sqrt(1 + 1 / independent)))


@dataclass(frozen=True)
class Comparing:
    """Rows of the batch, rows that the champion knows, and the windows of both."""

    problem: rows.Problem
    reference: Side
    batch: Side
    known: Blocks
    new: Blocks
    plan: Plan
    sizes: Codes
    """Rows of each block of the batch."""

    @classmethod
    def of(cls, problem: rows.Problem, reference: pd.DataFrame, batch: pd.DataFrame) -> "Comparing":
        knobs, block = problem.knobs.monitor, problem.features.BLOCK
        known, new = timeline(reference[block], batch[block])
        seed = problem.knobs.seed if problem.knobs.split.rule == "random" else None
        planned = plan(known, new, knobs.window, knobs.reference, seed=seed)
        newest = [c.before for c in planned.comparisons[-1:]]
        before = np.isin(known.codes, [planned.order[slice(*run)] for run in newest])
        now = new.codes >= max(0, len(new.names) - knobs.window * knobs.windows)
        return cls(
            problem,
            Side(reference, known.codes, len(known.names), np.flatnonzero(before)),
            Side(batch, new.codes, len(new.names), np.flatnonzero(now)),
            known,
            new,
            planned,
            np.bincount(new.codes[new.codes >= 0], minlength=len(new.names)),
        )

    def columns(
        self, names: list[str], *, relations: bool = False, as_text: bool = False
    ) -> list[result.Column]:
        """The views of these columns, tested, and corrected together; furthest moved first."""
        found = views(names, self.reference, self.batch, relations=relations, as_text=as_text)
        tested = [self._tested(view) for view in found]
        return sorted(self._judged(tested), key=_furthest)

    def why_not(self, of: str = "") -> str:
        """Why nothing can be told; empty where it can."""
        knobs = self.problem.knobs.monitor
        there, needed = len(self.new.names), knobs.window * knobs.windows
        if there < needed:
            return (
                f"{of}{_blocks(there)} there, {needed} are needed: {knobs.windows} windows "
                f"of {knobs.window} (monitor.windows and monitor.window of params.yaml)"
            )
        if all(c.replay.tells for c in self.plan.comparisons[-knobs.windows :]):
            return ""
        ordered = self.problem.knobs.split.rule == "time"
        takes = enough(self.known, self.new, knobs.window, ordered=ordered)
        return (
            f"{of}what is usual cannot be told from so short a reference: "
            f"{_blocks(len(self.known.names))} there, these rows need {takes}"
        )

    def _tested(self, view: View) -> result.Column:
        """By the distance; of numbers with gaps also by those alone, which varying values hide."""
        measures = [between(view.kind)]
        if view.kind == "number" and (view.reference[:, -1].any() or view.batch[:, -1].any()):
            measures.append(gaps)
        tried = [self._windows(view, measure, len(measures)) for measure in measures]
        values, *alone = (self._column(view, windows) for windows in tried)
        told = [
            c for c in alone if _p(c) < _p(values) and _p(c) <= self.problem.knobs.monitor.alpha
        ]
        return told[0] if told else values

    def _column(self, view: View, windows: list[result.Window]) -> result.Column:
        wanted = self.problem.knobs.monitor.windows
        newest = [w for w in windows[-wanted:] if w.p is not None]
        told = len(newest) == wanted
        least = min(newest, key=lambda window: window.distance or 0.0) if told else None
        return result.Column(
            name=view.name,
            kind=view.kind,
            view=view.view,
            distance=least.distance if least else None,
            usual=least.usual if least else None,
            p=max(window.p or 0.0 for window in newest) if told else None,
            gaps_before=view.gaps_before,
            gaps_now=view.gaps_now,
            windows=windows,
            histogram=view.histogram,
        )

    def _judged(self, columns: list[result.Column]) -> list[result.Column]:
        knobs = self.problem.knobs.monitor
        told = [column for column in columns if column.p is not None]
        judged = []
        for column, p in zip(told, corrected([c.p or 0.0 for c in told]), strict=True):
            drifted = p <= knobs.alpha and (column.distance or 0.0) >= knobs.effect
            judged.append(column.model_copy(update={"corrected": p, "drifted": drifted}))
        return judged + [column for column in columns if column.p is None]

    def _windows(self, view: View, measure: Measure, tests: int) -> list[result.Window]:
        """The windows of the batch, the oldest first, each tested by itself in one of `tests`."""
        compared = self.plan.comparisons[-KEPT:]
        if not compared:
            return []
        past, new = totals(view.reference[self.plan.order]), totals(view.batch)
        distances = _nearest(
            measure,
            past,
            within(new, np.array([c.window for c in compared])),
            np.array([c.before for c in compared]),
            np.array([c.season for c in compared]),
        )
        replays = [c.replay for c in compared]
        replayed = _nearest(
            measure,
            past,
            within(past, np.vstack([replay.windows for replay in replays])),
            np.vstack([replay.before for replay in replays]),
            np.vstack([replay.season for replay in replays]),
        )
        ends = np.cumsum([len(replay.windows) for replay in replays])
        usual = np.split(replayed, ends[:-1])
        return [
            self._window(c, float(distance), of_this, tests)
            for c, distance, of_this in zip(compared, distances, usual, strict=True)
        ]

    def _window(
        self, compared: Comparison, distance: float, usual: Array, tests: int
    ) -> result.Window:
        first, last = compared.window
        typical, p = None, None
        if compared.replay.tells:
            typical, p = tail(distance, usual, compared.replay.independent)
            p = min(1.0, tests * p)  # Bonferroni
        return result.Window(
            first=self.new.names[first],
            last=self.new.names[last - 1],
            rows=int(self.sizes[first:last].sum()),
            distance=distance,
            usual=typical,
            p=p,
        )


def _nearest(measure: Measure, past: Array, now: Array, before: Codes, season: Codes) -> Array:
    """The distance from the blocks before, or from the season of an earlier year if less."""
    distance = measure(within(past, before), now)
    earlier = season[:, 1] > season[:, 0]
    if earlier.any():
        other = measure(within(past, season[earlier]), now[earlier])
        distance[earlier] = np.minimum(distance[earlier], other)
    return distance


def _p(column: result.Column) -> float:
    return 1.0 if column.p is None else column.p


def _furthest(column: result.Column) -> tuple[bool, float, float]:
    """Sorts what drifted first, by how far, and by itself before given the others; then by p."""
    moved, unusual = column.distance or 0.0, (column.distance or 0.0) / (column.usual or 1.0)
    if column.drifted:
        return False, float(column.view == "relation"), -moved
    return True, 1.0 if column.corrected is None else column.corrected, -unusual


def _blocks(count: int) -> str:
    return f"{count} block{' is' if count == 1 else 's are'}"


def _known(batch: pd.DataFrame, names: list[str]) -> list[str]:
    return [name for name in names if name in batch and batch[name].notna().any()]


def _mature(problem: rows.Problem, batch: pd.DataFrame) -> pd.DataFrame:
    """Rows with an outcome, of blocks where most have one: early outcomes are not like the rest."""
    target, block = problem.features.TARGET, problem.features.BLOCK
    if target not in batch:
        return batch.iloc[:0]
    known = batch[target].notna()
    share = known.groupby(batch[block]).transform("mean")
    return batch[known & (share >= problem.knobs.monitor.mature)]
