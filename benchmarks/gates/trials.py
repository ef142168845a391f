"""The whole gate set, asked about models of which the truth is known."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from gates.world import Mistakes, Model, calibrated, fly, losing
from mlops.evaluation.metrics import Truth, scores
from mlops.evaluation.names import BETTER
from mlops.judge import verdict
from mlops.judge.champion import Answer
from mlops.judge.changes import Base
from mlops.judge.evidence import Cost, Evidence, Refit
from mlops.judge.gates import GATES
from mlops.judge.rows import Match, Rows
from mlops.judge.statistics import Difference, level
from mlops.params import Params

DAYS, A_DAY = 62, 300  # as many days as the example holds out, and a third of its flights
SMALLEST = 163  # rows of a slice that is scored: a third of the example's, too
LEAN = 0.08  # log-odds by which the challenger leans high, and the champion low
LINEAR = Mistakes(day=0.3, slope=0.2, carrier=0.1, time=0.1, flight=0.1)  # in proportion
LINEAR_LOSES = 0.0097  # ROC AUC of the linear model below the champion, as in the example
ENOUGH = (6_000, 90)  # days and flights a day, to know a model by
NEUTRAL: dict[str, Any] = {
    "cost": Cost(5.0, 20.0, 1_000_000),
    "refit": Refit("same", "trained again, every model has the same hash"),
    "metrics": {
        "data": {"rows": {"flights": DAYS * A_DAY}},
        "behaviour": {"a": {"kind": "invariance", "share": 1.0, "required": 0.95, "holds": True}},
        "audit": {
            "alone": {"sched_dep_time": 0.62},
            "overlap": {"rows": 0, "blocks": 0, "later_blocks": 0},
            "seeds": {},
        },
    },
}
"""Evidence of what is not simulated; nothing in it is wrong."""


@dataclass(frozen=True)
class World:
    """The models of a simulation, all calibrated; challengers by the ROC AUC that they lose."""

    champion: Model
    linear: Model
    challengers: dict[float, Model]
    truth: dict[float, dict[str, float]]
    """What each challenger truly differs by from the champion, by metric; below 0 is worse."""

    @classmethod
    def made(cls, losses: Iterable[float], seed: int, enough: tuple[int, int] = ENOUGH) -> "World":
        """Find the models on very many flights, on which all make the same mistakes, but for size.

        A challenger that loses nothing is the champion's equal, and differs by nothing.
        """
        flights = fly(np.random.default_rng(seed), *enough)
        champion = calibrated(Mistakes(), flights, seed)
        linear = losing(LINEAR_LOSES, champion, LINEAR, flights, seed)
        challengers, truth = {0.0: champion}, {0.0: dict.fromkeys(BETTER["binary"], 0.0)}
        known = Truth(flights.late, 2, 0.5)
        scored = scores("binary", known, champion.leaning(-LEAN).forecast(_rng(seed), flights))
        for loss in losses:
            loser = losing(loss, champion, Mistakes(), flights, seed)
            found = scores("binary", known, loser.leaning(LEAN).forecast(_rng(seed), flights))
            challengers[loss] = loser
            truth[loss] = {
                name: (found[name] - scored[name]) * (1 if better == "higher" else -1)
                for name, better in BETTER["binary"].items()
            }
        return cls(champion, linear, challengers, truth)


def _rng(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


@dataclass
class Tally:
    """What the gates said over the trials so far."""

    trials: int = 0
    decisions: Counter[str] = field(default_factory=Counter)
    gates: Counter[tuple[str, str]] = field(default_factory=Counter)
    differences: dict[str, list[Difference]] = field(default_factory=dict)
    """Challenger against champion, by metric."""
    errors: dict[str, list[float]] = field(default_factory=dict)
    """Standard errors of it, by slice and metric."""

    def add(self, other: "Tally") -> None:
        self.trials += other.trials
        self.decisions += other.decisions
        self.gates += other.gates
        for name, differences in other.differences.items():
            self.differences.setdefault(name, []).extend(differences)
        for name, errors in other.errors.items():
            self.errors.setdefault(name, []).extend(errors)

    def share(self, decision: str) -> float:
        return self.decisions[decision] / self.trials

    def rates(self) -> dict[str, dict[str, float]]:
        """By gate, the share of each outcome."""
        found: dict[str, dict[str, float]] = {}
        for gate, outcome in sorted(self.gates):
            share = round(self.gates[gate, outcome] / self.trials, 4)
            found.setdefault(gate, {})[outcome] = share
        return found

    def coverage(self, metric: str, truth: float, of: float = 0.95) -> float:
        """How often the interval at the level `of` holds the true difference."""
        ends = [difference.interval(of) for difference in self.differences[metric]]
        return sum(low <= truth <= high for low, high in ends) / self.trials

    def better(self, at: float) -> float:
        """How often the challenger is surely better in a metric, one at least."""
        surely = [[d.interval(at)[0] > 0 for d in found] for found in self.differences.values()]
        return sum(any(trial) for trial in zip(*surely, strict=True)) / self.trials


def trial(
    world: World,
    loss: float,
    seed: int,
    knobs: Params,
    *,
    by_row: bool = False,
    ask: Collection[str] = tuple(GATES),
) -> Tally:
    """Judge a challenger with a true loss on one hold-out, whose blocks are its days.

    By row, the same days are dealt anew over the rows: whole blocks are then drawn as if every
    flight were by itself, and nothing else differs.
    """
    rng = np.random.default_rng([seed, round(1e6 * loss)])
    flights = fly(rng, DAYS, A_DAY)
    said = {
        "challenger": world.challengers[loss].leaning(LEAN).forecast(rng, flights),
        "champion": world.champion.leaning(-LEAN).forecast(rng, flights),
        "linear": world.linear.forecast(rng, flights),
        "dummy": np.full(len(flights.late), flights.late.mean()),
    }
    block = flights.block
    if by_row:
        block = block.sample(frac=1, random_state=seed, ignore_index=True)
    truth = Truth(flights.late, 2, knobs.evaluate.threshold)
    return judged(Rows("binary", truth, block, flights.groups, said), knobs, ask)


def judged(rows: Rows, knobs: Params, ask: Collection[str] = tuple(GATES)) -> Tally:
    """Ask the gates, on the first use of the hold-out."""
    who = verdict.Champion(origin="base", commit="0" * 40)
    evidence = Evidence(
        knobs=knobs,
        task="binary",
        base=Base(None),
        answer=Answer(who, predictions=pd.DataFrame()),
        level=level(knobs.gates.level, 1),
        rows=rows,
        match=Match(rows, 0, 0, ""),
        **NEUTRAL,
    )
    asked = [GATES[name](evidence) for name in ask]
    outcomes = {gate.outcome for gate in asked}
    decision = "inconclusive" if "inconclusive" in outcomes else "accepted"
    of_slices = [m for gate in asked if gate.name == "slices" for m in gate.measures]
    return Tally(
        1,
        Counter(["refused" if "fail" in outcomes else decision]),
        Counter((gate.name, gate.outcome) for gate in asked),
        {name: [evidence.against_champion[name]] for name in knobs.gates.margins},
        {m.name: [_error(m, evidence.level)] for m in of_slices if m.low is not None},
    )


def _error(measure: verdict.Measure, at: float) -> float:
    """The standard error behind an interval."""
    reach = ((measure.high or 0) - (measure.low or 0)) / 2
    return float(reach / stats.t.ppf((1 + at) / 2, DAYS - 1))
