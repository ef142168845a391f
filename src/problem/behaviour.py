"""What any sane model of this problem must do, whatever its score."""

from collections.abc import Callable
from typing import NamedTuple

import pandas as pd


class Expectation(NamedTuple):
    """What a change of the inputs must do to the prediction, in at least `share` of the rows.

    kind: "invariant" (stays within `tolerance`), "rises" or "falls" (does not move the other way),
    "low" or "high" (lies below or above the average prediction of the unchanged rows). In a
    multi-class problem `label` names the class whose probability is meant.
    """

    kind: str
    change: Callable[[pd.DataFrame], pd.DataFrame]
    share: float
    tolerance: float = 1e-9
    label: object = None


def _set(**values: float) -> Callable[[pd.DataFrame], pd.DataFrame]:
    return lambda frame: frame.assign(**values)


def _worse(*columns: str) -> Callable[[pd.DataFrame], pd.DataFrame]:
    return lambda frame: frame.assign(**{name: frame[name] * 1.5 for name in columns})


_CALM_MORNING = {"sched_dep_time": 600.0, "precip": 0.0, "visib": 10.0, "wind_gust": float("nan")}
_PUNCTUAL = {f"{who}_late_{days}d": 0.05 for who in ("carrier", "origin") for days in (1, 7)}

EXPECTATIONS: dict[str, Expectation] = {
    "a calm morning after a punctual week is low risk": Expectation(
        "low", _set(**_CALM_MORNING, **_PUNCTUAL), share=0.95
    ),
    "an airport that was late yesterday raises the risk": Expectation(
        "rises", _worse("origin_late_1d", "carrier_late_1d"), share=0.7
    ),
    "a carrier that was late all month raises the risk": Expectation(
        "rises", _worse("carrier_late_1d", "carrier_late_7d", "carrier_late_28d"), share=0.7
    ),
    "a tenth of a degree changes next to nothing": Expectation(
        "invariant", lambda frame: frame.assign(temp=frame["temp"] + 0.1), 0.9, tolerance=0.02
    ),
}
