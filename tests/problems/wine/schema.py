"""What the raw files, and the features made of them, must look like."""

import pandas as pd
from pandera.pandas import Check, Column, DataFrameSchema

CULTIVARS = ("class_0", "class_1", "class_2")
CHEMISTRY: dict[str, tuple[float, float]] = {
    "alcohol": (8, 18),
    "malic_acid": (0, 10),
    "ash": (0, 6),
    "alcalinity_of_ash": (0, 50),
    "magnesium": (30, 300),
    "color_intensity": (0, 20),
    "hue": (0, 3),
    "od280_od315": (0, 6),
    "proline": (100, 3000),
}
PHENOLS: dict[str, tuple[float, float]] = {
    "total_phenols": (0, 8),
    "flavanoids": (0, 10),
    "nonflavanoid_phenols": (0, 2),
    "proanthocyanins": (0, 8),
}
"""The lowest and the highest plausible value of each measurement."""

WINE = Column(str, Check.str_matches(r"^wine-\d{3}$", error="a name such as wine-001"))


def measurements(ranges: dict[str, tuple[float, float]]) -> dict[str, Column]:
    """A numeric column without gaps per measurement."""
    return {
        name: Column(float, Check.in_range(low, high, error=f"between {low:g} and {high:g}"))
        for name, (low, high) in ranges.items()
    }


RAW: dict[str, DataFrameSchema] = {
    "wines": DataFrameSchema(
        {
            "wine": WINE,
            **measurements(CHEMISTRY),
            "cultivar": Column(str, Check.isin(CULTIVARS, error=f"one of {', '.join(CULTIVARS)}")),
        },
        unique=["wine"],
    ),
    "phenols": DataFrameSchema({"wine": WINE, **measurements(PHENOLS)}, unique=["wine"]),
}
"""A table each: wines.csv and phenols.csv."""

REFERENCES: dict[tuple[str, str], float] = {("wines.wine", "phenols.wine"): 0.0}
"""Every wine has had its phenols measured."""


def period(rows: pd.DataFrame) -> pd.Series:
    """Never asked, since no table comes in periods."""
    return pd.Series("", index=rows.index)


FEATURES = DataFrameSchema(measurements(CHEMISTRY | PHENOLS))
"""What the model is given, in this order."""
