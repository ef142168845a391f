"""What the raw files, and the features made of them, must look like."""

from collections.abc import Callable

import pandas as pd
from pandera.pandas import Check, Column, DataFrameSchema


def of_each_value(
    holds: Callable[[pd.Series], pd.Series], expected: str, **statistics: object
) -> Check:
    """A rule of single values, asked of the distinct ones: they are few, the rows are many.

    statistics: the rule as pandera's own checks tell it (`allowed_values`, `pattern`), for those
    who cannot run it, such as the server.
    """

    def whole_column(values: pd.Series) -> bool | pd.Series:
        distinct = pd.Series(values.unique()).dropna()
        kept = holds(distinct).astype(bool)
        return True if kept.all() else ~values.isin(distinct[~kept])

    return Check(whole_column, name=expected, ignore_na=False, statistics=statistics)


def missing_at_most(share: float) -> Check:
    """At most this share of the column's values may be missing (0 to 1)."""
    return Check(
        lambda values: 1 - values.count() / len(values) <= share,
        name=f"missing at most {share:.1%}",
        ignore_na=False,
    )


def mostly_below(bound: float, share: float) -> Check:
    """At least `share` of the values lie at or below `bound`: sensors do fail now and then."""
    return Check(
        lambda values: float((values > bound).mean()) <= 1 - share,
        name=f"at most {bound:g} in {share:.2%} of rows",
    )


def number(low: float, high: float, *, missing: float = 0.0, kind: type | str = float) -> Column:
    """A numeric column within [low, high], with at most the share `missing` of gaps."""
    checks = [Check.in_range(low, high, error=f"between {low:g} and {high:g}")]
    if missing:
        checks.append(missing_at_most(missing))
    return Column(kind, checks, nullable=bool(missing))


def clock(*, missing: float = 0.0, kind: type | str = int) -> Column:
    """A local time written as the number HHMM, 1 to 2400."""
    column = number(1, 2400, missing=missing, kind=kind)
    column.checks.append(of_each_value(lambda times: times % 100 < 60, "minutes below 60"))
    return column


def code(pattern: str, meaning: str, *, missing: float = 0.0) -> Column:
    """A short code; `meaning` is what an error says was expected."""
    matches = of_each_value(
        lambda texts: texts.str.fullmatch(pattern), meaning, pattern=f"^(?:{pattern})$"
    )
    checks = [matches]
    if missing:
        checks.append(missing_at_most(missing))
    return Column(str, checks, nullable=bool(missing))


def one_of(*names: str) -> Column:
    """A text column with nothing but these values."""
    expected = f"one of {', '.join(names)}"
    return Column(
        str, of_each_value(lambda texts: texts.isin(names), expected, allowed_values=names)
    )


def rows_hold(holds: Callable[[pd.DataFrame], pd.Series | bool], expected: str) -> Check:
    """A rule of whole rows, or of the table. The rule itself says what a gap means."""
    return Check(holds, name=expected, ignore_na=False)


ORIGINS = ("EWR", "JFK", "LGA")
HOUR = code(r"\d{4}-\d\d-\d\dT\d\d:00:00Z", "an hour in UTC, such as 2013-01-01T10:00:00Z")
AIRPORT = "a three-character airport code"
CARRIER = "a two-character carrier code"
TAIL = r"[A-Z0-9]{5,6}"


def period(rows: pd.DataFrame) -> pd.Series:
    """The month of each row of a table that comes by month, as source.PERIODS names it."""
    number = 100 * rows["year"] + rows["month"]
    codes, months = pd.factorize(number)
    names = pd.Index([f"{month // 100}-{month % 100:02d}" for month in months])
    return pd.Series(pd.Categorical.from_codes(codes, names), rows.index)


def _date_number(rows: pd.DataFrame) -> pd.Series:
    return 10000 * rows["year"] + 100 * rows["month"] + rows["day"]


def _days(dates: pd.Series) -> pd.Series:
    """The distinct days, oldest first, by their number."""
    numbers = pd.Series(dates.unique()).sort_values()
    days = pd.to_datetime(numbers.astype("str"), format="%Y%m%d", errors="coerce")
    return days.set_axis(numbers)


def _in_the_calendar(rows: pd.DataFrame) -> bool | pd.Series:
    dates = _date_number(rows)
    days = _days(dates)
    return True if days.notna().all() else ~dates.isin(days.index[days.isna()])


def _no_gap(rows: pd.DataFrame) -> bool | pd.Series:
    """False for the first row of a day that does not follow the one before."""
    dates = _date_number(rows)
    days = _days(dates).dropna()
    late = days.index[days.diff() > pd.Timedelta(days=1)]
    return True if late.empty else ~dates.isin(late) | dates.duplicated()


def _month_is_whole(rows: pd.DataFrame) -> bool | pd.Series:
    """False for the last row of the last day when the month goes on."""
    dates = _date_number(rows)
    days = _days(dates).dropna()
    ends = days.empty or days.iloc[-1].is_month_end
    return ends or (dates != days.index[-1]) | dates.duplicated(keep="last")


CALENDAR = rows_hold(_in_the_calendar, "a day of the calendar")
EVERY_DAY = rows_hold(_no_gap, "rows of the day before, too")
WHOLE_MONTHS = rows_hold(_month_is_whole, "rows up to the last day of the month")
IN_ORDER = rows_hold(lambda rows: ~(_date_number(rows).diff() < 0), "days in order")


def _absent_together(first: str, second: str) -> Check:
    return rows_hold(
        lambda rows: rows[first].isna() == rows[second].isna(),
        f"{first} and {second} are missing together",
    )


def _absent_without(needed: str, column: str) -> Check:
    return rows_hold(
        lambda rows: rows[needed].notna() | rows[column].isna(),
        f"no {column} without {needed}",
    )


RAW: dict[str, DataFrameSchema] = {
    "flights": DataFrameSchema(
        {
            "year": number(2000, 2100, kind=int),
            "month": number(1, 12, kind=int),
            "day": number(1, 31, kind=int),
            "dep_time": clock(missing=0.08, kind=float),
            "sched_dep_time": clock(),
            "dep_delay": number(-120, 2880, missing=0.08),
            "arr_time": clock(missing=0.08, kind=float),
            "sched_arr_time": clock(),
            "arr_delay": number(-180, 2880, missing=0.08),
            "carrier": code(r"[A-Z0-9]{2}", CARRIER),
            "flight": number(1, 9999, kind=int),
            "tailnum": code(TAIL, "a tail number", missing=0.03),
            "origin": one_of(*ORIGINS),
            "dest": code(r"[A-Z0-9]{3}", AIRPORT),
            "air_time": number(10, 900, missing=0.08),
            "distance": number(1, 6000, kind=int),
            "hour": number(0, 24, kind=int),
            "minute": number(0, 59, kind=int),
            "time_hour": HOUR,
        },
        checks=[
            CALENDAR,
            IN_ORDER,
            EVERY_DAY,
            WHOLE_MONTHS,
            rows_hold(lambda rows: rows["origin"] != rows["dest"], "origin differs from dest"),
            rows_hold(
                lambda rows: rows["sched_dep_time"] == 100 * rows["hour"] + rows["minute"],
                "sched_dep_time is hour and minute",
            ),
            _absent_together("dep_time", "dep_delay"),
            _absent_together("arr_delay", "air_time"),
            _absent_without("dep_time", "arr_time"),
            _absent_without("arr_time", "arr_delay"),
            _absent_without("tailnum", "dep_time"),
        ],
        unique=["time_hour", "carrier", "flight"],
    ),
    "weather": DataFrameSchema(
        {
            "origin": one_of(*ORIGINS),
            "year": number(2000, 2100, kind=int),
            "month": number(1, 12, kind=int),
            "day": number(1, 31, kind=int),
            "hour": number(0, 23, kind=int),
            "temp": number(-60, 130, missing=0.01),
            "dewp": number(-60, 100, missing=0.01),
            "humid": number(0, 100, missing=0.01),
            "wind_dir": number(0, 360, missing=0.05),
            "wind_speed": Column(
                float,
                [Check.ge(0, error="at least 0"), mostly_below(150, 0.999), missing_at_most(0.01)],
                nullable=True,
            ),
            "wind_gust": number(0, 150, missing=0.95),
            "precip": number(0, 10),
            "pressure": number(900, 1100, missing=0.2),
            "visib": number(0, 10),
            "time_hour": HOUR,
        },
        checks=[CALENDAR, EVERY_DAY],
        unique=["origin", "time_hour"],
    ),
    "planes": DataFrameSchema(
        {
            "tailnum": code(TAIL, "a tail number"),
            "year": number(1940, 2100, missing=0.05),
            "type": Column(str),
            "manufacturer": Column(str),
            "model": Column(str),
            "engines": number(1, 8, kind=int),
            "seats": number(1, 900, kind=int),
            "speed": number(1, 1000, missing=1.0),
            "engine": Column(str),
        },
        unique=["tailnum"],
    ),
    "airlines": DataFrameSchema(
        {"carrier": code(r"[A-Z0-9]{2}", CARRIER), "name": Column(str)}, unique=["carrier"]
    ),
    "airports": DataFrameSchema(
        {
            "faa": code(r"[A-Z0-9]{3}", AIRPORT),
            "name": Column(str),
            "lat": number(-90, 90),
            "lon": number(-180, 180),
            "alt": number(-1500, 20000, kind=int),
            "tz": number(-12, 14, missing=0.01),
            "dst": Column(str, nullable=True),
            "tzone": Column(str, nullable=True),
        },
        unique=["faa"],
    ),
}
"""A table each. `flights` is read from `flights.csv`, or month by month from `flights-*.csv`."""

REFERENCES: dict[tuple[str, str], float] = {
    ("flights.carrier", "airlines.carrier"): 0.0,
    ("flights.tailnum", "planes.tailnum"): 0.20,
    ("flights.dest", "airports.faa"): 0.05,
}
"""(column, the column it refers to): the largest share of rows that may find nothing there."""


FEATURES = DataFrameSchema(
    {
        "carrier": code(r"[A-Z0-9]{2}", CARRIER),
        "origin": one_of(*ORIGINS),
        "dest": code(r"[A-Z0-9]{3}", AIRPORT),
        "sched_dep_time": clock(kind="float32"),
        "sched_arr_time": clock(kind="float32"),
        "distance": number(1, 6000, kind="float32"),
        "weekday": number(0, 6, kind="float32"),
        "departures": number(1, 200, kind="float32"),
        "temp": number(-60, 130, missing=0.05, kind="float32"),
        "dewp": number(-60, 100, missing=0.05, kind="float32"),
        "humid": number(0, 100, missing=0.05, kind="float32"),
        "wind_dir": number(0, 360, missing=0.1, kind="float32"),
        "wind_speed": number(0, 150, missing=0.05, kind="float32"),
        "wind_gust": number(0, 150, missing=0.95, kind="float32"),
        "precip": number(0, 10, missing=0.05, kind="float32"),
        "pressure": number(900, 1100, missing=0.2, kind="float32"),
        "visib": number(0, 10, missing=0.05, kind="float32"),
        "plane_year": number(1940, 2100, missing=0.3, kind="float32"),
        "seats": number(1, 900, missing=0.3, kind="float32"),
        **{
            f"{entity}_late_{days}d": number(
                0, 1, missing=0.5 if days == 1 else 0.1, kind="float32"
            )
            for entity in ("carrier", "origin", "dest")
            for days in (1, 7, 28)
        },
    },
)
"""What the model is given: types, ranges and gaps of every input, in this order."""
