"""What the raw file, and the features made of it, must look like."""

import pandas as pd
from pandera.pandas import Check, Column, DataFrameSchema

MEASUREMENTS: dict[str, tuple[float, float]] = {
    "age": (18, 110),  # years
    "sex": (1, 2),
    "bmi": (12, 60),  # kg/m²
    "blood_pressure": (40, 180),  # mean, mmHg
    "cholesterol": (50, 500),  # mg/dL, like the next two
    "ldl": (10, 400),
    "hdl": (10, 150),
    "cholesterol_to_hdl": (1, 15),
    "log_triglycerides": (2, 8),
    "glucose": (40, 300),  # mg/dL
}
"""The lowest and the highest plausible value of each."""


def measurements() -> dict[str, Column]:
    """A numeric column without gaps per measurement."""
    return {
        name: Column(float, Check.in_range(low, high, error=f"between {low:g} and {high:g}"))
        for name, (low, high) in MEASUREMENTS.items()
    }


RAW: dict[str, DataFrameSchema] = {
    "patients": DataFrameSchema(
        {
            "patient": Column(
                str, Check.str_matches(r"^patient-\d{3}$", error="a name such as patient-001")
            ),
            **measurements(),
            "progression": Column(float, Check.in_range(0, 500, error="between 0 and 500")),
        },
        unique=["patient"],
    ),
}
"""One table, patients.csv."""

REFERENCES: dict[tuple[str, str], float] = {}
"""One table refers to no other."""


def period(rows: pd.DataFrame) -> pd.Series:
    """Never asked, since the table does not come in periods."""
    return pd.Series("", index=rows.index)


FEATURES = DataFrameSchema(measurements())
"""What the model is given, in this order."""
