"""What the model may know about a wine: its chemistry, measured in two laboratories."""

from collections.abc import Mapping

import pandas as pd

KEY = ("wine",)
"""Identifies a row."""

BLOCK = "wine"
"""Wines are independent of one another: each is a block of its own."""

TASK = "multiclass"
TARGET = "cultivar"
"""What is predicted: class_0, class_1 or class_2."""

TABLES: dict[str, tuple[str, ...]] = {"phenols": ("wine",)}
"""Table features and the columns of a row that look them up."""

CARRIED_FORWARD: tuple[str, ...] = ()
"""Nothing known of one row stands in for another."""

Tables = Mapping[str, pd.DataFrame]


def rows(raw: Tables) -> pd.DataFrame:
    """A row per wine: its name, its cultivar and what the first laboratory measured."""
    return raw["wines"]


def tables(raw: Tables) -> dict[str, pd.DataFrame]:
    """What the second laboratory measured, by wine."""
    return {"phenols": raw["phenols"]}
