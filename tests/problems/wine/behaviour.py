"""What any sane model of this problem must do, whatever its score."""

from collections.abc import Callable
from typing import NamedTuple

import pandas as pd


class Expectation(NamedTuple):
    """What a change of the inputs must do to the probability of the class `label`.

    kind: "invariant" (stays within `tolerance`), "rises" or "falls" (does not move the other way),
    "low" or "high" (lies below or above the average prediction of the unchanged rows). It must
    hold in at least `share` of the rows.
    """

    kind: str
    change: Callable[[pd.DataFrame], pd.DataFrame]
    share: float
    tolerance: float = 1e-9
    label: object = None


def _set(**values: float) -> Callable[[pd.DataFrame], pd.DataFrame]:
    return lambda wines: wines.assign(**values)


EXPECTATIONS: dict[str, Expectation] = {
    "much proline speaks for class_0": Expectation(
        "rises", _set(proline=1500.0), share=0.9, label="class_0"
    ),
    "a light, pale wine is likely class_1": Expectation(
        "high", _set(alcohol=12.0, color_intensity=2.5, proline=450.0), share=0.9, label="class_1"
    ),
    "few flavanoids speak for class_2": Expectation(
        "rises", _set(flavanoids=0.6), share=0.9, label="class_2"
    ),
    "a milligram of magnesium changes next to nothing": Expectation(
        "invariant",
        lambda wines: wines.assign(magnesium=wines["magnesium"] + 1),
        share=0.9,
        tolerance=0.05,
        label="class_0",
    ),
}
