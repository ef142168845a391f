"""Make the data of a scratch copy of the repository several times as long: `python grow.py TIMES`.

Every copy of the flights and the weather continues the calendar where the one before it ends, so
that days, months, blocks and held-out rows all multiply; a few days more make the last month whole.
Minutes and distances are drawn anew, or the copies would tie in every score and be cheaper than
real rows.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from mlops.data import pin

HOUR = "%Y-%m-%dT%H:%M:%SZ"
SOURCE, PARAMS = Path("src/problem/source.py"), Path("params.yaml")


def read(table: str) -> pd.DataFrame:
    """Read a table as text, so that it is written as it was, and take its files away."""
    files = sorted(pin.RAW.glob(f"{table}-*.csv"))
    pieces = [pd.read_csv(file, dtype=str, keep_default_na=False) for file in files]
    for file in files:
        file.unlink()
    return pd.concat(pieces, ignore_index=True)


def later(frame: pd.DataFrame, days: int, end: pd.Timestamp) -> pd.DataFrame:
    """The same rows, `days` days later, as far as they do not lie after `end`."""
    ahead = pd.Timedelta(days=days)
    dates = pd.to_datetime(frame[["year", "month", "day"]].astype(int)) + ahead
    hours = pd.to_datetime(frame["time_hour"], format=HOUR) + ahead
    date = {"year": dates.dt.year, "month": dates.dt.month, "day": dates.dt.day}
    return frame.assign(**date, time_hour=hours.dt.strftime(HOUR))[dates <= end]


def jittered(flights: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Flights with other minutes and distances."""
    random = np.random.default_rng(seed)
    minute, arrival_minute = random.integers(1, 60, (2, len(flights)))
    farther = random.integers(-40, 41, len(flights))
    return flights.assign(
        minute=minute,
        sched_dep_time=100 * flights["hour"].astype(int) + minute,
        sched_arr_time=flights["sched_arr_time"].astype(int) // 100 % 24 * 100 + arrival_minute,
        distance=np.maximum(flights["distance"].astype(int) + farther, 1),
    )


def write(table: str, frame: pd.DataFrame) -> list[str]:
    """Append rows to the files of their months, and return these months."""
    period = pd.to_datetime(frame[["year", "month", "day"]]).dt.strftime("%Y-%m")
    for month, rows in frame.groupby(period):
        path = pin.RAW / f"{table}-{month}.csv"
        rows.to_csv(path, mode="a", header=not path.exists(), index=False)
    return list(period.unique())


def replace(path: Path, old: str, new: str) -> None:
    """Change one line of a file, which must be there."""
    text = path.read_text(encoding="utf-8")
    if old not in text:
        sys.exit(f"{path} has no {old!r}, which the benchmark changes in its copy")
    path.write_text(text.replace(old, new), encoding="utf-8")


def main() -> None:
    times = int(sys.argv[1])
    flights, weather = read("flights"), read("weather")
    dates = pd.to_datetime(flights[["year", "month", "day"]].astype(int))
    days = (dates.max() - dates.min()).days + 1
    end = dates.min() + pd.Timedelta(days=times * days - 1) + pd.offsets.MonthEnd(0)
    months: dict[str, None] = {}
    for copy in range(times + 1):
        moved = later(flights, copy * days, end)
        months |= dict.fromkeys(write("flights", jittered(moved, copy)))
        write("weather", later(weather, copy * days, end))
    replace(SOURCE, "PERIODS = tuple(", f"PERIODS = {tuple(months)!r} or tuple(")
    replace(PARAMS, "test_months: 2 ", f"test_months: {2 * times} ")
    pin.write(pin.digest(pin.DATA), max(months))


if __name__ == "__main__":
    main()
