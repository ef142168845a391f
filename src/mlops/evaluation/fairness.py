"""How differently a model treats the groups of a slice, by resampling whole blocks.

A difference is that of the largest and the smallest group. Of `selection_rate` it is what fairlearn
calls the demographic parity difference; the larger of those of `true_positive_rate` and
`false_positive_rate` is its equalized odds difference (Hardt, Price, Srebro, 2016).

Of many groups that are treated alike two lie apart by luck, and in a resample further still, so
that percentiles of the difference never reach 0. Its interval is the one that holds for all pairs
of groups at once, whichever two come out furthest apart, as that of the studentised range does
(Tukey, 1953): to either side, as far as any two groups stray from each other in `level` of the
resamples.
"""

from typing import Any

import numpy as np
import pandas as pd

from mlops.contract import Task
from mlops.evaluation.bootstrap import FEWEST_BLOCKS, Counts, Sample
from mlops.evaluation.metrics import Truth, confidence, decisions
from mlops.evaluation.predict import Array
from mlops.files import DECIMALS

COMPARED: dict[Task, tuple[str, ...]] = {
    "binary": ("selection_rate", "true_positive_rate", "false_positive_rate", "calibration_gap"),
    "multiclass": ("accuracy", "calibration_gap"),
    "regression": ("mean_error", "mae"),
}
"""The rates whose differences between groups are told."""


def fairness(
    task: Task, sample: Sample, counts: Counts, slices: pd.DataFrame, *, minimum: int, level: float
) -> dict[str, dict[str, dict[str, Any]]]:
    """By slice: `groups`, each with `rows` and its rates, and `differences` of those COMPARED.

    `counts` are resamples of blocks, shape (resamples, blocks); `slices` has a column per slice, a
    label per row of the sample. Groups of fewer than `minimum` rows are left out.

    A rate is NaN in a group that has no row to count it on. A difference is there where two groups
    have the rate; the ends of its interval are NaN when one of these has it in fewer than
    FEWEST_BLOCKS blocks.
    """
    times = counts.T.astype(np.float64)
    with np.errstate(invalid="ignore"):
        return {
            str(name): _compared(task, *_large(sample, slices[name], minimum), times, level)
            for name in slices
        }


def _large(sample: Sample, labels: pd.Series, minimum: int) -> tuple[Sample, pd.Series]:
    """The rows in groups of at least `minimum`, and their labels."""
    codes, _ = pd.factorize(labels)
    rows = np.bincount(codes)[codes] >= minimum
    truth = Truth(sample.truth.y[rows], sample.truth.classes, sample.truth.threshold)
    return Sample(truth, sample.p[rows], sample.block[rows], sample.blocks), labels[rows]


def _compared(
    task: Task, sample: Sample, labels: pd.Series, times: Array, level: float
) -> dict[str, dict[str, Any]]:
    """times: how often each block is in each resample, shape (blocks, resamples)."""
    codes, names = pd.factorize(labels, sort=True)
    groups, rates = [str(name) for name in names], _rates(task, sample)
    cells, size = codes * sample.blocks + sample.block, len(groups) * sample.blocks

    def per_block(values: Array) -> Array:
        """The sum of a row value over each group and block, shape (groups, blocks)."""
        sums = np.bincount(cells, values, minlength=size).astype(np.float64)
        return sums.reshape(len(groups), sample.blocks)

    # (rates, numerator and denominator, groups, blocks), for one product with all resamples
    sums = np.array([[per_block(values) for values in pair] for pair in rates.values()])
    resampled = (sums.reshape(-1, sample.blocks) @ times).reshape(*sums.shape[:3], times.shape[1])
    value = _ratio(sums.sum(axis=3))
    astray = _ratio(resampled) - value[..., None]
    tells = (sums[:, 1] > 0).sum(axis=2) >= FEWEST_BLOCKS
    rows = np.bincount(codes, minlength=len(groups)).tolist()
    return {
        "groups": {
            group: {"rows": rows[g]} | dict(zip(rates, value[:, g].tolist(), strict=True))
            for g, group in enumerate(groups)
        },
        "differences": {
            name: _difference(groups, value[r], astray[r], tells[r], level)
            for r, name in enumerate(rates)
            if name in COMPARED[task] and np.isfinite(value[r]).sum() > 1
        },
    }


def _ratio(sums: Array) -> Array:
    """The rates of sums of (rates, 2, groups, …): of each pair, the first by the second."""
    return sums[:, 0] / sums[:, 1]


def _rates(task: Task, sample: Sample) -> dict[str, tuple[Array, Array]]:
    """By rate, what each row adds to its numerator and to its denominator, shape (n,) each."""
    y, p = sample.truth.y, sample.p
    every = np.ones(len(y))
    if task == "regression":
        return {
            "outcome": (y, every),
            "forecast": (p, every),
            "mean_error": (p - y, every),
            "mae": (np.abs(p - y), every),
        }
    forecast, happened = confidence(sample.truth, p)
    gap = {"calibration_gap": (forecast - happened, every)}
    if task == "multiclass":
        return {"accuracy": (happened, every), "confidence": (forecast, every)} | gap
    called = decisions(sample.truth, p)
    return {
        "outcome_rate": (y, every),
        "forecast": (p, every),
        "selection_rate": (called, every),
        "true_positive_rate": (called * y, y),
        "false_positive_rate": (called * (1 - y), 1 - y),
    } | gap


def _difference(
    groups: list[str], rates: Array, astray: Array, tells: Array, level: float
) -> dict[str, Any]:
    """Of the largest and the smallest group; of equal ones, in the decimals written, the first.

    astray: how far each group lies from its rate, shape (groups, resamples); tells: which groups
    lie in enough blocks for that to be believed, shape (groups,).
    """
    written = np.round(rates, DECIMALS)
    largest, smallest = int(np.nanargmax(written)), int(np.nanargmin(written))
    value, reach = float(rates[largest] - rates[smallest]), float("nan")
    if tells[largest] and tells[smallest]:
        apart = np.fmax.reduce(astray[tells]) - np.fmin.reduce(astray[tells])
        reach = float(np.nanquantile(apart, level))
    return {
        "value": value,
        "low": value - reach,
        "high": value + reach,
        "largest": groups[largest],
        "smallest": groups[smallest],
    }
