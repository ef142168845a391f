"""What any sane model of this problem must do, whatever its score."""

from collections.abc import Callable
from typing import NamedTuple

import pandas as pd


class Expectation(NamedTuple):
    """What a change of the inputs must do to the prediction, in at least `share` of the rows.

    kind: "invariant" (stays within `tolerance`), "rises" or "falls" (does not move the other way),
    "low" or "high" (lies below or above the average prediction of the unchanged rows). `label` is
    for multi-class problems.
    """

    kind: str
    change: Callable[[pd.DataFrame], pd.DataFrame]
    share: float
    tolerance: float = 1e-9
    label: object = None


def _more(column: str, amount: float) -> Callable[[pd.DataFrame], pd.DataFrame]:
    return lambda patients: patients.assign(**{column: patients[column] + amount})


EXPECTATIONS: dict[str, Expectation] = {
    "a greater body mass raises the progression": Expectation("rises", _more("bmi", 5), share=0.9),
    "a higher blood pressure raises the progression": Expectation(
        "rises", _more("blood_pressure", 15), share=0.8
    ),
    "a slim patient with low triglycerides progresses slowly": Expectation(
        "low", lambda patients: patients.assign(bmi=20.0, log_triglycerides=3.8), share=0.9
    ),
    "a month of age changes next to nothing": Expectation(
        "invariant", _more("age", 1 / 12), share=0.9, tolerance=1.0
    ),
}
