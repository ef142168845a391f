"""Forecasts beside what happened."""

from dataclasses import replace

import numpy as np

from mlops.evaluation.metrics import BINS, Codes, calibration_bins, calibration_error, confidence
from mlops.judge.gates.absolute import slope
from mlops.judge.rows import Rows
from mlops.monitor.performance.outcomes import CHAMPION
from mlops.monitor.result import Calibration, number
from mlops.params import Gates


def calibration(rows: Rows, gates: Gates) -> Calibration:
    """Forecasts beside what happened: ten bins of equal width, or a regression's tenths.

    A regression has no calibration error.
    """
    p = rows.said[CHAMPION]
    judged = replace(rows, said={"challenger": p})  # whom the gate's slope is of
    if rows.task == "regression":
        forecast, happened = p, rows.truth.y
        ranks = np.argsort(np.argsort(p, kind="stable"), kind="stable")
        bins: Codes = ranks * BINS // len(p)
    else:
        forecast, happened = confidence(rows.truth, p)
        bins = calibration_bins(forecast)
    count = np.bincount(bins, minlength=BINS)
    used = count > 0
    means = [
        np.bincount(bins, values, minlength=BINS)[used] / count[used]
        for values in (forecast, happened)
    ]
    a_regression = rows.task == "regression"
    return Calibration(
        error=None if a_regression else number(calibration_error(rows.truth, p)),
        slope=number(slope(judged)),
        limit=None if a_regression else gates.calibration.error,
        forecast=means[0].tolist(),
        observed=means[1].tolist(),
        rows=count[used].tolist(),
    )
