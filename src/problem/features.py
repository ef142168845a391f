"""What the model may know about a flight at its scheduled departure, and nothing later.

Row features are columns of the flight itself; encodings of them live in the model's pipeline.
Table features are looked up by key. They are computed here once, for training and serving alike,
from what was known before the first departure of the day (delays, up to yesterday) or an hour
before the flight (weather).
"""

from collections.abc import Mapping

import pandas as pd

KEY = ("time_hour", "carrier", "flight")
"""Identifies a row: the scheduled hour in UTC, the carrier and the flight number."""

BLOCK = "date"
"""Rows of one block rise and fall together: intervals resample days, never single flights."""

TASK = "binary"
TARGET = "late"
"""What is predicted: 1 for a late arrival, 0 for a punctual one."""

LATE = 15  # minutes after the scheduled arrival from which a flight counts as late

INPUTS = ("carrier", "origin", "dest", "sched_dep_time", "sched_arr_time", "distance")
"""The row features; the model is given these and every table's columns."""

TABLES: dict[str, tuple[str, ...]] = {
    "calendar": ("date",),
    "congestion": ("origin", "time_hour"),
    "weather": ("origin", "time_hour"),
    "plane": ("tailnum",),
    "carrier_delays": ("carrier", "date"),
    "origin_delays": ("origin", "date"),
    "dest_delays": ("dest", "date"),
}
"""Table features and the columns of a row that look them up."""

CARRIED_FORWARD = ("carrier_delays", "origin_delays", "dest_delays")
"""Tables whose newest row stands in for later days when the model is served; the others have gaps
there, since yesterday's weather is no forecast."""

WINDOWS = (1, 7, 28)  # days of history, up to yesterday
WEATHER = (
    "temp",
    "dewp",
    "humid",
    "wind_dir",
    "wind_speed",
    "wind_gust",
    "precip",
    "pressure",
    "visib",
)
AHEAD = 365  # days of the calendar beyond the data
GALE = 150.0  # mph; the anemometer at Newark once reported 1048

Tables = Mapping[str, pd.DataFrame]


def rows(raw: Tables) -> pd.DataFrame:
    """A row per flight that arrived: its keys, its row features, its date and whether it was late.

    Cancelled and diverted flights have no arrival delay, hence no target, and are left out.
    """
    flights = raw["flights"]
    flights = flights[flights["arr_delay"].notna()]
    columns = dict.fromkeys([*KEY, *INPUTS, "tailnum"])
    frame = flights[list(columns)].copy()
    frame["date"] = _dates(flights)
    frame["late"] = (flights["arr_delay"] >= LATE).astype("int8")
    return frame


def tables(raw: Tables) -> dict[str, pd.DataFrame]:
    """Every table feature, one row per key."""
    flights, weather, planes = raw["flights"], raw["weather"], raw["planes"]
    outcomes = _outcomes(flights)
    return {
        "calendar": _calendar(outcomes),
        "congestion": _congestion(flights),
        "weather": _weather_an_hour_before(weather),
        "plane": planes[["tailnum", "year", "seats"]].rename(columns={"year": "plane_year"}),
        "carrier_delays": _delay_rates(outcomes, "carrier"),
        "origin_delays": _delay_rates(outcomes, "origin"),
        "dest_delays": _delay_rates(outcomes, "dest"),
    }


def _dates(flights: pd.DataFrame) -> pd.Series:
    """The local date of departure, YYYY-MM-DD."""
    number = 10000 * flights["year"] + 100 * flights["month"] + flights["day"]
    names = {n: f"{n // 10000:04d}-{n // 100 % 100:02d}-{n % 100:02d}" for n in number.unique()}
    return number.map(names).astype("str")


def _outcomes(flights: pd.DataFrame) -> pd.DataFrame:
    """Who flew, whether it was late (missing without an arrival), and the day that is known.

    A flight scheduled to land after midnight counts for the day after: its outcome is known by
    the first departure of the day after that, at five in the morning, and not before.
    """
    arrived = flights["arr_delay"].notna()
    overnight = flights["sched_arr_time"] < flights["sched_dep_time"]
    day = pd.to_datetime(_dates(flights), format="%Y-%m-%d")
    return pd.DataFrame(
        {
            "carrier": flights["carrier"],
            "origin": flights["origin"],
            "dest": flights["dest"],
            "known": day + pd.to_timedelta(overnight.astype("int64"), unit="D"),
            "late": (flights["arr_delay"] >= LATE).astype("float64").where(arrived),
        }
    )


def _days(outcomes: pd.DataFrame) -> pd.DatetimeIndex:
    """Every day on which the outcomes can be used: the first to the day after the last."""
    last = outcomes["known"].max() + pd.Timedelta(days=1)
    return pd.date_range(outcomes["known"].min(), last, freq="D", name="date")


def _delay_rates(outcomes: pd.DataFrame, entity: str) -> pd.DataFrame:
    """The share of late arrivals of an entity over the last days, up to yesterday."""
    known = outcomes.dropna(subset=["late"]).groupby(["known", entity], observed=True)["late"]
    counts = known.agg(["sum", "size"]).unstack(entity).reindex(_days(outcomes)).fillna(0.0)
    rates = {}
    for window in WINDOWS:
        past = counts.rolling(window, min_periods=1).sum().shift(1)
        flights = past["size"].where(past["size"] > 0)
        rates[f"{entity}_late_{window}d"] = (past["sum"] / flights).stack(future_stack=True)
    table = pd.DataFrame(rates).rename_axis(["date", entity]).dropna(how="all").reset_index()
    return table.assign(date=table["date"].dt.strftime("%Y-%m-%d").astype("str"))


def _calendar(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Weekdays, a year ahead: of all features, the one that is known long before."""
    days = _days(outcomes)
    days = pd.date_range(days[0], days[-1] + pd.Timedelta(days=AHEAD), freq="D")
    dates = days.strftime("%Y-%m-%d").astype("str")
    return pd.DataFrame({"date": dates, "weekday": days.day_of_week})


def _congestion(flights: pd.DataFrame) -> pd.DataFrame:
    """Departures scheduled from the same airport within the same hour, as the timetable has it."""
    hours = flights.groupby(["origin", "time_hour"], observed=True).size()
    return hours.rename("departures").reset_index()


def _weather_an_hour_before(weather: pd.DataFrame) -> pd.DataFrame:
    """The last observation that was out when an hour began: that of the hour before."""
    hour = pd.to_datetime(weather["time_hour"], format="%Y-%m-%dT%H:%M:%SZ")
    usable = (hour + pd.Timedelta(hours=1)).dt.strftime("%Y-%m-%dT%H:%M:%SZ").astype("str")
    table = weather[["origin", *WEATHER]].assign(time_hour=usable)
    return table.assign(wind_speed=table["wind_speed"].where(table["wind_speed"] <= GALE))
