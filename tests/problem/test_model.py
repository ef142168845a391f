"""The estimators, on random inputs that keep the rules of the schema."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from mlops.evaluation.predict import predict
from mlops.training.fit import _parts
from problem import schema
from problem.model import CATEGORIES, CLOCKS, ESTIMATORS, LINEAR, ClockTime

SMALL: dict[str, dict[str, Any]] = {"gradient_boosting": {"max_iter": 10}}  # and quick
CODES = {
    "carrier": ["AA", "UA", "DL"],
    "dest": ["ORD", "LAX", "BOS", "SJU"],
    "origin": ["EWR", "JFK"],
}


def inputs(rows: int, seed: int = 0) -> pd.DataFrame:
    """Random rows that FEATURES of problem.schema accepts, with gaps wherever it allows them."""
    rng = np.random.default_rng(seed)
    table = {}
    for name, column in schema.FEATURES.columns.items():
        if name in CODES:
            table[name] = pd.Series(rng.choice(CODES[name], rows), dtype="str")
            continue
        within = column.checks[0].statistics
        values: Any = rng.uniform(within["min_value"], within["max_value"], rows)
        if name == "weekday":
            values = values.round()
        if name in CLOCKS:
            values = rng.integers(0, 24, rows) * 100 + rng.integers(1, 60, rows)
        if column.nullable:
            values[rng.choice(rows, rows // 25, replace=False)] = np.nan
        table[name] = pd.Series(values, dtype="float32")
    return schema.FEATURES.validate(pd.DataFrame(table))


def build(name: str, seed: int = 1, **settings: Any) -> Pipeline:
    return ESTIMATORS[name](seed, **SMALL.get(name, {}) | settings)


def late(frame: pd.DataFrame) -> Any:
    """Evenings are late, and so is the carrier UA."""
    risk = frame["sched_dep_time"] / 2400 + (frame["carrier"] == "UA")
    return (risk + np.random.default_rng(1).normal(0, 0.3, len(frame)) > 0.8).astype("int8")


@pytest.fixture(scope="module", params=sorted(ESTIMATORS))
def model(request: pytest.FixtureRequest) -> Any:
    frame = inputs(3000)
    return build(request.param).fit(frame, late(frame))


def test_every_estimator_is_a_pipeline_that_takes_the_raw_inputs(model: Any) -> None:
    frame = inputs(1000, seed=5)

    assert isinstance(model, Pipeline)
    assert roc_auc_score(late(frame), predict(model, frame, "binary")) > 0.85


def test_the_linear_baseline_is_one_of_the_estimators() -> None:
    assert hasattr(ESTIMATORS[LINEAR](seed=0)[-1], "C")


def test_a_category_never_seen_is_predicted(model: Any) -> None:
    frame = inputs(50, seed=6)

    for category in CATEGORIES:
        p = predict(model, frame.assign(**{category: "ZZ9"}), "binary")
        assert ((p > 0) & (p < 1)).all()


def test_a_weekday_never_seen_is_predicted() -> None:
    frame = inputs(500).assign(weekday=np.float32(2))

    for name in ESTIMATORS:
        fitted = build(name).fit(frame, late(frame))
        assert np.isfinite(predict(fitted, frame.assign(weekday=np.float32(6)), "binary")).all()


def test_gaps_are_predicted(model: Any) -> None:
    frame = inputs(50, seed=7)
    gaps = [name for name, column in schema.FEATURES.columns.items() if column.nullable]
    assert len(gaps) > 10

    empty = frame.assign(**dict.fromkeys(gaps, np.float32("nan")))

    assert np.isfinite(predict(model, empty, "binary")).all()


def test_rows_are_predicted_one_by_one_as_together(model: Any) -> None:
    frame = inputs(20, seed=8)

    alone = [predict(model, frame.iloc[[i]], "binary")[0] for i in range(20)]

    assert predict(model, frame, "binary") == pytest.approx(alone, abs=1e-9)


def test_the_order_of_the_columns_does_not_matter(model: Any) -> None:
    frame = inputs(20, seed=9)

    reordered = predict(model, frame[frame.columns[::-1]], "binary")

    assert (reordered == predict(model, frame, "binary")).all()


@pytest.mark.parametrize("name", sorted(ESTIMATORS))
def test_the_same_seed_gives_the_same_model(name: str) -> None:
    frame = inputs(500)

    once, again = (build(name, seed=4).fit(frame, late(frame)) for _ in range(2))

    assert (predict(once, frame, "binary") == predict(again, frame, "binary")).all()


def test_the_seed_decides_which_features_a_tree_may_look_at() -> None:
    frame = inputs(500)

    def seeded(seed: int) -> Any:
        model = build("gradient_boosting", seed, max_features=0.3)
        return predict(model.fit(frame, late(frame)), frame, "binary")

    assert (seeded(1) == seeded(1)).all()
    assert (seeded(1) != seeded(2)).any()


def test_trees_have_no_scaler_before_them() -> None:
    """Scaled thresholds round differently in single precision: an exported model flips rows."""
    frame = inputs(200)
    model = build("gradient_boosting").fit(frame, late(frame))

    assert not [part for part in _parts(model) if isinstance(part, StandardScaler)]


def on_the_circle(*hhmm: float) -> Any:
    return ClockTime().fit_transform(pd.DataFrame({"time": hhmm}))


def apart(first: float, second: float) -> float:
    one, other = on_the_circle(first, second)
    return float(np.linalg.norm(one - other))


def test_a_minute_before_midnight_lies_next_to_a_minute_after() -> None:
    two_minutes = 2 * np.sin(np.pi * 2 / 1440)

    assert apart(2359, 1) == pytest.approx(two_minutes)
    assert apart(1259, 1301) == pytest.approx(two_minutes)
    assert apart(2400, 0) == pytest.approx(0)


def test_equal_spans_of_time_are_equally_far_apart() -> None:
    assert apart(600, 730) == pytest.approx(apart(2315, 45)) == pytest.approx(apart(1000, 1130))
    assert apart(0, 1200) == pytest.approx(2)  # the two ends of the clock


def test_a_clock_time_is_a_sine_and_a_cosine_for_each_column() -> None:
    frame = pd.DataFrame({"departs": [600.0, 0.0], "arrives": [1200.0, 1800.0]})

    found = ClockTime().fit_transform(frame)

    assert found == pytest.approx(np.array([[1, 0, 0, -1], [0, -1, 1, 0]]), abs=1e-12)
