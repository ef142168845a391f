"""A pandera schema, applied to a frame."""

import pandas as pd
from pandera.errors import SchemaErrors

from mlops.contract import Schema


def failures(frame: pd.DataFrame, schema: Schema) -> pd.DataFrame:
    """Pandera's failure cases of a frame: column, check, index, failure_case; empty when valid."""
    try:
        schema.validate(frame, lazy=True)
    except SchemaErrors as wrong:
        cases = wrong.failure_cases
        return cases.assign(column=cases["column"].fillna(""), check=cases["check"].astype(str))
    return pd.DataFrame(columns=["column", "check", "index", "failure_case"])
