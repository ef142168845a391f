"""What can happen to a batch of real flights, and what `mlops monitor` makes of each.

The champion is a linear model of every tenth flight of January to June, tried on July and August;
the batch is September. The weather of a September is none of an August's, and is no news.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from mlops import params
from mlops.contract import Features, Model, Schemas, Slices, build, load
from mlops.data.read import frames
from mlops.data.read import read as read_raw
from mlops.monitor import look
from mlops.monitor.look import Options
from mlops.monitor.result import Champion, Result
from mlops.monitor.rows import Problem, Reference
from mlops.stages.features import join
from problem import source
from problem.features import WEATHER
from tests.conftest import ROOT, THINNING

pytestmark = pytest.mark.slow

Change = Callable[[pd.DataFrame], pd.DataFrame]
TARGET = "late"


@dataclass(frozen=True)
class Seat:
    """As monitor/champion.py has it, with a model that is fitted here."""

    problem: Problem
    known: Reference

    def reference(self) -> Reference:
        return self.known

    def about(self, _: Reference) -> Champion:
        return Champion(commit="c" * 40, first="", last="", held_out="", rows=0, blocks=0)


@dataclass(frozen=True)
class World:
    seat: Seat
    september: pd.DataFrame
    """With the champion's predictions and the outcomes."""
    again: pd.DataFrame
    """The same of August, which the champion was tried on."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        features, schemas = load(Features), load(Schemas)
        problem = Problem(features, schemas, load(Slices), params.load(), [])
        model = build(load(Model), problem.knobs, "logistic_regression")
    folder = tmp_path_factory.mktemp("flights")
    source.materialise(folder, "2013-09")
    for path in folder.glob("flights-*.csv"):
        header, *lines = path.read_bytes().splitlines(keepends=True)
        path.write_bytes(header + b"".join(lines[::THINNING]))
    raw = frames(read_raw(folder, schemas.RAW)[0])
    rows = join(features, features.rows(raw), features.tables(raw))
    kinds = {name: str(column.dtype) for name, column in schemas.FEATURES.columns.items()}
    rows = rows.astype({name: kind for name, kind in kinds.items() if kind != "str"})
    month = rows["date"].str[:7]
    trained = rows[month <= "2013-06"]
    model.fit(trained[problem.inputs], trained[TARGET])
    later = rows[month > "2013-06"].copy()
    fitted: Any = model
    later["prediction"] = fitted.predict_proba(later[problem.inputs])[:, 1]
    kept = list(dict.fromkeys([*features.KEY, features.BLOCK, TARGET, "prediction"]))
    tried = later[later["date"] < "2013-09"]
    known = Reference(rows[month <= "2013-08"], tried[kept])
    september = later[later["date"] >= "2013-09"]
    return World(Seat(problem, known), september, later[month[later.index] == "2013-08"])


@pytest.fixture
def looked(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Look at a batch as a file, with outcomes in a file of their own, or without any."""

    @contextmanager
    def seated(_: object) -> Iterator[Seat]:
        yield world.seat

    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(look, "champion", seated)

    def looking(rows: pd.DataFrame, labels: pd.DataFrame | None = None) -> Result:
        rows.drop(columns=TARGET).to_parquet(tmp_path / "rows.parquet")
        late = None
        if labels is not None:
            late = tmp_path / "late.parquet"
            labels[[*world.seat.problem.features.KEY, TARGET]].to_parquet(late)
        return look.look(Options(tmp_path / "rows.parquet", late), None)

    return looking


def drifted(found: Result) -> list[str]:
    assert found.drift is not None
    return list(dict.fromkeys(c.name for c in found.drift.columns if c.drifted))


def test_an_ordinary_september_is_steady(world: World, looked: Callable[..., Result]) -> None:
    found = looked(world.september)

    assert (found.outcome, found.reasons) == ("steady", [])
    assert found.drift is not None
    weather = [c for c in found.drift.columns if c.name in WEATHER and c.view == "values"]
    assert max(c.distance or 0 for c in weather) > 2 * found.drift.effect  # which is usual for it


@pytest.mark.parametrize(
    ("change", "column"),
    [
        (lambda rows: rows.assign(sched_dep_time=rows["sched_dep_time"] - 100), "sched_dep_time"),
        (lambda rows: rows.assign(distance=rows["distance"] * 1.609), "distance"),
        (lambda rows: rows.assign(temp=(rows["temp"] - 32) / 1.8), "temp"),
        (lambda rows: rows[rows["carrier"] != "UA"], "carrier"),
    ],
    ids=["shifted", "miles to kilometres", "Fahrenheit to Celsius", "a category gone"],
)
def test_a_shift_or_another_unit_alarms_and_is_named(
    change: Change, column: str, world: World, looked: Callable[..., Result]
) -> None:
    found = looked(change(world.september))

    assert found.outcome == "alarm"
    assert column in drifted(found)[:2]
    assert column in found.summary


def test_another_rate_of_outcomes_alarms_once_labels_are_there(
    world: World, looked: Callable[..., Result]
) -> None:
    outcomes = world.september[TARGET].mask(world.september.index % 4 == 0, 1)
    late = world.september.assign(**{TARGET: outcomes})

    assert looked(world.september).outcome == "steady"
    found = looked(world.september, late)

    assert found.outcome == "alarm"
    assert drifted(found) == []
    assert {reason.section for reason in found.reasons} >= {"performance", "concept"}
    assert found.performance is not None
    assert found.performance.concept is not None
    assert (found.performance.concept.shift or 0) > 0.1


def test_a_missing_column_is_told_and_is_no_reason_to_retrain(
    world: World, looked: Callable[..., Result]
) -> None:
    found = looked(world.september.drop(columns="distance"))

    assert (found.outcome, found.retrain) == ("alarm", False)
    assert found.quality is not None
    assert "distance" in found.quality.findings[0]


def test_no_rows_are_no_data(world: World, looked: Callable[..., Result]) -> None:
    found = looked(world.september.head(0))

    assert found.outcome == "no data"
    assert "no rows" in found.summary


def test_a_day_is_too_little_to_tell_and_says_how_much_it_takes(
    world: World, looked: Callable[..., Result]
) -> None:
    found = looked(world.september[world.september["date"] == "2013-09-15"])

    assert found.outcome == "no data"
    assert "1 block is there, 14 are needed" in found.summary
    assert found.quality is not None
    assert found.quality.state == "steady"


def test_a_batch_delivered_again_is_no_data_and_rows_twice_are_a_finding(
    world: World, looked: Callable[..., Result]
) -> None:
    again = looked(world.again)
    twice = looked(pd.concat([world.september, world.september.head(50)]))

    assert again.outcome == "no data"
    assert "knows every row of it already" in again.summary
    assert twice.outcome == "alarm"
    assert twice.quality is not None
    assert twice.quality.repeated == 50


def test_until_labels_come_performance_is_estimated_and_then_held_against_them(
    world: World, looked: Callable[..., Result]
) -> None:
    before = looked(world.september)
    some = looked(world.september, world.september[world.september["date"] < "2013-09-04"])
    after = looked(world.september, world.september)

    assert before.performance is not None
    assert before.estimate is not None
    assert (before.performance.state, before.estimate.state) == ("untold", "steady")
    assert {metric.truth for metric in before.estimate.metrics} == {None}
    assert some.performance is not None
    assert (some.performance.mature, some.performance.waiting) == (3, 27)
    assert after.performance is not None
    assert after.performance.mature == 30
    assert after.estimate is not None
    assert sum(bool(metric.within) for metric in after.estimate.metrics) >= 4


@pytest.mark.usefixtures("looked")
def test_a_file_that_is_not_there_is_a_failure_of_the_monitor(tmp_path: Path) -> None:
    found = look.look(Options(tmp_path / "absent.parquet"), None)

    assert found.outcome == "failed"
    assert "absent.parquet" in found.summary
