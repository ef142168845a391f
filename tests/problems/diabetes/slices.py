"""The groups of patients whose performance is looked at one by one."""

import pandas as pd

SLICES = ("sex", "age")


def slices(frame: pd.DataFrame) -> pd.DataFrame:
    """A column per name in SLICES, a label per row of `frame` (the feature table)."""
    return pd.DataFrame(
        {
            "sex": frame["sex"].map({1.0: "coded 1", 2.0: "coded 2"}),
            "age": pd.cut(
                frame["age"],
                [0, 40, 60, 120],
                right=False,
                labels=["under 40", "40 to 59", "60 and over"],
            ),
        }
    )
