"""The groups of flights whose performance is looked at one by one."""

import pandas as pd

SLICES = ("carrier", "origin", "time_of_day", "distance_band")


def slices(frame: pd.DataFrame) -> pd.DataFrame:
    """A column per name in SLICES, a label per row of `frame` (the feature table)."""
    return pd.DataFrame(
        {
            "carrier": frame["carrier"],
            "origin": frame["origin"],
            "time_of_day": pd.cut(
                frame["sched_dep_time"],
                [0, 900, 1200, 1700, 2401],
                right=False,
                labels=["before 9", "9 to 12", "12 to 17", "after 17"],
            ),
            "distance_band": pd.cut(
                frame["distance"],
                [0, 500, 1500, 6000],
                labels=["to 500 miles", "500 to 1500 miles", "over 1500 miles"],
            ),
        }
    )
