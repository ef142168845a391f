"""Intervals by resampling whole blocks (Künsch, 1989; here the blocks do not overlap).

A resample draws as many blocks as there are, with replacement, so it is a count per block. Every
metric below is written in terms of those counts: what a block contributes is computed once, and
two thousand resamples are a matrix product.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlops.contract import Task
from mlops.evaluation.metrics import (
    BINS,
    Truth,
    calibration_bins,
    confidence,
    decisions,
)
from mlops.evaluation.names import BETTER
from mlops.evaluation.predict import Array

Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Sample:
    """Rows with their truth, predictions, and block codes 0 … blocks - 1, shape (n,)."""

    truth: Truth
    p: Array
    block: NDArray[np.int64]
    blocks: int

    def per_block(self, values: Array) -> Array:
        """The sum of a row value over each block, shape (blocks,)."""
        return np.bincount(self.block, values, minlength=self.blocks).astype(np.float64)


def draw(blocks: int, resamples: int, seed: int) -> Counts:
    """How often each block is in each resample, shape (resamples, blocks); rows sum to `blocks`."""
    chance = np.full(blocks, 1 / blocks)
    return np.random.default_rng(seed).multinomial(blocks, chance, size=resamples)


def distributions(task: Task, sample: Sample, counts: Counts) -> dict[str, Array]:
    """Every metric of the task in every resample, each of shape (resamples,); NaN without value."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return {name: _RESAMPLED[task][name](sample, counts) for name in BETTER[task]}


def interval(distribution: Array, level: float) -> tuple[float, float]:
    """The percentile interval (Efron, 1979) of the resamples that have a value."""
    outside = (1 - level) / 2
    low, high = np.nanquantile(distribution, [outside, 1 - outside])
    return float(low), float(high)


def _sums(sample: Sample, counts: Counts, *values: Array) -> list[Array]:
    """The sum of each row value in each resample."""
    return list((counts @ np.stack([sample.per_block(v) for v in values], axis=1)).T)


def _float(flags: NDArray[np.bool_]) -> Array:
    return flags.astype(np.float64)


def _mean(sample: Sample, counts: Counts, loss: Array) -> Array:
    total, rows = _sums(sample, counts, loss, np.ones(len(loss)))
    return total / rows


def _auc(sample: Sample, counts: Counts, positive: NDArray[np.bool_], score: Array) -> Array:
    """The share of (positive, negative) pairs in the right order, ties half (Mann, Whitney, 1947).

    wins[i, j] counts the pairs with the positive in block i and the negative in block j.
    """
    wins = np.zeros((sample.blocks, sample.blocks))
    ups, up_blocks = score[positive], sample.block[positive]
    downs, down_blocks = score[~positive], sample.block[~positive]
    by_block = np.argsort(down_blocks, kind="stable")
    starts = np.searchsorted(down_blocks[by_block], np.arange(sample.blocks + 1))
    for j in range(sample.blocks):
        against = np.sort(downs[by_block[starts[j] : starts[j + 1]]])
        below = np.searchsorted(against, ups, side="left")
        not_above = np.searchsorted(against, ups, side="right")
        wins[:, j] = np.bincount(up_blocks, (below + not_above) / 2, minlength=sample.blocks)
    won = ((counts @ wins) * counts).sum(axis=1)
    positives, negatives = _sums(sample, counts, _float(positive), _float(~positive))
    return won / (positives * negatives)


def _average_precision(sample: Sample, counts: Counts) -> Array:
    """The mean over positives of the precision at their score, as scikit-learn defines it.

    For each block, ahead[d, i] counts its rows that score at least as much as positive i. Counts
    stay below 2**24, so that single precision adds them without error.
    """
    positive = sample.truth.y == 1
    thresholds, place = np.unique(sample.p[positive], return_inverse=True)
    rank = len(thresholds) - np.searchsorted(thresholds, sample.p, side="right")
    shape = (sample.blocks, len(thresholds) + 1)

    def ahead(rows: NDArray[np.bool_]) -> NDArray[np.float32]:
        cells = np.ravel_multi_index((sample.block[rows], rank[rows]), shape)
        table = np.bincount(cells, minlength=shape[0] * shape[1]).reshape(shape)
        return table[:, :-1].cumsum(axis=1).astype(np.float32)

    everything = np.ones(len(positive), dtype=bool)
    hits, rows = ahead(positive), ahead(everything)
    at = np.ravel_multi_index(
        (sample.block[positive], len(thresholds) - 1 - place), (shape[0], shape[1] - 1)
    )
    here = (
        np.bincount(at, minlength=shape[0] * (shape[1] - 1))
        .reshape(shape[0], -1)
        .astype(np.float32)
    )
    found = np.empty(len(counts))
    for start in range(0, len(counts), 200):  # 200 resamples at a time bound the memory
        some = counts[start : start + 200].astype(np.float32)
        weight = some @ here
        precision = np.divide(some @ hits, some @ rows, out=np.zeros_like(weight), where=weight > 0)
        found[start : start + 200] = (weight * precision).sum(
            axis=1, dtype=np.float64
        ) / weight.sum(axis=1, dtype=np.float64)
    return found


def _calibration_error(sample: Sample, counts: Counts) -> Array:
    forecast, happened = confidence(sample.truth, sample.p)
    bins = calibration_bins(forecast)
    gaps = [np.where(bins == b, forecast - happened, 0.0) for b in range(BINS)]
    *sums, rows = _sums(sample, counts, *gaps, np.ones(len(forecast)))
    return np.abs(sums).sum(axis=0) / rows


def _decided(sample: Sample, counts: Counts, label: int = 1) -> tuple[Array, Array, Array]:
    """True positives, predicted positives and actual positives of a class in each resample."""
    called = decisions(sample.truth, sample.p) == label
    actual = sample.truth.y == label
    hit, calls, all_actual = _sums(sample, counts, called & actual, called * 1.0, actual * 1.0)
    return hit, calls, all_actual


def _ratio(part: Array, whole: Array) -> Array:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def _f1(sample: Sample, counts: Counts, label: int = 1) -> Array:
    hit, calls, actual = _decided(sample, counts, label)
    return _ratio(2 * hit, calls + actual)


def _likelihood(sample: Sample) -> Array:
    """The logarithm of the probability given to what happened, clipped as scikit-learn does."""
    p = np.stack([1 - sample.p, sample.p], axis=1) if sample.p.ndim == 1 else sample.p
    given = p[np.arange(len(p)), sample.truth.y.astype(np.int64)]
    tiny = np.finfo(np.float64).eps
    return np.log(np.clip(given, tiny, 1 - tiny))


def _squared(sample: Sample) -> Array:
    if sample.p.ndim == 1:
        return (sample.p - sample.truth.y) ** 2
    one_hot = np.eye(sample.truth.classes)[sample.truth.y.astype(np.int64)]
    return ((sample.p - one_hot) ** 2).sum(axis=1)


def _r2(sample: Sample, counts: Counts) -> Array:
    y = sample.truth.y - sample.truth.y.mean()
    residual, squares, total, rows = _sums(
        sample, counts, _squared(sample), y**2, y, np.ones(len(y))
    )
    return 1 - residual / (squares - total**2 / rows)


def _macro_auc(s: Sample, c: Counts) -> Array:
    per_class = [_auc(s, c, s.truth.y == k, s.p[:, k]) for k in range(s.truth.classes)]
    return np.mean(per_class, axis=0)


def _macro_f1(s: Sample, c: Counts) -> Array:
    """The mean over the classes that a resample has, actual or predicted."""
    per_class = []
    for label in range(s.truth.classes):
        _, calls, actual = _decided(s, c, label)
        per_class.append(np.where(calls + actual > 0, _f1(s, c, label), np.nan))
    return np.nanmean(per_class, axis=0)


Resampled = Callable[[Sample, Counts], Array]
_LOSSES: dict[str, Resampled] = {
    "brier": lambda s, c: _mean(s, c, _squared(s)),
    "log_loss": lambda s, c: -_mean(s, c, _likelihood(s)),
    "calibration_error": _calibration_error,
}
_RESAMPLED: dict[Task, dict[str, Resampled]] = {
    "binary": _LOSSES
    | {
        "roc_auc": lambda s, c: _auc(s, c, s.truth.y == 1, s.p),
        "average_precision": _average_precision,
        "precision": lambda s, c: _ratio(*_decided(s, c)[:2]),
        "recall": lambda s, c: _ratio(_decided(s, c)[0], _decided(s, c)[2]),
        "f1": _f1,
    },
    "multiclass": _LOSSES
    | {
        "roc_auc": _macro_auc,
        "accuracy": lambda s, c: _mean(s, c, (decisions(s.truth, s.p) == s.truth.y) * 1.0),
        "f1": _macro_f1,
    },
    "regression": {
        "r2": _r2,
        "rmse": lambda s, c: np.sqrt(_mean(s, c, _squared(s))),
        "mae": lambda s, c: _mean(s, c, np.abs(s.p - s.truth.y)),
    },
}
