"""The groups of wines whose performance is looked at one by one."""

import pandas as pd

SLICES = ("strength", "colour")


def slices(frame: pd.DataFrame) -> pd.DataFrame:
    """A column per name in SLICES, a label per row of `frame` (the feature table)."""
    return pd.DataFrame(
        {
            "strength": pd.cut(
                frame["alcohol"], [0, 12.5, 13.5, 100], labels=["light", "medium", "strong"]
            ),
            "colour": pd.cut(frame["color_intensity"], [-1, 5, 100], labels=["pale", "deep"]),
        }
    )
