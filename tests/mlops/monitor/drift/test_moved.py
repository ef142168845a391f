"""A made-up airport with weather, seasons and weekdays: what alarms there, and what must not."""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pandera.pandas import Column, DataFrameSchema
from scipy import stats

from mlops import params
from mlops.contract import Features, Schemas, Slices, Task
from mlops.monitor import result
from mlops.monitor.drift.moved import corrected, drift, tail
from mlops.monitor.rows import Problem, Reference
from tests.conftest import ROOT

NUMBERS = ["temp", "dewp", "humid", "departures", "seats"]
INPUTS = {**dict.fromkeys(NUMBERS, float), "kind": str}
SEEN = 238  # days of the reference: whole weeks, so that resampled weeks keep their weekdays
HELD_OUT = 84  # of them
A_DAY = 60
Change = Callable[[pd.DataFrame], dict[str, Any]]


def problem(task: Task = "binary", classes: list[Any] | None = None, **knobs: Any) -> Problem:
    features = Features.model_construct(KEY=["row"], BLOCK="date", TASK=task, TARGET="late")
    columns = {name: Column(kind) for name, kind in INPUTS.items()}
    found = _knobs()
    found = found.model_copy(
        update={
            "monitor": found.monitor.model_copy(update=knobs),
            "split": found.split.model_copy(update={"rule": knobs.pop("rule", "time")}),
        }
    )
    schemas = Schemas.model_construct(FEATURES=DataFrameSchema(columns))
    return Problem(features, schemas, Slices.model_construct(), found, classes or [])


@cache
def _knobs() -> params.Params:
    return params.load(ROOT / "params.yaml")


@cache
def years(seed: int = 0, days: int = 740) -> pd.DataFrame:
    """Rows of many days: it gets warmer until August, then colder; weekends are quiet."""
    rng = np.random.default_rng(seed)
    dates = pd.date_range("2013-01-01", periods=days)
    weather, storm = np.zeros(days), rng.gamma(2, 3, days)
    for day in range(1, days):  # warm days follow warm days
        weather[day] = 0.7 * weather[day - 1] + rng.normal(0, 4)
    season = 55 - 20 * np.cos(2 * np.pi * (np.arange(days) - 20) / 365)
    weekend = dates.day_of_week >= 5
    of_row = np.repeat(np.arange(days), A_DAY)
    size = len(of_row)
    temp = (season + weather)[of_row] + rng.normal(0, 5, size)
    spread = storm[of_row] + rng.gamma(2, 2, size)
    chance = 1 / (1 + np.exp(1.3 - 0.04 * (storm - 6) - rng.normal(0, 0.3, days)))[of_row]
    cargo = np.where(weekend, 0.5, 0.2)[of_row]
    return pd.DataFrame(
        {
            "row": np.arange(size),
            "date": dates.strftime("%Y-%m-%d").to_numpy()[of_row],
            "temp": temp,
            "dewp": temp - spread,
            "humid": 100 - 3 * spread + rng.normal(0, 2, size),
            "departures": rng.poisson(np.where(weekend, 8, 14)[of_row]).astype(float),
            "seats": rng.choice([50.0, 150.0, 200.0], size, p=[0.3, 0.5, 0.2]),
            "kind": np.where(rng.random(size) < cargo, "cargo", "people"),
            "late": (rng.random(size) < chance).astype(int),
            "prediction": np.clip(chance + rng.normal(0, 0.1, size), 0.01, 0.99),
        }
    )


def between(first: int, last: int, seed: int = 0) -> pd.DataFrame:
    """The rows of some days."""
    return years(seed).iloc[first * A_DAY : last * A_DAY].reset_index(drop=True)


def champion(last: int = SEEN, first: int = 0, seed: int = 0) -> Reference:
    known = between(first, last, seed)
    return Reference(known.drop(columns="prediction"), between(last - HELD_OUT, last, seed))


def month(**change: Any) -> pd.DataFrame:
    """The four weeks after the reference, with some columns changed."""
    return between(SEEN, SEEN + 28).assign(**change)


def views(found: result.Drift) -> set[tuple[str, str]]:
    return {(column.name, column.view) for column in found.columns if column.drifted}


@pytest.mark.slow
def test_steady_weeks_hardly_ever_alarm() -> None:
    asked, known, rng, alarms = problem(), champion(), np.random.default_rng(0), 0
    after = between(SEEN, SEEN + 28)["date"].to_numpy()
    rows = np.arange(SEEN * A_DAY).reshape(SEEN // 7, 7 * A_DAY)
    whole = between(0, SEEN)
    for _ in range(100):
        weeks = rows[rng.integers(0, len(rows), 4)].ravel()
        batch = whole.iloc[weeks].assign(date=after)
        alarms += drift(asked, known, batch).state == "alarm"

    assert alarms <= 5


@pytest.mark.parametrize("last", range(140, 365, 28))
def test_seasons_do_not_alarm(last: int) -> None:
    found = drift(problem(), champion(last), between(last, last + 28))

    assert (found.state, found.why_not) == ("steady", "")
    assert {len(column.windows) for column in found.columns} == {4}


@pytest.mark.parametrize(
    ("change", "moved"),
    [
        (lambda rows: {"seats": rows["seats"] + 40}, {("seats", "values")}),
        (lambda rows: {"temp": (rows["temp"] - 32) / 1.8}, {("temp", "relation")}),
        (lambda rows: {"kind": ["cargo"] * len(rows)}, {("kind", "values")}),
        (lambda rows: {"kind": "new " + rows["kind"]}, {("kind", "values")}),
        (lambda rows: {"kind": rows["kind"].where(rows["row"] % 3 > 0)}, {("kind", "values")}),
        (lambda rows: {"temp": rows["temp"].where(rows["row"] % 4 > 0)}, {("temp", "values")}),
        (lambda _: {"seats": np.nan}, {("seats", "values")}),
        (lambda _: {"seats": np.inf}, {("seats", "values")}),
    ],
    ids=["shift", "celsius", "category", "new", "gaps of text", "gaps", "all gaps", "infinite"],
)
def test_what_moved_is_named(change: Change, moved: set[tuple[str, str]]) -> None:
    found = drift(problem(), champion(), month(**change(month())))

    assert found.state == "alarm"
    assert moved <= views(found)
    named = {name for name, _ in moved}
    assert all(column.view == "relation" for column in found.columns
               if column.drifted and column.name not in named)  # fmt: skip
    first = found.columns[0]
    assert first.drifted
    assert first.p is not None
    assert first.corrected is not None
    assert first.p <= first.corrected <= found.alpha


def test_another_unit_of_a_seasonal_number_is_told_by_its_relation_alone() -> None:
    """Thirty degrees lower is another season; but not beside that dew point."""
    celsius = month(temp=(month()["temp"] - 32) / 1.8 + 20)

    assert ("temp", "relation") in views(drift(problem(), champion(), celsius))
    assert ("temp", "values") not in views(drift(problem(), champion(), celsius))


def test_predictions_and_outcomes_are_tested_by_themselves() -> None:
    pushed = month(prediction=month()["prediction"] + 0.4)
    later = month(late=(month()["row"] % 3 > 0).astype(int))

    of_predictions = drift(problem(), champion(), pushed)
    of_outcomes = drift(problem(), champion(), later)

    assert of_predictions.state == of_outcomes.state == "alarm"
    assert [column.drifted for column in of_predictions.prediction] == [True]
    assert of_outcomes.label is not None
    assert of_outcomes.label.drifted
    assert not views(of_predictions) | views(of_outcomes)


def test_outcomes_that_are_not_there_yet_say_nothing() -> None:
    half = month()
    half["late"] = half["late"].where(half["row"] % 2 > 0)
    few = month()
    few["late"] = few["late"].where(few["date"] < few["date"].iloc[10 * A_DAY])

    found = [drift(problem(), champion(), batch) for batch in (half, few, month(late=np.nan))]

    assert [drifted.state for drifted in found] == ["steady"] * 3
    assert found[0].label is found[2].label is None
    assert found[1].label is not None
    assert found[1].label.p is None
    assert len(found[1].label.windows) == 1


def test_a_missing_column_is_left_out() -> None:
    found = drift(problem(), champion(), month().drop(columns=["temp", "prediction", "late"]))

    assert found.state == "steady"
    assert {column.name for column in found.columns} == {*INPUTS} - {"temp"}
    assert (found.prediction, found.label) == ([], None)


def test_one_day_tells_nothing_and_shows_what_there_is() -> None:
    found = drift(problem(), champion(), between(SEEN, SEEN + 1).assign(seats=1e6))

    assert found.state == "untold"
    assert found.why_not.startswith("1 block is there, 14 are needed: 2 windows of 7")
    assert all(column.p is None and not column.drifted for column in found.columns)
    assert all(column.histogram is not None for column in found.columns)


def test_an_empty_batch_or_one_without_inputs_tells_nothing() -> None:
    empty = drift(problem(), champion(), month().iloc[:0])
    odd = drift(problem(), champion(), month()[["row", "date"]])

    assert (empty.state, empty.why_not[:20]) == ("untold", "0 blocks are there, ")
    assert (odd.state, odd.why_not) == ("untold", "the rows have none of the model's inputs")


def test_too_short_a_reference_says_how_long_it_takes() -> None:
    short = drift(problem(), champion(SEEN, SEEN - 40), month())
    long = drift(problem(), champion(SEEN, SEEN - 56), month())
    nothing = Reference(*(side.iloc[:0] for side in vars(champion()).values()))

    assert short.state == "untold"
    assert short.why_not.endswith("40 blocks are there, these rows need 56")
    assert long.state == "steady"
    assert drift(problem(), nothing, month()).state == "untold"


def test_held_out_rows_may_be_too_few_for_predictions() -> None:
    known = champion()
    known = Reference(known.rows, between(SEEN - 30, SEEN))

    found = drift(problem(), known, month())

    assert found.state == "steady"
    assert found.why_not.startswith("predictions: what is usual cannot be told from so short")


def test_one_odd_window_is_no_drift() -> None:
    once = month()
    newest = once["date"] > once["date"].iloc[-7 * A_DAY - 1]
    once["seats"] = once["seats"].mask(newest, 400.0)

    assert drift(problem(), champion(), once).state == "steady"
    assert ("seats", "values") in views(drift(problem(windows=1), champion(), once))


def test_what_surely_moved_but_little_is_no_drift() -> None:
    grown = month(seats=month()["seats"] + 20)

    assert drift(problem(effect=0.5), champion(), grown).state == "steady"
    assert drift(problem(effect=0.05), champion(), grown).state == "alarm"


def test_a_timetable_is_like_that_of_the_year_before() -> None:
    def timetabled(rows: pd.DataFrame) -> pd.DataFrame:
        """Planes are larger in April and May."""
        month = rows["date"].str[5:7]
        return rows.assign(seats=rows["seats"] * np.where(month.isin(["04", "05"]), 1.5, 1))

    def seen(first: int) -> Reference:
        """Up to the last of March 2014."""
        return Reference(timetabled(between(first, 455)), between(371, 455))

    april = timetabled(between(469, 483))  # its second half

    assert drift(problem(), seen(0), april).state == "steady"
    assert ("seats", "values") in views(drift(problem(), seen(151), april))


def test_blocks_without_an_order_are_compared_with_any() -> None:
    known = champion()
    sides = [rows.assign(date=rows["row"] // A_DAY * 7 % 1009) for rows in vars(known).values()]
    rng = np.random.default_rng(0)
    weeks = between(0, SEEN)[lambda rows: rows["row"] // A_DAY % 8 == 3]
    steady = weeks.assign(date=weeks["row"] // A_DAY + 2000)
    shifted = steady.assign(seats=np.where(rng.random(len(steady)) < 0.5, 300.0, steady["seats"]))

    found = [drift(problem(rule="random"), Reference(*sides), b) for b in (steady, shifted)]

    assert found[0].state == "steady"
    assert views(found[1]) >= {("seats", "values")}


@pytest.mark.parametrize("gap", [False, True])
def test_classes_are_categories_whether_gaps_made_them_floats_or_not(gap: bool) -> None:
    several = problem("multiclass", [0, 1])
    batch = month(prediction_0=0.5, prediction_1=0.5)
    batch["late"] = batch["late"].where((batch.index > 0) | (not gap))
    known = champion()
    forecasts = known.predictions.assign(prediction_0=0.5, prediction_1=0.5)

    found = drift(several, Reference(known.rows, forecasts), batch)

    assert found.label is not None
    assert found.label.kind == "text"
    assert found.label.distance is not None
    assert found.label.distance < 0.1
    assert [column.name for column in found.prediction] == ["prediction_0", "prediction_1"]
    assert found.state == "steady"


def test_constants_copies_and_gaps_break_nothing() -> None:
    odd: dict[str, Any] = {"temp": 5.0, "dewp": np.nan, "humid": between(0, SEEN)["departures"]}
    known = champion()
    known = Reference(known.rows.assign(**odd), known.predictions)
    same = month(temp=5.0, dewp=np.nan, humid=month()["departures"])

    steady = drift(problem(), known, same)
    moved = drift(problem(), known, same.assign(temp=5.1))

    assert steady.state == "steady"
    assert views(moved) == {("temp", "values"), ("temp", "relation")}


@pytest.mark.parametrize("blocks", [pd.Series([None]), pd.Series(["2013-09-01", None, "x"])])
def test_odd_blocks_raise_nothing(blocks: pd.Series) -> None:
    batch = month().iloc[: len(blocks)].assign(date=blocks)

    assert drift(problem(), champion(), batch).state == "untold"


def test_the_tail_is_that_of_a_prediction_interval() -> None:
    rng = np.random.default_rng(0)
    usual = np.exp(rng.normal(-2, 0.5, 12))

    typical, p = tail(0.5, usual, 12)

    logs = np.log(usual)
    spread = np.sqrt(logs.std(ddof=1) ** 2 + 0.1**2)
    reach = stats.t.isf(p, 11) * spread * np.sqrt(1 + 1 / 12)
    assert logs.mean() + reach == pytest.approx(np.log(0.5))
    assert typical == pytest.approx(stats.gmean(usual))
    assert tail(0.0, np.zeros(12), 12) == pytest.approx((0.005, 0.5))


def test_correction_is_holms_step_by_step() -> None:
    rng = np.random.default_rng(0)
    for size in (1, 2, 7):
        p = rng.random(size) ** 4

        adjusted = corrected([*p])

        for alpha in (0.001, 0.01, 0.05, 0.3):
            left, rejected = sorted(range(size), key=lambda i: p[i]), set()
            while left and p[left[0]] <= alpha / len(left):
                rejected.add(left.pop(0))
            assert {i for i in range(size) if adjusted[i] <= alpha} == rejected
    assert corrected([]) == []
