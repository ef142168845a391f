"""A small problem like that of the flights, its rows, and files of them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pandera.pandas import Check, Column, DataFrameSchema

from mlops import params
from mlops.contract import Features, Schemas, Slices
from mlops.monitor.rows import Problem, Reference
from tests.conftest import ROOT


def missing_at_most(share: float) -> Check:
    return Check(
        lambda values: values.isna().mean() <= share,
        name=f"missing at most {share:.0%}",
        ignore_na=False,
    )


def number(
    low: float, high: float, *checks: Check, kind: str = "float32", **options: Any
) -> Column:
    between = Check.in_range(low, high, error=f"between {low:g} and {high:g}")
    return Column("float32", [between, *checks], **options)


INPUTS = {
    "carrier": Column(str, Check.isin(["UA", "AA"], error="a carrier")),
    "origin": Column(str, Check.isin(["EWR", "JFK"], error="an airport"), nullable=True),
    "distance": number(1, 6000),
    "temp": number(-60, 130, missing_at_most(0.3), nullable=True),
    "carrier_late_7d": number(0, 1, nullable=True),
}
"""Those of the exported model in tests/serving/folders.py."""


def _tables(_: Any) -> Any:
    raise AssertionError("the monitor asks for no raw tables")


def problem(
    columns: dict[str, Column] | None = None,
    *,
    task: str = "binary",
    target: str = "late",
    classes: list[Any] | None = None,
) -> Problem:
    """By default: will a flight be late?"""
    features = Features(
        KEY=["carrier", "flight", "date"],
        BLOCK="date",
        TASK=task,  # type: ignore[arg-type]
        TARGET=target,
        TABLES={"carrier_delays": ("carrier", "date"), "calendar": ("date", "wave")},
        CARRIED_FORWARD=[],
        rows=_tables,
        tables=_tables,
    )
    schemas = Schemas(
        RAW={}, REFERENCES={}, period=_tables, FEATURES=DataFrameSchema(columns or INPUTS)
    )
    slices = Slices(SLICES=["carrier"], slices=_tables)
    return Problem(features, schemas, slices, params.load(ROOT / "params.yaml"), classes or [])


def days(first: str, count: int) -> list[str]:
    return [f"{day:%Y-%m-%d}" for day in pd.date_range(first, periods=count)]


def rows(dates: list[str], a_day: int = 20, seed: int = 1) -> pd.DataFrame:
    """`a_day` flights on each date, with outcomes; every tenth has no temperature."""
    rng = np.random.default_rng(seed)
    n = len(dates) * a_day
    temp = rng.normal(60, 10, n)
    temp[::10] = np.nan
    frame = pd.DataFrame(
        {
            "carrier": rng.choice(["UA", "AA"], n),
            "flight": np.arange(n) % a_day + 1,
            "date": np.repeat(dates, a_day),
            "late": rng.integers(0, 2, n),
            "origin": rng.choice(["EWR", "JFK"], n),
            "distance": rng.uniform(100, 3000, n).round(),
            "temp": temp.round(1),
            "carrier_late_7d": rng.uniform(0, 1, n).round(3),
        }
    )
    kinds = dict.fromkeys(["distance", "temp", "carrier_late_7d"], "float32")
    return frame.astype(kinds | {"late": "int8"})


def reference(frame: pd.DataFrame) -> Reference:
    """The champion knows these rows."""
    return Reference(frame, frame[["carrier", "flight", "date", "late"]].assign(prediction=0.5))


def edited(path: Path, change: Callable[[list[str]], list[str]]) -> Path:
    """The file with its lines, the header being the first, changed."""
    path.write_text("\n".join(change(path.read_text().splitlines())) + "\n")
    return path
