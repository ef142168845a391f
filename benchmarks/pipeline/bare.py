"""The pipeline's work as one plain script: pandas, scikit-learn and numpy, nothing of ours.

Run in a repository: `python bare.py RESAMPLES`; 0 leaves the intervals out. Prints JSON: the test
scores, and the seconds that the intervals took.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from ruamel.yaml import YAML
from sklearn import metrics as sk
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    OneHotEncoder,
    OrdinalEncoder,
    StandardScaler,
    TargetEncoder,
)
from sklearn.tree import DecisionTreeClassifier

Array = NDArray[np.float64]
KNOBS = YAML(typ="safe").load(Path("params.yaml"))
SEED, THRESHOLD = KNOBS["seed"], KNOBS["evaluate"]["threshold"]
HOUR = "%Y-%m-%dT%H:%M:%SZ"
CATEGORIES, CLOCKS = ["carrier", "origin", "dest"], ["sched_dep_time", "sched_arr_time"]
WEATHER = ["temp", "dewp", "humid", "wind_dir", "wind_speed", "wind_gust", "precip", "pressure"]
WEATHER += ["visib"]
RATES = [f"{who}_late_{days}d" for who in CATEGORIES for days in (1, 7, 28)]
NUMBERS = [*CLOCKS, "distance", "weekday", "departures", *WEATHER, "plane_year", "seats", *RATES]
INPUTS = CATEGORIES + NUMBERS


def read(name: str) -> pd.DataFrame:
    files = sorted(Path("data/raw").glob(f"{name}*.csv"))
    return pd.concat([pd.read_csv(file) for file in files], ignore_index=True)


def make_features() -> pd.DataFrame:
    flights, weather, planes = read("flights"), read("weather"), read("planes")
    flights["date"] = pd.to_datetime(flights[["year", "month", "day"]])
    flights["late"] = (flights["arr_delay"] >= 15).astype(float).where(flights["arr_delay"].notna())
    flights["weekday"] = flights["date"].dt.day_of_week
    by_hour = flights.groupby(["origin", "time_hour"])
    flights["departures"] = by_hour["flight"].transform("size")

    overnight = flights["sched_arr_time"] < flights["sched_dep_time"]
    known = flights["date"] + pd.to_timedelta(overnight.astype(int), unit="D")
    days = pd.date_range(known.min(), known.max() + pd.Timedelta(days=1), name="date")
    arrived = flights.assign(known=known).dropna(subset=["late"])
    table = arrived
    for who in CATEGORIES:
        daily: Any = arrived.groupby(["known", who])["late"].agg(["sum", "size"])
        daily = daily.unstack(who).reindex(days).fillna(0.0)
        rates = {}
        for window in (1, 7, 28):
            past = daily.rolling(window, min_periods=1).sum().shift(1)
            share = past["sum"] / past["size"].where(past["size"] > 0)
            rates[f"{who}_late_{window}d"] = share.stack(future_stack=True)
        history = pd.DataFrame(rates).rename_axis(["date", who]).reset_index()
        table = table.merge(history, on=["date", who], how="left")

    weather.loc[weather["wind_speed"] > 150, "wind_speed"] = np.nan
    hour = pd.to_datetime(weather["time_hour"], format=HOUR) + pd.Timedelta(hours=1)
    weather["time_hour"] = hour.dt.strftime(HOUR)
    table = table.merge(
        weather[["origin", "time_hour", *WEATHER]], on=["origin", "time_hour"], how="left"
    )
    planes = planes.rename(columns={"year": "plane_year"})[["tailnum", "plane_year", "seats"]]
    table = table.merge(planes, on="tailnum", how="left")
    return table.astype(dict.fromkeys(NUMBERS, "float32") | {"late": int})


def clock(hhmm: pd.DataFrame) -> Array:
    times = np.asarray(hhmm, dtype=float)
    angle = 2 * np.pi * (times // 100 * 60 + times % 100) / (24 * 60)
    return np.hstack([np.sin(angle), np.cos(angle)])


def models(seed: int = SEED) -> dict[str, Any]:
    ordinal = OrdinalEncoder(
        handle_unknown="use_encoded_value", unknown_value=-1, min_frequency=100, dtype=np.float32
    )
    trees = HistGradientBoostingClassifier(
        early_stopping=False,
        random_state=seed,
        monotonic_cst=[int(name in RATES) for name in INPUTS],
        **KNOBS["model"]["gradient_boosting"],
    )
    numbers = make_column_selector(dtype_include="number")
    linear = ColumnTransformer(
        [
            ("category", OneHotEncoder(handle_unknown="ignore"), CATEGORIES),
            ("clock", FunctionTransformer(clock), CLOCKS),
            ("weekday", OneHotEncoder(handle_unknown="ignore"), ["weekday"]),
            ("number", make_pipeline(SimpleImputer(), StandardScaler()), numbers),
        ],
        sparse_threshold=0,
    )
    encode = ColumnTransformer([("category", ordinal, CATEGORIES)], remainder="passthrough")
    logistic = LogisticRegression(
        solver="newton-cholesky", tol=1e-10, **KNOBS["model"]["logistic_regression"]
    )
    return {
        "model": make_pipeline(encode, trees),
        "linear": make_pipeline(linear, logistic),
        "dummy": DummyClassifier(strategy="prior"),
    }


def calibration_error(y: Array, p: Array) -> float:
    bins = np.minimum((p * 10).astype(int), 9)
    return float(np.abs(np.bincount(bins, p - y, minlength=10)).sum() / len(y))


PROBABILISTIC: dict[str, Callable[[Array, Array], float]] = {
    "roc_auc": sk.roc_auc_score,
    "average_precision": sk.average_precision_score,
    "brier": sk.brier_score_loss,
    "log_loss": sk.log_loss,
    "calibration_error": calibration_error,
}


def scores(y: Array, p: Array) -> dict[str, float]:
    called = (p >= THRESHOLD).astype(float)
    found = {name: float(score(y, p)) for name, score in PROBABILISTIC.items()}
    precision, recall, f1, _ = sk.precision_recall_fscore_support(
        y, called, average="binary", zero_division=0
    )
    return found | {"precision": float(precision), "recall": float(recall), "f1": float(f1)}


def intervals(y: Array, p: Array, dates: pd.Series, resamples: int) -> pd.DataFrame:
    """Draw days with replacement, take their rows, score them; again and again."""
    days = [np.flatnonzero(dates == day) for day in dates.unique()]
    rng = np.random.default_rng(SEED)
    found = []
    for _ in range(resamples):
        drawn = rng.integers(len(days), size=len(days))
        rows = np.concatenate([days[day] for day in drawn])
        found.append(scores(y[rows], p[rows]))
    return pd.DataFrame(found).quantile([0.025, 0.975])


def by_seed(train: pd.DataFrame, test: pd.DataFrame) -> dict[int, float]:
    """The ROC AUC of the same model with other seeds."""
    found = {}
    for seed in range(SEED + 1, SEED + 1 + KNOBS["audit"]["seeds"]):
        model = models(seed)["model"].fit(train[INPUTS], train["late"])
        found[seed] = float(sk.roc_auc_score(test["late"], model.predict_proba(test[INPUTS])[:, 1]))
    return found


def alone(train: pd.DataFrame, test: pd.DataFrame) -> dict[str, float]:
    """The ROC AUC of a small tree on each input alone."""
    rows = KNOBS["audit"]["rows"]
    train, test = (part.sample(min(rows, len(part)), random_state=SEED) for part in (train, test))
    found = {}
    for name in INPUTS:
        tree: Any = DecisionTreeClassifier(max_leaf_nodes=16, min_samples_leaf=0.01)
        model = make_pipeline(TargetEncoder(), tree) if name in CATEGORIES else tree
        known, asked = (part[[name]].to_numpy(copy=True) for part in (train, test))
        model.fit(known, train["late"])
        found[name] = float(sk.roc_auc_score(test["late"], model.predict_proba(asked)[:, 1]))
    return found


def main() -> None:
    resamples = int(sys.argv[1])
    table = make_features()
    months = table["date"].dt.to_period("M")
    newest = months.isin(sorted(months.unique())[-KNOBS["split"]["test_months"] :])
    train, test = table[~newest], table[newest]

    fitted = {name: model.fit(train[INPUTS], train["late"]) for name, model in models().items()}
    predicted = {name: model.predict_proba(test[INPUTS])[:, 1] for name, model in fitted.items()}
    y, p = test["late"].to_numpy(float), predicted["model"]
    result: dict[str, Any] = {name: scores(y, guess) for name, guess in predicted.items()}

    started = time.perf_counter()
    if resamples:
        intervals(y, p, test["date"], resamples)
    result["interval_seconds"] = time.perf_counter() - started

    hours = pd.cut(test["sched_dep_time"], [0, 900, 1200, 1700, 2400], right=False)
    bands = pd.cut(test["distance"], [0, 500, 1500, 6000])
    slices = {}
    for group in (test["carrier"], test["origin"], hours, bands):
        for label in group.unique():
            rows = (group == label).to_numpy()
            if rows.sum() >= KNOBS["evaluate"]["minimum_slice"]:
                slices[label] = scores(y[rows], p[rows])

    some = np.random.default_rng(SEED).choice(
        len(test), KNOBS["evaluate"]["importance_rows"], replace=False
    )
    permutation_importance(
        fitted["model"],
        test[INPUTS].iloc[some],
        y[some],
        scoring="roc_auc",
        n_repeats=3,
        random_state=SEED,
    )
    result |= {"seeds": by_seed(train, test), "alone": alone(train, test)}
    print(json.dumps(result))


if __name__ == "__main__":
    main()
