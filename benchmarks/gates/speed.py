"""Paired resamples of whole blocks, by the gates and by a plain loop over scikit-learn."""

import time

import numpy as np
import pandas as pd
from sklearn import metrics as sk

from gates.trials import DAYS, World
from gates.world import CARRIERS, fly
from mlops.evaluation.bootstrap import distributions, draw
from mlops.evaluation.metrics import Codes, Truth
from mlops.evaluation.predict import Array
from mlops.judge.compare import compare
from mlops.judge.rows import Rows
from mlops.judge.statistics import part
from mlops.params import Params

ROWS, SLICES = 60_000, 12
PLAIN = {
    "roc_auc": sk.roc_auc_score,
    "average_precision": sk.average_precision_score,
    "brier": sk.brier_score_loss,
    "log_loss": sk.log_loss,
}


def measured(
    world: World, knobs: Params, seed: int, repeats: int, resamples: int
) -> dict[str, float]:
    """Seconds of both for as many resamples as the gates draw; those of the loop are scaled up.

    Raises AssertionError when the two do not agree on every value.
    """
    rows = hold_out(world, knobs, seed)
    parts = chosen(rows)
    ours = []
    for _ in range(repeats):
        began = time.perf_counter()
        for some in parts:
            compare(rows, "champion", list(PLAIN), knobs, some)
        ours.append(time.perf_counter() - began)
    began = time.perf_counter()
    looped = loop(rows, parts, knobs, resamples)
    plain = (time.perf_counter() - began) / resamples * knobs.gates.resamples
    np.testing.assert_allclose(looped, resampled(rows, parts, knobs, resamples), atol=2e-7)
    best = min(ours)
    return {
        "rows": len(rows.block),
        "rows_of_all_parts": sum(len(some) for some in parts),
        "slices": len(parts) - 1,
        "resamples": knobs.gates.resamples,
        "seconds": round(best, 3),
        "plain_resamples": resamples,
        "plain_seconds_scaled": round(plain, 1),
        "times_faster": round(plain / best, 1),
    }


def hold_out(world: World, knobs: Params, seed: int) -> Rows:
    """ROWS flights, and what two models of one quality say of them."""
    rng = np.random.default_rng(seed)
    flights = fly(rng, DAYS, round(1.1 * ROWS / DAYS))
    said = {role: world.champion.forecast(rng, flights) for role in ("challenger", "champion")}
    truth = Truth(flights.late, 2, knobs.evaluate.threshold)
    return Rows("binary", truth, flights.block, flights.groups, said).some(np.arange(ROWS))


def chosen(rows: Rows) -> list[Codes]:
    """All rows, and those of every origin, time, distance band and of the largest carriers."""
    few = rows.groups.drop(columns="carrier")
    slices = [np.flatnonzero(few[n] == label) for n in few for label in sorted(few[n].unique())]
    large = list(CARRIERS)[: SLICES - len(slices)]
    slices += [np.flatnonzero(rows.groups["carrier"] == carrier) for carrier in large]
    return [np.arange(len(rows.block)), *slices]


def loop(rows: Rows, parts: list[Codes], knobs: Params, resamples: int) -> Array:
    """Every metric of both models in each resample of each part, as one would first write it."""
    sample = rows.sample("challenger")
    counts = draw(sample.blocks, knobs.gates.resamples, knobs.seed)[:resamples]
    found = []
    for some in parts:
        block = sample.block[some]
        of_block = [some[block == b] for b in range(sample.blocks)]
        for row in counts:
            drawn = np.concatenate([of_block[b] for b in np.repeat(np.arange(len(row)), row)])
            y = rows.truth.y[drawn]
            for role in ("challenger", "champion"):
                p = rows.said[role][drawn]
                found.append([score(y, p) for score in PLAIN.values()])
    return np.array(found)


def resampled(rows: Rows, parts: list[Codes], knobs: Params, resamples: int) -> Array:
    """The same values as the gates have them, in the same order."""
    samples = [rows.sample(role) for role in ("challenger", "champion")]
    counts = draw(samples[0].blocks, knobs.gates.resamples, knobs.seed)
    found = []
    for some in parts:
        of_both = [distributions("binary", part(s, some), counts, list(PLAIN)) for s in samples]
        tables = [pd.DataFrame(values).to_numpy()[:resamples] for values in of_both]
        found.append(np.stack(tables, axis=1).reshape(-1, len(PLAIN)))
    return np.concatenate(found)
