"""What the sections of a look add up to, and how `mlops monitor` ends."""

import json
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from mlops.errors import DataError
from mlops.monitor import look, result
from mlops.monitor.look import Options, conclude, main, upcoming
from mlops.monitor.result import (
    Alarm,
    Check,
    Column,
    Concept,
    Drift,
    Estimate,
    Estimated,
    Metric,
    MonitorFailed,
    NoData,
    Performance,
    Quality,
    Result,
    Serving,
    State,
)
from mlops.monitor.rows import Batch
from tests.conftest import ROOT

START = Result(outcome="steady", summary="", model="name", made="2026-01-01T00:00:00Z")


def drift(state: State, *names: str, prediction: bool = False, label: bool = False) -> Drift:
    def column(name: str, moved: bool) -> Column:
        return Column(name=name, kind="number", view="values", drifted=moved)

    return Drift(
        state=state,
        why_not="1 day is there, 14 are needed" if state == "untold" else "",
        window=7,
        windows=2,
        reference=28,
        alpha=0.05,
        effect=0.1,
        columns=[*(column(name, True) for name in names), column("quiet", False)],
        prediction=[column("prediction", prediction)],
        label=column("late", label),
    )


def performance(state: State, **shift: Any) -> Performance:
    metric = Metric(name="brier", value=0.3, state=state)
    quiet = Metric(name="roc_auc", value=0.7)
    return Performance(state=state, metrics=[metric, quiet], concept=shift.get("concept"))


STEADY = {
    "quality": Quality(state="steady"),
    "drift": drift("steady"),
    "performance": performance("steady"),
    "estimate": Estimate(state="steady", level=0.95),
}


def having(**sections: Any) -> Result:
    return START.model_copy(update=STEADY | sections)


def test_without_an_alarm_it_is_steady() -> None:
    found = conclude(having(), "")

    assert (found.outcome, found.reasons, found.retrain) == ("steady", [], False)


@pytest.mark.parametrize(
    ("sections", "section", "what", "retrain"),
    [
        ({"drift": drift("alarm", "a", "b")}, "drift", "drift of a, b", True),
        ({"drift": drift("alarm", *"abcdefg")}, "drift", "drift of a, b, c, d, e and 2 more", True),
        ({"drift": drift("alarm", "a", "a")}, "drift", "drift of a", True),
        ({"drift": drift("alarm", prediction=True)}, "drift", "drift of the prediction", True),
        ({"drift": drift("alarm", label=True)}, "drift", "drift of the outcome", True),
        (
            {"performance": performance("alarm")},
            "performance",
            "the model does worse, by brier",
            True,
        ),
        (
            {"performance": performance("steady", concept=Concept(state="alarm", shift=-0.1))},
            "concept",
            "less comes true than the model forecasts",
            True,
        ),
        (
            {
                "estimate": Estimate(
                    state="alarm",
                    level=0.95,
                    metrics=[Estimated(name="brier", value=0.4, state="alarm")],
                )
            },
            "estimate",
            "expected to be worse, by brier",
            True,
        ),
        (
            {"quality": Quality(state="alarm", findings=["row 3 is odd", "so is 4"], failed=2)},
            "quality",
            "the rows break rules: row 3 is odd, and 1 more",
            False,
        ),
        (
            {
                "serving": Serving(
                    state="alarm", checks=[Check(name="errors", value=0.2, state="alarm")]
                )
            },
            "serving",
            "servers count too much: errors",
            False,
        ),
    ],
)
def test_an_alarm_says_why_and_whether_a_new_model_may_help(
    sections: dict[str, Any], section: str, what: str, retrain: bool
) -> None:
    found = conclude(having(**sections), "")

    assert found.outcome == "alarm"
    assert [(reason.section, reason.what) for reason in found.reasons] == [(section, what)]
    assert found.summary == what
    assert found.retrain is retrain


def test_broken_data_are_no_reason_to_retrain_whatever_drifts() -> None:
    broken = Quality(state="alarm", findings=["no column distance"], failed=1)
    found = conclude(having(quality=broken, drift=drift("alarm", "origin")), "")

    assert [reason.section for reason in found.reasons] == ["quality", "drift"]
    assert not found.retrain


def test_too_little_to_tell_is_no_data_and_says_how_much_it_takes() -> None:
    untold = having(
        drift=drift("untold"),
        performance=Performance(state="untold"),
        estimate=Estimate(state="untold", level=0.95),
    )

    found = conclude(untold, "")

    assert (found.outcome, found.summary) == ("no data", "1 day is there, 14 are needed")


def test_servers_that_count_nothing_unusual_are_steady_without_rows() -> None:
    found = conclude(START.model_copy(update={"serving": Serving(state="steady")}), "no new rows")

    assert found.outcome == "steady"
    assert found.summary == "the servers count nothing unusual; no new rows"


def test_nothing_at_all_is_no_data() -> None:
    assert conclude(START, "nothing has arrived").summary == "nothing has arrived"


@pytest.mark.parametrize(
    ("outcome", "ends", "code"), [("alarm", Alarm, 13), ("no data", NoData, 14)]
)
def test_each_outcome_ends_with_its_own_code_unless_a_workflow_asks(
    outcome: Any,
    ends: type[Exception],
    code: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = having().model_copy(update={"outcome": outcome, "summary": "why"})
    monkeypatch.setattr(look, "look", lambda *_: found)
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "output"))

    with pytest.raises(ends, match="why") as ended:
        main(Options(folder=tmp_path), fetch=None)
    main(Options(folder=tmp_path), fetch=None, exit_zero=True)

    assert ended.value.exit_code == code  # type: ignore[attr-defined]
    assert (tmp_path / "output").read_text() == f"result={outcome}\n" * 2
    assert result.read((tmp_path / "monitor.json").read_text(), "it").outcome == outcome
    assert (tmp_path / "monitor.md").read_text().strip()
    assert (tmp_path / "monitor.html").read_text().startswith("<!DOCTYPE html>")


@contextmanager
def unreachable(_: object) -> Any:
    raise DataError("the disk is gone")
    yield


def test_a_monitor_that_cannot_look_has_an_outcome_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(look, "champion", unreachable)

    with pytest.raises(MonitorFailed, match="the disk is gone") as ended:
        main(Options(folder=tmp_path), fetch=None, exit_zero=True)

    assert ended.value.exit_code == 15
    left = json.loads((tmp_path / "monitor.json").read_text())
    assert (left["outcome"], left["reasons"]) == ("failed", [])


class Seat:
    """A champion that refuses the raw files of a new period."""

    problem: Any = None

    def arrived(self, period: str) -> tuple[None, Batch]:
        finding = "flights-2013-09.csv, column distance: expected this column; it is missing"
        return None, Batch(period, pd.DataFrame(), period, (finding,))


def test_a_period_whose_raw_files_break_the_rules_alarms_and_is_compared_no_further(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    @contextmanager
    def seated(_: object) -> Any:
        seat = Seat()
        seat.problem = look._problem()
        yield seat

    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(look, "champion", seated)

    found = look.look(Options(), None)

    assert (found.outcome, found.drift, found.retrain) == ("alarm", None, False)
    assert "distance" in found.summary
    assert found.batch is not None
    assert (found.batch.period, found.batch.rows) == ("2013-09", 0)


def test_the_next_period_is_what_follows_the_pinned_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for through, following in (("2013-08", "2013-09"), ("2013-11", "2013-12")):
        text = f"meta:\n  through: {through}\nouts:\n- md5: {'0' * 32}.dir\n  path: data\n"
        Path("data.dvc").write_text(text)
        assert upcoming() == following
    assert upcoming("2013-12") == "2013-12"
    with pytest.raises(DataError, match=r"'2013-11' is not a period that is newer than data\.dvc"):
        upcoming("2013-11")

    Path("data.dvc").write_text(text.replace("2013-11", "2013-12"))
    with pytest.raises(NoData, match="all that the source has, through 2013-12"):
        upcoming()
