"""What the model knows at a flight's scheduled departure, proven by taking the rest away."""

import inspect
from collections.abc import Iterator
from datetime import date
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlops.contract import Features
from mlops.data.read import frames, read
from mlops.stages.features import join
from problem import features, schema, source

INPUTS = list(schema.FEATURES.columns)
OUTCOME = ["dep_time", "dep_delay", "arr_time", "arr_delay", "air_time", "tailnum"]
ROWS, DAYS = 40, 20
LOOKBACK = pd.Timedelta(days=40)  # more than the longest window of history
Tables = features.Tables
HOUR, DAY = pd.Timedelta(hours=1), pd.Timedelta(days=1)


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    """The real tables of eight months, with every flight."""
    folder = tmp_path_factory.mktemp("raw")
    source.materialise(folder, "2013-08")
    schemas: Any = schema.RAW
    tables, findings = read(folder, schemas)
    assert not findings
    return frames(tables)


@pytest.fixture(scope="module")
def times(raw: Tables) -> pd.DataFrame:
    """When each flight is to leave and to land, in UTC, worked out without problem.features.

    It lands the first time after its departure that the clock of the destination shows the
    scheduled arrival. The four airports missing from the register lie in Puerto Rico and the
    Virgin Islands, four hours behind UTC all year.
    """
    flights, airports = raw["flights"], raw["airports"].set_index("faa")
    departure = utc(flights["time_hour"]) + pd.to_timedelta(flights["minute"], unit="min")
    zones = flights["dest"].map(airports["tzone"]).astype("object")
    assert set(flights["dest"][zones.isna()]) == {"BQN", "PSE", "SJU", "STT"}
    zones = zones.where(zones.notna(), "America/Puerto_Rico")
    landings = []
    for zone, leaves in departure.groupby(zones):
        local = leaves.dt.tz_convert(zone).dt.tz_localize(None)
        clock = flights["sched_arr_time"][leaves.index]
        shown = local.dt.normalize() + pd.to_timedelta(clock // 100 * 60 + clock % 100, unit="min")
        landing = shown.where(shown > local, shown + DAY)
        landings.append(landing.dt.tz_localize(zone).dt.tz_convert("UTC"))
    return pd.DataFrame({"departure": departure, "landing": pd.concat(landings)})


@pytest.fixture(scope="module")
def chosen(raw: Tables) -> list[int]:
    """Forty flights that arrived, on twenty days from February on."""
    rng = np.random.default_rng(2013)
    flights = raw["flights"]
    arrived = flights[flights["arr_delay"].notna() & (flights["month"] >= 2)]
    date = arrived["month"] * 100 + arrived["day"]
    days = rng.choice(date.unique(), DAYS, replace=False)
    per_day = [rng.choice(arrived.index[date == day], ROWS // DAYS, replace=False) for day in days]
    return [int(flight) for flight in np.concatenate(per_day)]


def each(rows: pd.DataFrame) -> Iterator[Any]:
    yield from rows.itertuples()


@pytest.fixture(scope="module")
def tables(raw: Tables) -> dict[str, pd.DataFrame]:
    """The table features of all eight months."""
    return features.tables(raw)


def utc(hours: pd.Series) -> pd.Series:
    return pd.to_datetime(hours, format="%Y-%m-%dT%H:%M:%SZ", utc=True)


def past(raw: Tables, times: pd.DataFrame, flight: int) -> dict[str, pd.DataFrame]:
    """What is known at the scheduled departure of a flight, and nothing else.

    The timetable of the next days is. Of a flight in the air one knows nothing until a quarter of
    an hour after its scheduled arrival, and from then on that it is late, not how late. Weather
    is known up to the hour before. Flights of long ago are left out, which saves time.
    """
    now = times["departure"][flight]
    near = times["departure"].between(now - LOOKBACK, now + 2 * DAY)
    flights, landing = raw["flights"][near].copy(), times["landing"][near]
    landed = landing + pd.to_timedelta(flights["arr_delay"], unit="min") <= now
    flights.loc[~landed & flights["arr_delay"].notna(), "arr_delay"] = float(features.LATE)
    undecided = landing + pd.Timedelta(minutes=features.LATE) > now
    flights.loc[undecided, OUTCOME] = np.nan
    weather = raw["weather"]
    observed = utc(weather["time_hour"]) <= now.floor("h") - HOUR
    return dict(raw) | {"flights": flights, "weather": weather[observed]}


def model_inputs(module: Any, raw: Tables, flights: list[int], known: Tables) -> pd.DataFrame:
    """The inputs of some flights, with table features made of what is `known`."""
    own = raw["flights"].loc[flights].assign(arr_delay=0.0)  # or rows() would leave it out
    rows = module.rows(dict(raw) | {"flights": own})
    declared = Features.model_validate({f: getattr(module, f) for f in Features.model_fields})
    return join(declared, rows, module.tables(known))[INPUTS]


def differing(module: Any, raw: Tables, times: pd.DataFrame, flights: list[int]) -> set[str]:
    """The inputs that are not the same when the future of the flight has yet to happen."""
    whole = model_inputs(module, raw, flights, raw)
    then = [model_inputs(module, raw, [f], past(raw, times, f)) for f in flights]
    recomputed = pd.concat(then, ignore_index=True)
    same = (whole == recomputed) | (whole.isna() & recomputed.isna())
    assert whole.notna().mean().min() > 0  # every input has values to compare
    return set(same.columns[~same.all()])


def with_leak(honest: str, leak: str) -> ModuleType:
    """problem.features with one expression replaced."""
    code = inspect.getsource(features)
    assert code.count(honest) == 1
    module = ModuleType("leaking")
    exec(code.replace(honest, leak), module.__dict__)
    return module


def test_every_input_is_known_at_the_scheduled_departure(
    raw: Tables, times: pd.DataFrame, chosen: list[int]
) -> None:
    flights = raw["flights"].loc[chosen]
    assert len(flights[["month", "day"]].drop_duplicates()) >= 15
    assert len(chosen) == ROWS

    assert differing(features, raw, times, chosen[::2]) == set()  # one a day


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ((".sum().shift(1)", ".sum().shift(0)"), {"carrier_late_1d", "origin_late_7d"}),
        (("hour + pd.Timedelta(hours=1)", "hour"), {"temp", "dewp"}),
        (("hour + pd.Timedelta(hours=1)", "hour - pd.Timedelta(hours=2)"), {"temp", "pressure"}),
        (("= flights.groupby(", "= flights[flights['tailnum'].notna()].groupby("), {"departures"}),
        (("= flights.groupby(", "= flights[flights['dep_delay'] < 60].groupby("), {"departures"}),
    ],
    ids=["today's delays", "weather of the hour", "forecast", "who did not cancel", "who left"],
)
def test_a_leak_would_be_caught(
    raw: Tables, times: pd.DataFrame, chosen: list[int], change: tuple[str, str], found: set[str]
) -> None:
    assert found <= differing(with_leak(*change), raw, times, chosen[:6])


def test_no_outcome_is_used_before_it_is_known(raw: Tables, times: pd.DataFrame) -> None:
    """All of them: the first departure of the day that uses an outcome is later than it is known.

    One flight of the timetable is to leave at 01:06; it was cancelled and is no example.
    """
    flights = raw["flights"]
    arrived = flights["arr_delay"].notna()
    date = features._dates(flights)
    first_departure = times["departure"][arrived].groupby(date[arrived]).min()

    counted = features._outcomes(flights)["known"][arrived]
    used = (counted + DAY).dt.strftime("%Y-%m-%d").map(first_departure)
    known = times["landing"][arrived] + pd.Timedelta(minutes=features.LATE)

    checked = used.notna()  # the last day's outcomes are for a day without flights
    assert checked.mean() > 0.99
    assert (used > known)[checked].all()
    assert (used - known)[checked].min() < 5 * HOUR  # and not needlessly long after


@pytest.mark.parametrize(
    ("entity", "name", "date"),
    [
        ("carrier", "UA", "2013-01-02"),
        ("carrier", "HA", "2013-03-10"),
        ("carrier", "B6", "2013-03-01"),
        ("origin", "LGA", "2013-02-09"),
        ("origin", "EWR", "2013-01-31"),
        ("dest", "SJU", "2013-05-20"),
        ("dest", "ORD", "2013-04-19"),
    ],
)
def test_delay_rates_are_counted_over_the_days_before(
    raw: Tables, tables: Any, entity: str, name: str, date: str
) -> None:
    table = tables[f"{entity}_delays"].set_index([entity, "date"])
    rates = table.loc[(name, date)]
    today = pd.Timestamp(date)
    flights = raw["flights"][raw["flights"]["month"] <= today.month]
    late: dict[int, list[bool]] = {window: [] for window in (1, 7, 28)}
    for flight in each(flights[flights[entity] == name]):
        if np.isnan(flight.arr_delay):
            continue
        lands = pd.Timestamp(year=flight.year, month=flight.month, day=flight.day)
        if flight.sched_arr_time < flight.sched_dep_time:  # after midnight
            lands += DAY
        for window, found in late.items():
            if today - window * DAY <= lands < today:
                found.append(flight.arr_delay >= 15)

    for window, found in late.items():
        rate = rates[f"{entity}_late_{window}d"]
        assert rate == pytest.approx(np.mean(found)) if found else np.isnan(rate)


def test_the_day_after_the_last_has_rates_for_serving(tables: Any) -> None:
    # flights of 31 August land on 1 September
    assert tables["carrier_delays"]["date"].max() == "2013-09-02"


def test_weekdays_are_known_a_year_ahead(tables: Any) -> None:
    weekdays = tables["calendar"].set_index("date")["weekday"]

    assert weekdays.index.is_unique
    assert weekdays["2014-09-02"] == date(2014, 9, 2).weekday()
    assert weekdays.index[-1] == "2014-09-02"


def test_weather_is_that_of_the_hour_before(raw: Tables, chosen: list[int]) -> None:
    found: Any = model_inputs(features, raw, chosen, raw)
    weather: Any = raw["weather"].set_index(["origin", "time_hour"])

    compared = 0
    for place, flight in enumerate(each(raw["flights"].loc[chosen])):
        before = pd.Timestamp(flight.time_hour) - HOUR
        key = (flight.origin, before.strftime("%Y-%m-%dT%H:%M:%SZ"))
        if key in weather.index:
            compared += 1
            theirs = weather.loc[key, ["temp", "humid", "visib", "precip"]]
            assert found.loc[place, theirs.index].tolist() == theirs.tolist()
        else:
            assert np.isnan(found["temp"][place])
    assert compared > 35


def test_a_gust_that_no_storm_could_blow_is_missing(raw: Tables, tables: Any) -> None:
    broken = raw["weather"][raw["weather"]["wind_speed"] > 1000]
    assert len(broken) == 1

    table = tables["weather"]

    hour_after = pd.Timestamp(broken["time_hour"].iloc[0]) + HOUR
    after = table["time_hour"] == hour_after.strftime("%Y-%m-%dT%H:%M:%SZ")
    row = table[after & (table["origin"] == broken["origin"].iloc[0])]
    assert row["wind_speed"].isna().tolist() == [True]
    assert row["temp"].tolist() == broken["temp"].tolist()
    assert table["wind_speed"].max() < features.GALE


def test_congestion_counts_the_departures_of_the_timetable(raw: Tables, chosen: list[int]) -> None:
    found = model_inputs(features, raw, chosen, raw)["departures"]

    flights = raw["flights"]
    for place, flight in enumerate(each(flights.loc[chosen[:10]])):
        same = (flights["origin"] == flight.origin) & (flights["time_hour"] == flight.time_hour)
        assert found[place] == same.sum() >= 1


def test_planes_are_looked_up_in_the_register(tables: Any) -> None:
    plane = tables["plane"].set_index("tailnum")

    assert plane.loc["N14228"].to_dict() == {"plane_year": 1999, "seats": 149}


def test_the_date_is_new_yorks_and_so_is_the_weekday(raw: Tables, tables: Any) -> None:
    rows = features.rows(raw)

    local = utc(rows["time_hour"]).dt.tz_convert("America/New_York")

    assert (rows["date"] == local.dt.strftime("%Y-%m-%d")).all()
    weekday = tables["calendar"].set_index("date")["weekday"]
    assert (rows["date"].map(weekday) == local.dt.day_of_week).all()


def test_keys_are_there_once(raw: Tables, tables: Any) -> None:
    assert not features.rows(raw).duplicated(list(features.KEY)).any()
    for name, table in tables.items():
        assert not table.duplicated(list(features.TABLES[name])).any(), name


def test_cancelled_and_diverted_flights_are_no_examples(raw: Tables) -> None:
    flights = raw["flights"]
    rows = features.rows(raw)

    cancelled = flights[flights["arr_delay"].isna()]

    assert len(cancelled) > 1000
    assert len(rows) == len(flights) - len(cancelled)
    assert not rows.index.isin(cancelled.index).any()


def test_late_begins_at_fifteen_minutes(raw: Tables) -> None:
    rows = features.rows(raw)
    delay = raw["flights"]["arr_delay"][rows.index]

    assert set(rows["late"][delay == 14]) == {0}
    assert set(rows["late"][delay == 15]) == {1}
    assert rows["late"].mean() == pytest.approx((delay >= 15).mean())


def test_nothing_that_happens_after_the_scheduled_departure_is_an_input(
    raw: Tables, tables: Any
) -> None:
    forbidden = {"dep_time", "dep_delay", "arr_time", "arr_delay", "air_time", "late"}
    forbidden |= {"tailnum", "flight", "time_hour", "date", "day", "month", "year"}

    given = set(features.rows(raw)).union(*tables.values())

    assert not forbidden & set(INPUTS)
    assert set(INPUTS) <= given
    assert not {"dep_time", "dep_delay", "arr_time", "arr_delay", "air_time"} & given


def test_the_order_of_the_raw_rows_does_not_matter(raw: Tables, chosen: list[int]) -> None:
    shuffled = {name: table.sample(frac=1, random_state=1) for name, table in raw.items()}

    expected = model_inputs(features, raw, chosen, raw)

    pd.testing.assert_frame_equal(model_inputs(features, raw, chosen, shuffled), expected)
