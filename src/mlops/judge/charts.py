"""The few curves that a comment can draw, challenger beside champion."""

import pandas as pd

from mlops.evaluation.curves import curves
from mlops.judge.rows import Rows
from mlops.judge.verdict import Chart, Curve

POINTS = 21
DRAWN = {
    "roc": ("Receiver operating characteristic", "false_positive_rate", "true_positive_rate"),
    "calibration": ("Calibration", "predicted", "observed"),
}


def charts(rows: Rows) -> list[Chart]:
    """ROC and calibration of a binary problem, calibration of the others."""
    roles = [role for role in ("challenger", "champion") if role in rows.said]
    names = [str(k) for k in range(rows.truth.classes)]
    drawn = {role: curves(rows.task, rows.truth, rows.said[role], names) for role in roles}
    wanted = ("roc", "calibration") if rows.task == "binary" else ("calibration",)
    return [
        Chart(
            name=name,
            title=DRAWN[name][0],
            x=DRAWN[name][1],
            y=DRAWN[name][2],
            curves=[_curve(role, drawn[role][name], *DRAWN[name][1:]) for role in roles],
        )
        for name in wanted
    ]


def _curve(role: str, points: pd.DataFrame, x: str, y: str) -> Curve:
    some = points.iloc[:: max(1, len(points) // POINTS)]
    if len(points) and some.index[-1] != points.index[-1]:
        some = pd.concat([some, points.tail(1)])
    return Curve(name=role, x=some[x].round(4).tolist(), y=some[y].round(4).tolist())
