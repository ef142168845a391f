"""How far the table goes: models tried on the rows that training will have, never on the test.

Each of five parts of the training rows is predicted by models of the others, or, with the split
rule `time`, by models of the days before it. What a test will show is then simulated: blocks of
these predictions are drawn, as many as the test has.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from math import sqrt
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.model_selection import GroupKFold, StratifiedGroupKFold, TimeSeriesSplit

from mlops.contract import Task
from mlops.errors import DataError
from mlops.evaluation.alone import Rows as Inputs
from mlops.evaluation.alone import alone
from mlops.evaluation.bootstrap import FEWEST_BLOCKS, Sample, distributions, draw
from mlops.evaluation.metrics import Codes, Truth, scores
from mlops.evaluation.names import headline
from mlops.evaluation.predict import Array, labels, predict
from mlops.init.table.workbench import Bench
from mlops.judge.statistics import Difference, paired
from mlops.params import Split
from mlops.training.fit import dummy
from mlops.training.split import held_out

PARTS = 5
MOST_ROWS = 20_000  # of the training rows that are tried
RESAMPLES = 1000
THRESHOLD = 0.5
SHARES = (
    0.25,
    0.3,
    0.35,
    0.4,
)  # of blocks held out, the first that leaves each class on both sides
SMALL = 1000  # rows under which a larger share is held out, or it tells nothing
MONTHS = 0.2  # share of the rows that the newest months must have
FEWEST_MONTHS = 3
SURE = 2.0  # standard errors by which boosting must win, or the simpler model is taken
SEED = 0

Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Trial:
    """What the training rows say. Predictions by estimator, and `dummy`, in the order of `truth`.

    `blocks`: how many the test has. `rows`: how many the test has. `alone`: the headline metric of
    each input alone.
    """

    task: Task
    split: Split
    rows: int
    blocks: int
    truth: Truth
    block: pd.Series
    said: dict[str, Array]
    linear: str
    alone: dict[str, float]
    train: pd.DataFrame
    """The training rows that were tried, for whoever wants to ask more of them."""

    def sample(self, role: str) -> Sample:
        codes, names = pd.factorize(self.block, sort=True)
        return Sample(self.truth, self.said[role], codes.astype(np.int64), len(names))

    @cached_property
    def estimator(self) -> str:
        """Boosting where it is surely better than the linear model, else that."""
        found = self.against(self.linear, "gradient_boosting", [headline(self.task)])
        difference = found[headline(self.task)]
        surely = difference.estimate > SURE * difference.error
        return "gradient_boosting" if surely else self.linear

    def against(self, other: str, role: str, names: list[str]) -> dict[str, Difference]:
        """`role` beside `other`, by metric."""
        mine, theirs = self.sample(role), self.sample(other)
        return paired(self.task, mine, theirs, draw(mine.blocks, RESAMPLES, SEED), names)

    def scores(self, role: str, names: list[str]) -> dict[str, float]:
        return scores(self.task, self.truth, self.said[role], names)

    def simulated(self, names: list[str]) -> dict[str, Array]:
        """Metrics of the chosen estimator on tests of as many blocks as there will be."""
        sample = self.sample(self.estimator)
        chance = np.full(sample.blocks, 1 / sample.blocks)
        counts = np.random.default_rng(SEED).multinomial(self.blocks, chance, size=RESAMPLES)
        found = distributions(self.task, sample, counts, names)
        return {name: values[np.isfinite(values)] for name, values in found.items()}

    def error(self, name: str) -> float:
        """The standard error of the difference of two sensible models, on a test of its size."""
        difference = self.against(self.linear, "gradient_boosting", [name])[name]
        blocks = self.block.nunique()
        return difference.error * sqrt(blocks / self.blocks)

    def tests(self, times: int) -> Iterator[Codes]:
        """Rows of `times` simulated tests."""
        rng = np.random.default_rng(SEED)
        size = min(self.rows, 5000)
        for _ in range(times):
            yield rng.integers(len(self.truth.y), size=size)


def tried(name: str, bench: Bench, settings: dict[str, dict[str, Any]]) -> Trial:
    """Split as params.yaml will, and try every estimator, with its `settings`, on what is trained.

    Raises DataError, about the table `name`, when it cannot be split.
    """
    split, test = split_of(name, bench)
    block = bench.frame[bench.features.BLOCK]
    train = bench.frame[~test]
    if len(train) > MOST_ROWS:
        train = train.sample(MOST_ROWS, random_state=SEED).sort_index()
    train = train.reset_index(drop=True)
    if split.rule == "time":
        train = train.sort_values(bench.features.BLOCK, kind="stable").reset_index(drop=True)
    target, task = train[bench.features.TARGET], bench.features.TASK
    classes = [] if task == "regression" else sorted(target.unique())
    truth = _truth(target, classes)
    makers: dict[str, Callable[[], Any]] = {
        estimator: lambda estimator=estimator: bench.model.ESTIMATORS[estimator](
            SEED, **settings[estimator]
        )
        for estimator in bench.model.ESTIMATORS
    } | {"dummy": lambda: dummy(task)}
    said = {role: np.zeros(_shape(len(train), task, classes)) for role in makers}
    answered = np.zeros(len(train), dtype=bool)
    of_one: list[dict[str, float]] = []
    for known, asked in _parts(train, bench, split):
        answered[asked] = True
        for role, make in makers.items():
            model = make().fit(train.iloc[known][bench.inputs], target.iloc[known].to_numpy())
            said[role][asked] = _said(model, train.iloc[asked][bench.inputs], task, classes)
        of_one.append(
            alone(
                task,
                Inputs(train.iloc[known][bench.inputs], _some(truth, known)),
                Inputs(train.iloc[asked][bench.inputs], _some(truth, asked)),
                sample=2000,
                seed=SEED,
            )
        )
    chosen = np.flatnonzero(answered)
    of_parts = pd.DataFrame(of_one).fillna(0.0)
    by_input = of_parts.iloc[-1] if split.rule == "time" else of_parts.mean()
    return Trial(
        task=task,
        split=split,
        rows=int(test.sum()),
        blocks=int(block[test].nunique()),
        truth=_some(truth, chosen),
        block=train[bench.features.BLOCK].astype("str").iloc[chosen].reset_index(drop=True),
        said={role: p[chosen] for role, p in said.items()},
        linear=bench.model.LINEAR,
        alone={str(name): float(value) for name, value in by_input.items()},
        train=train,
    )


def split_of(name: str, bench: Bench) -> tuple[Split, pd.Series]:
    """The split, and which rows it holds out.

    The newest months where blocks are days over three months or more; else a share of the blocks.
    """
    block = bench.frame[bench.features.BLOCK]
    shares = SHARES if len(bench.frame) >= SMALL else SHARES[1:]
    ways = [Split(rule="random", test_months=1, test_share=share) for share in shares]
    if bool(block.astype("str").str.fullmatch(r"\d{4}-\d\d-\d\d").all()):
        ways = [*_by_time(block), *ways]
    for way in ways:
        test = held_out(block, way)
        if _is_fair(bench, test):
            return way, test
    raise DataError(
        f"{name}: no split leaves enough of every value of {bench.features.TARGET} both for "
        f"training and for the test. Bring more rows, or leave the rarest values out",
        file=name,
    )


def _by_time(block: pd.Series) -> Iterator[Split]:
    months = block.astype("str").str[:7].value_counts(normalize=True).sort_index()
    held = 0.0
    for count in range(1, len(months) - FEWEST_MONTHS + 2):
        held += float(months.iloc[-count])
        if held >= MONTHS:
            yield Split(rule="time", test_months=count, test_share=SHARES[0])
            return


def _is_fair(bench: Bench, test: pd.Series) -> bool:
    target, block = bench.frame[bench.features.TARGET], bench.frame[bench.features.BLOCK]
    if test.mean() > 0.5 or min(block[test].nunique(), block[~test].nunique()) < FEWEST_BLOCKS:
        return False
    if bench.features.TASK == "regression":
        return bool(target[test].nunique() > 1 and target[~test].nunique() > 1)
    held, left = (target[part].value_counts() for part in (test, ~test))
    every = set(target.unique())
    return set(held.index) == every and set(left.index) == every and left.min() >= PARTS


def _parts(train: pd.DataFrame, bench: Bench, split: Split) -> Iterator[tuple[Indices, Indices]]:
    """Rows that are known and rows that are asked about, in turn; no block is on both sides."""
    block = train[bench.features.BLOCK].astype("str").to_numpy()
    if split.rule == "time":
        days = np.unique(block)
        for before, after in list(TimeSeriesSplit(PARTS).split(days))[1:]:  # the first knows little
            known, asked = (np.flatnonzero(np.isin(block, days[at])) for at in (before, after))
            if bench.features.TASK == "regression" or _knows_all(train, bench, known):
                yield known, asked
        return
    target = train[bench.features.TARGET]
    kind = GroupKFold if bench.features.TASK == "regression" else StratifiedGroupKFold
    yield from kind(PARTS, shuffle=True, random_state=SEED).split(train, target, block)


def _knows_all(train: pd.DataFrame, bench: Bench, known: Indices) -> bool:
    target = train[bench.features.TARGET]
    return target.iloc[known].nunique() == target.nunique()


def _truth(target: pd.Series, classes: list[Any]) -> Truth:
    if not classes:
        return Truth(target.to_numpy(dtype=np.float64), 0, THRESHOLD)
    codes = target.map({label: code for code, label in enumerate(classes)})
    return Truth(codes.to_numpy(dtype=np.float64), len(classes), THRESHOLD)


def _some(truth: Truth, rows: Codes) -> Truth:
    return Truth(truth.y[rows], truth.classes, truth.threshold)


def _shape(rows: int, task: Task, classes: list[Any]) -> tuple[int, ...]:
    return (rows, len(classes)) if task == "multiclass" else (rows,)


def _said(model: Any, rows: pd.DataFrame, task: Task, classes: list[Any]) -> Array:
    """A class that a part lacks has no probability."""
    found = predict(model, rows, task)
    if task != "multiclass" or labels(model) == classes:
        return found
    whole = np.zeros((len(rows), len(classes)))
    whole[:, [classes.index(label) for label in labels(model)]] = found
    return whole
