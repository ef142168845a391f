"""How well each line did on the rows that arrived, and whether a promotion was a mistake."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from mlops.backtest.result import PAIRS, Differences, Gain, Line, Pair, Succession
from mlops.contract import Task
from mlops.evaluation.bootstrap import Sample, draw
from mlops.evaluation.metrics import Truth, scores
from mlops.evaluation.predict import Array
from mlops.judge.statistics import Difference, holm, paired
from mlops.judge.verdict import Number
from mlops.monitor.result import number
from mlops.params import Params


@dataclass(frozen=True)
class Answers:
    """The rows of a period: what happened, and what was said of them, by who said it."""

    block: pd.Series
    """The name of each row's block."""
    truth: Truth
    said: Mapping[str, Array]

    def sample(self, who: str) -> Sample:
        """As the bootstrap takes it; blocks are numbered in the order of their names."""
        codes, names = pd.factorize(self.block, sort=True)
        return Sample(self.truth, self.said[who], codes.astype(np.int64), len(names))


@dataclass(frozen=True)
class Reign:
    """A promoted model and the one it replaced, on what has arrived since, period by period."""

    version: str
    replaced: str
    periods: Sequence[tuple[str, Answers]] = ()
    """By name; `said` has the two under `NEW` and `OLD`."""

    def going_on(self, period: str, answers: Answers) -> "Reign":
        """With one more period."""
        return replace(self, periods=[*self.periods, (period, answers)])


NEW, OLD = "new", "old"


def together(periods: Sequence[Answers]) -> Answers:
    """The rows of several periods as one."""
    first = periods[0].truth
    y = np.concatenate([one.truth.y for one in periods])
    return Answers(
        pd.concat([one.block for one in periods], ignore_index=True),
        Truth(y, first.classes, first.threshold),
        {who: np.concatenate([one.said[who] for one in periods]) for who in periods[0].said},
    )


def by_line(task: Task, answers: Answers, lines: Sequence[Line]) -> dict[Line, dict[str, Number]]:
    """Every metric of every line."""
    return {
        line: {
            name: number(value)
            for name, value in scores(task, answers.truth, answers.said[line]).items()
        }
        for line in lines
    }


def by_pair(task: Task, answers: Answers, knobs: Params) -> dict[Pair, Differences]:
    """How much better one line is than another, in each gated metric, with its interval."""
    return {
        pair: {
            name: gain(found, knobs.gates.level)
            for name, found in _paired(task, answers, first, second, knobs).items()
        }
        for pair, (first, second) in PAIRS.items()
    }


def succession(task: Task, reign: Reign, knobs: Params) -> Succession:
    """A promotion, judged by what came after it."""
    names = [name for name, _ in reign.periods]
    answers = together([one for _, one in reign.periods])
    found = _paired(task, answers, NEW, OLD, knobs)
    worse = holm(
        {name: difference.inferior(0.0) for name, difference in found.items()},
        (1 - knobs.gates.level) / 2,
    )
    return Succession(
        version=reign.version,
        replaced=reign.replaced,
        first=names[0],
        last=names[-1],
        rows=len(answers.block),
        blocks=answers.block.nunique(),
        differences={name: gain(one, knobs.gates.level) for name, one in found.items()},
        worse=[name for name in found if name in worse],
    )


def gain(found: Difference, level: float) -> Gain:
    """A difference as backtest.json has it; without an interval where too few blocks tell it."""
    value, (low, high) = found.estimate + 0.0, found.interval(level)  # -0.0 becomes 0.0
    if not found.tells:
        return Gain(value=number(value))
    return Gain(value=number(value), low=number(low + 0.0), high=number(high + 0.0))


def _paired(
    task: Task, answers: Answers, first: str, second: str, knobs: Params
) -> dict[str, Difference]:
    mine, theirs = answers.sample(first), answers.sample(second)
    counts = draw(mine.blocks, knobs.gates.resamples, knobs.seed)
    return paired(task, mine, theirs, counts, list(knobs.gates.margins))
