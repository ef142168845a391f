"""Estimated performance, beside what later turned out, in made-up worlds and on real flights."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn import metrics as sk
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mlops.contract import Task
from mlops.monitor.performance.estimate import estimate
from mlops.monitor.performance.expected import expected, recalibrated
from mlops.monitor.result import Estimate, Estimated
from problem import source
from tests.mlops.monitor import worlds

LATER = "2030-03-01"


def looked(now: pd.DataFrame, then: pd.DataFrame | None = None, task: Task = "binary") -> Estimate:
    held_out = worlds.rows(np.random.default_rng(0), task=task) if then is None else then
    return estimate(worlds.problem(task), worlds.reference(held_out), now)


def by_name(found: Estimate) -> dict[str, Estimated]:
    return {metric.name: metric for metric in found.metrics}


@pytest.mark.parametrize("task", ["binary", "multiclass"])
def test_without_labels_it_says_what_labels_say_later(task: Task) -> None:
    now = worlds.rows(np.random.default_rng(1), LATER, 28, task=task)

    before, after = looked(now.drop(columns="late"), task=task), looked(now, task=task)

    assert (before.state, before.why_not, before.windows) == ("steady", "", 8)
    for early, late in zip(before.metrics, after.metrics, strict=True):
        assert (early.truth, early.within) == (None, None)
        assert late == early.model_copy(update={"truth": late.truth, "within": True})
        assert late.truth is not None
        assert late.value == pytest.approx(late.truth, abs=0.03)


def test_the_interval_is_what_held_out_windows_were_off_by() -> None:
    then = worlds.rows(np.random.default_rng(2))
    now = worlds.rows(np.random.default_rng(3), LATER, 28)

    found = by_name(looked(now, then))["brier"]

    week = then.index // (7 * 60)
    errors = []
    for w in range(8):
        rest, part = then[week != w], then[week == w]
        p = part["prediction"].to_numpy()
        q = recalibrated(rest["late"].to_numpy(), rest["prediction"].to_numpy(), p)
        happened = sk.brier_score_loss(part["late"], p)
        errors.append(happened - expected("binary", p, q, 0.3)["brier"])
    reach = stats.t(7).ppf(0.975) * np.std(errors, ddof=1) * np.sqrt(1 + 1 / 8)
    assert found.value is not None
    assert (found.low, found.high) == pytest.approx((found.value - reach, found.value + reach))
    assert found.error == pytest.approx(np.abs(errors).mean())
    assert found.held_out == pytest.approx(sk.brier_score_loss(then["late"], then["prediction"]))


def test_over_confident_forecasts_are_seen_through() -> None:
    """What such a model says of itself is far from the truth."""
    rng = np.random.default_rng(4)
    then, now = worlds.rows(rng), worlds.rows(rng, LATER, 28)
    for rows in (then, now):
        odds = (rows["prediction"] / (1 - rows["prediction"])) ** 2
        rows["prediction"] = odds / (1 + odds)

    found = by_name(looked(now, then))["log_loss"]

    p = now["prediction"].to_numpy()
    assert found.truth == pytest.approx(sk.log_loss(now["late"], p))
    assert found.value == pytest.approx(found.truth, abs=0.03)
    assert expected("binary", p, p, 0.3)["log_loss"] < sk.log_loss(now["late"], p) - 0.05


def test_rows_that_nothing_tells_apart_are_an_alarm_before_any_label() -> None:
    now = worlds.rows(np.random.default_rng(5), LATER, 28, spread=0.3)

    found = looked(now.drop(columns="late"))

    assert found.state == "alarm"
    assert by_name(found)["roc_auc"].state == "alarm"


def test_what_inputs_do_not_show_is_not_seen_and_the_truth_says_so() -> None:
    now = worlds.rows(np.random.default_rng(6), LATER, 28, unseen=1.5)

    found = looked(now)

    assert found.state == "steady"
    assert by_name(found)["log_loss"].within is False
    assert any("same inputs still mean the same outcome" in note for note in found.notes)


def test_labels_that_some_blocks_wait_for_are_no_truth_yet() -> None:
    now = worlds.rows(np.random.default_rng(7), LATER, 28).astype({"late": "float"})
    now.loc[now.index[-60:], "late"] = np.nan  # the newest day

    assert {metric.truth for metric in looked(now).metrics} == {None}


def test_a_regression_cannot_be_estimated() -> None:
    found = looked(
        worlds.rows(np.random.default_rng(8), LATER, 28, task="regression"), task="regression"
    )

    assert found.state == "untold"
    assert found.why_not == "a regression forecasts a value, not how sure it is of it"


@pytest.mark.parametrize(
    ("days", "held_out", "why_not"),
    [
        (1, 56, "1 blocks of the batch have predictions, 7 are needed (monitor.window)"),
        (28, 20, "the held-out rows have 2 whole windows of 7 blocks (monitor.window), 3 are"),
    ],
)
def test_too_few_blocks_tell_nothing(days: int, held_out: int, why_not: str) -> None:
    rng = np.random.default_rng(9)

    found = looked(worlds.rows(rng, LATER, days), worlds.rows(rng, count=held_out))

    assert (found.state, found.metrics) == ("untold", [])
    assert found.why_not.startswith(why_not)


def test_a_batch_that_was_never_predicted_tells_nothing() -> None:
    now = worlds.rows(np.random.default_rng(10), LATER, 28).drop(columns="prediction")

    assert looked(now).why_not == (
        "0 blocks of the batch have predictions, 7 are needed (monitor.window)"
    )


def test_held_out_rows_of_a_single_outcome_tell_nothing() -> None:
    rng = np.random.default_rng(11)

    found = looked(worlds.rows(rng, LATER, 28), worlds.rows(rng).assign(late=0))

    assert found.why_not.startswith("the held-out rows have a single outcome")


def test_windows_of_a_single_outcome_leave_a_ranking_untold() -> None:
    rng = np.random.default_rng(12)
    then = worlds.rows(rng)
    then.loc[then["day"] > "2030-01-14", "late"] = 0  # but for two weeks

    found = by_name(looked(worlds.rows(rng, LATER, 28), then))

    assert (found["roc_auc"].state, found["roc_auc"].low) == ("untold", None)
    assert found["roc_auc"].within is None
    assert found["brier"].low is not None


def test_where_every_row_is_a_block_the_newest_windows_are_enough() -> None:
    rng = np.random.default_rng(16)
    then, now = (worlds.rows(rng, first, count=20, a_day=30) for first in ("2030-01-01", LATER))

    found = looked(now.assign(day=now["row"]), then.assign(day=then["row"]))

    assert found.windows == 60
    assert found.state == "steady"


def test_where_no_gated_metric_can_be_estimated_nothing_is_told() -> None:
    rng = np.random.default_rng(13)
    problem = worlds.problem(gates={"margins": {"calibration_error": 0.02}})

    found = estimate(problem, worlds.reference(worlds.rows(rng)), worlds.rows(rng, LATER, 28))

    assert found.state == "untold"
    assert found.why_not == "no metric that a gate has can be estimated"


def test_badly_calibrated_forecasts_are_not_to_be_relied_on() -> None:
    rng = np.random.default_rng(14)

    found = looked(worlds.rows(rng, LATER, 28), worlds.rows(rng, unseen=1.5))

    assert found.notes[0].startswith("Do not rely on it: on the held-out rows forecasts are off")


def test_estimates_that_were_never_off_are_sure() -> None:
    rng = np.random.default_rng(15)
    day = worlds.rows(rng, count=1, a_day=50)

    def repeated(first: str, count: int) -> pd.DataFrame:
        names = worlds.days(first, count)
        return pd.concat([day.assign(day=name, row=name + day["row"]) for name in names])

    then = repeated("2030-01-01", 28)
    worse = repeated(LATER, 7).assign(prediction=lambda rows: rows["prediction"] / 2 + 0.25)

    same, other = looked(repeated(LATER, 7), then), looked(worse, then)

    assert same.state == "steady"
    assert other.state == "alarm"


@pytest.fixture(scope="module")
def flights(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """Every sixth flight of 2013 with the weather, and how the day before went."""
    folder = tmp_path_factory.mktemp("raw")
    source.materialise(folder, "2013-12")
    columns = ["month", "day", "arr_delay", "carrier", "flight", "origin", "hour", "time_hour"]
    weather = ["humid", "precip", "visib", "pressure", "wind_speed"]

    def table(name: str, columns: list[str], every: int) -> pd.DataFrame:
        files = sorted(folder.glob(f"{name}-*.csv"))
        return pd.concat([pd.read_csv(file, usecols=columns).iloc[::every] for file in files])

    key = ["origin", "time_hour"]
    found = table("flights", columns, 6).dropna(subset="arr_delay")
    found = found.merge(table("weather", [*key, *weather], 1), on=key, how="left")
    found["row"] = [str(i) for i in range(len(found))]
    found["late"] = (found["arr_delay"] >= 15).astype("int64")
    found["date"] = [f"2013-{m:02d}-{d:02d}" for m, d in found[["month", "day"]].to_numpy()]
    found["yesterday"] = found["date"].map(found.groupby("date")["late"].mean().shift(1))
    found["x"], found["kind"] = 0.0, "flight"
    inputs = found[["hour", *weather, "yesterday"]]
    encoded = pd.get_dummies(found[["carrier", "origin"]], dtype=float).join(inputs)
    encoded = encoded.fillna(encoded.median()).add_prefix("input ")
    return found.rename(columns={"date": "day", "day": "number"}).join(encoded)


@pytest.mark.slow
def test_on_real_flights_the_truth_lies_within_in_eight_of_nine_months(
    flights: pd.DataFrame,
) -> None:
    """April to December, a model a month: trained on the months before, tried on the last two."""
    inputs = [name for name in map(str, flights) if name.startswith("input ")]
    problem = worlds.problem()
    within: dict[str, list[bool | None]] = {}
    off: dict[str, list[float]] = {"estimate": [], "held out": []}
    for month in range(4, 13):
        known = flights[flights["month"] < month - 2]
        model = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, solver="newton-cholesky"))
        model.fit(known[inputs], known["late"])
        since = flights[flights["month"].between(month - 2, month)]
        since = since.assign(prediction=model.predict_proba(since[inputs])[:, 1])
        tried, now = since[since["month"] < month], since[since["month"] == month]

        found = by_name(estimate(problem, worlds.reference(tried), now))

        for name, metric in found.items():
            within.setdefault(name, []).append(metric.within)
        brier = found["brier"]
        assert brier.truth is not None
        for role, value in (("estimate", brier.value), ("held out", brier.held_out)):
            assert value is not None
            off[role].append(abs(value - brier.truth))

    assert len(within) == 7
    for name, months in within.items():
        assert sum(inside is True for inside in months) >= 8, (name, months)
    assert np.mean(off["estimate"]) < np.mean(off["held out"])  # it knows more than the past
