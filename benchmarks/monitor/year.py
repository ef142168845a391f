"""A year of flights with the inputs that are compared, and what is planted into a month of them.

The dew point is among them: without one of its relatives, a temperature in another unit would look
like another season, and only those inputs that it goes with a little would say otherwise.
"""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from pandera.pandas import DataFrameSchema

from mlops import params
from mlops.contract import Features, Schemas, Slices, Source, load
from mlops.data.read import frames, read
from mlops.monitor.rows import Problem
from mlops.stages.features import join

NUMBERS = (
    "sched_dep_time", "distance", "departures", "temp", "dewp", "humid", "wind_speed", "pressure",
    "visib", "seats", "carrier_late_7d", "origin_late_7d",
)  # fmt: skip
TEXTS = ("carrier", "origin", "dest")
COLUMNS = [*NUMBERS, *TEXTS]
LAST = "2013-12"
MONTHS = [f"2013-{month:02d}" for month in range(4, 13)]
MONTH = "2013-09"  # into which things are planted; the reference is all before
SEED = 20130901


@dataclass(frozen=True)
class Planted:
    """What is done to a month, and to which column."""

    name: str
    column: str
    change: Callable[[pd.Series], pd.Series]


def _renamed(carriers: pd.Series) -> pd.Series:
    return carriers.astype(object).mask(carriers == "UA", "U2")


def _with_gaps(values: pd.Series) -> pd.Series:
    return values.mask(np.random.default_rng(SEED).random(len(values)) < 0.3)


PLANTED = [
    Planted("shifted number", "seats", lambda seats: seats + 40),
    Planted("another unit", "distance", lambda miles: miles * 1.609344),
    Planted("another unit, seasonal", "temp", lambda fahrenheit: (fahrenheit - 32) / 1.8),
    Planted("shifted category", "carrier", _renamed),
    Planted("gaps", "seats", _with_gaps),
]


def flights(kept: Path) -> pd.DataFrame:
    """All flights of the source that have an outcome, with BLOCK; made once, then read again."""
    if not kept.exists():
        features, schemas = load(Features), load(Schemas)
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            load(Source).materialise(Path(folder), LAST)
            raw, _ = read(Path(folder), schemas.RAW)
        tables = frames(raw)
        rows = join(features, features.rows(tables), features.tables(tables))
        rows = rows[[features.BLOCK, *COLUMNS]].astype(dict.fromkeys(NUMBERS, "float32"))
        kept.parent.mkdir(parents=True, exist_ok=True)
        rows.to_parquet(kept, index=False)
    return pd.read_parquet(kept)


def before(rows: pd.DataFrame, month: str) -> pd.DataFrame:
    return rows[rows["date"] < month].reset_index(drop=True)


def of(rows: pd.DataFrame, month: str) -> pd.DataFrame:
    return rows[rows["date"].str.startswith(month)].reset_index(drop=True)


def problem() -> Problem:
    """Of these columns only."""
    features, schemas, slices = load(Features), load(Schemas), load(Slices)
    schema = DataFrameSchema({name: schemas.FEATURES.columns[name] for name in COLUMNS})
    schemas = schemas.model_copy(update={"FEATURES": schema})
    return replace(Problem(features, schemas, slices, params.load(), []))
