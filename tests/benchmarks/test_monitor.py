"""The benchmark of drift detection: what is planted, what is judged, on a few made-up rows."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.conftest import ROOT


@pytest.fixture(autouse=True)
def _path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    monkeypatch.chdir(ROOT)


def some_flights() -> pd.DataFrame:
    """Twenty a day, all year."""
    from monitor import year

    rng = np.random.default_rng(0)
    days = np.repeat(pd.date_range("2013-01-01", "2013-12-31").strftime("%Y-%m-%d"), 20)
    numbers = {name: rng.normal(50, 10, len(days)).astype("float32") for name in year.NUMBERS}
    numbers["dewp"] = numbers["temp"] - numbers["dewp"] / 10
    texts = {name: rng.choice(["UA", "AA", "B6"], len(days)) for name in year.TEXTS}
    return pd.DataFrame({"date": days, **numbers, **texts})


def test_the_benchmark_asks_both_the_same_and_writes_what_it_finds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from monitor import bench, year

    asked: dict[str, int] = {}

    def blind(pairs: dict[str, Any], turns: int) -> dict[str, Any]:
        """A peer that finds whatever is planted, but for gaps."""
        asked.update({name: len(batch) for name, (_, batch) in pairs.items()})
        found = {p.name: [p.column] for p in year.PLANTED if p.name != bench.UNSEEN}
        return {"seconds": [60.0] * turns, "drifted": {name: found.get(name, []) for name in pairs}}

    monkeypatch.setattr(bench, "flights", lambda _: some_flights())
    monkeypatch.setattr(bench, "of_peer", blind)
    monkeypatch.setattr(bench, "RESULTS", tmp_path / "monitor.json")
    monkeypatch.setattr(bench, "TURNS", 1)

    with pytest.raises(SystemExit) as ended:
        bench.main()

    result = json.loads((tmp_path / "monitor.json").read_text(encoding="utf-8"))
    assert {name: goal["holds"] for name, goal in result["goals"].items()} == dict.fromkeys(
        result["goals"], True
    )
    assert ended.value.code == 0
    assert asked["2013-04"] == 30 * 20
    assert set(asked) == {*year.MONTHS, *(p.name for p in year.PLANTED), "speed"}
    assert result["planted"]["gaps"] == {
        "column": "seats", "ours": True, "peer": False, "also_ours": [], "also_peer": [],
    }  # fmt: skip


def test_a_goal_that_is_missed_is_told() -> None:
    from monitor import bench, year

    planted = {p.name: {"ours": p.name != "gaps", "peer": True} for p in year.PLANTED}
    found = {
        "seconds": {"ours": {"median": 2.0}, "peer": {"median": 4.0}},
        "planted": planted,
        "months": {"2013-04": {"ours": ["temp"]}, "2013-05": {"ours": []}},
    }

    goals = bench.judged(found)

    measured = {name: (goal["measured"], goal["holds"]) for name, goal in goals.items()}
    assert measured == {
        "seconds": (2.0, False),
        "times as fast as the peer": (2.0, False),
        "planted columns named": (4, False),
        "same verdict as the peer, but for gaps": (4, True),
        "months with an alarm, nothing planted": (1, False),
    }


def test_what_is_planted_changes_its_column() -> None:
    from monitor import year

    rows = year.of(some_flights(), year.MONTH)

    changed = {p.name: p.change(rows[p.column]) for p in year.PLANTED}

    assert changed["another unit"].mean() == pytest.approx(
        1.609 * rows["distance"].mean(), rel=1e-3
    )
    assert 0.2 < changed["gaps"].isna().mean() < 0.4
    assert set(changed["shifted category"]) == {"U2", "AA", "B6"}
    assert all(not values.equals(rows[p.column])
               for p, values in zip(year.PLANTED, changed.values(), strict=True))  # fmt: skip
