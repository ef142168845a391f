"""What the model may know about a patient: age, sex and eight measurements at the baseline."""

from collections.abc import Mapping

import pandas as pd

KEY = ("patient",)
"""Identifies a row."""

BLOCK = "patient"
"""Patients are independent of one another: each is a block of its own."""

TASK = "regression"
TARGET = "progression"
"""What is predicted: how far the disease has progressed a year later, 25 to 346."""

TABLES: dict[str, tuple[str, ...]] = {}
"""Everything known about a patient stands in the patient's own row."""

CARRIED_FORWARD: tuple[str, ...] = ()
"""Nothing known of one row stands in for another."""

Tables = Mapping[str, pd.DataFrame]


def rows(raw: Tables) -> pd.DataFrame:
    """A row per patient: name, measurements and progression."""
    return raw["patients"]


def tables(raw: Tables) -> dict[str, pd.DataFrame]:
    """No table features."""
    return {}
