"""A world with days in it: flights of one day share a shock, and so do a model's mistakes.

A flight is late with log-odds made of what models see of its day and of itself, and of a shock of
its day that no model sees. A model sees the former through mistakes of its own: of the day, of how
far the day spreads, of a carrier and of a time of the day on that day, and of the flight. Two
models of the same quality differ by independent mistakes, so which of them is better changes from
day to day; with enough days, neither is.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from mlops.evaluation.predict import Array

Codes = NDArray[np.int64]
CARRIERS = {  # and their shares of the example's flights, but twice that of the smallest scored, FL
    "UA": 0.1763, "B6": 0.1725, "EV": 0.1514, "DL": 0.1488, "AA": 0.0980, "MQ": 0.0749,
    "US": 0.0603, "9E": 0.0475, "WN": 0.0369, "VX": 0.0170, "FL": 0.0190, "YV": 0.0023,
    "AS": 0.0022, "F9": 0.0020, "HA": 0.0003, "OO": 0.0001,
}  # fmt: skip
ORIGINS = {"EWR": 0.355, "JFK": 0.344, "LGA": 0.301}
TIMES = {"before 9": 0.237, "9 to 12": 0.158, "12 to 17": 0.311, "after 17": 0.294}
DISTANCES = {"to 500 miles": 0.229, "500 to 1500 miles": 0.536, "over 1500 miles": 0.235}
LATER = np.array([-0.9, -0.5, 0.1, 0.6])  # log-odds of a late arrival by time of the day

# Standard deviations of log-odds.
SEEN_OF_DAY, UNSEEN_OF_DAY, UNSEEN_OF_CARRIER, SEEN_OF_FLIGHT = 0.65, 0.70, 0.30, 0.65
MEAN = -1.25


@dataclass(frozen=True)
class Mistakes:
    """Standard deviations of what a model gets wrong, in log-odds; `slope` per unit of log-odds."""

    day: float = 0.11
    slope: float = 0.08
    carrier: float = 0.12
    time: float = 0.08
    flight: float = 0.12

    def times(self, factor: float) -> "Mistakes":
        return Mistakes(*(factor * value for value in vars(self).values()))


@dataclass(frozen=True)
class Flights:
    """n flights of some days: what happened, and what there was to see of it."""

    late: Array
    day: Codes
    carrier: Codes
    origin: Codes
    time: Codes
    distance: Codes
    of_day: Array
    of_flight: Array
    days: int

    @property
    def groups(self) -> pd.DataFrame:
        """The slices, as labels."""
        codes = (self.carrier, self.origin, self.time, self.distance)
        names = ("carrier", "origin", "time_of_day", "distance_band")
        labels = (CARRIERS, ORIGINS, TIMES, DISTANCES)
        return pd.DataFrame(
            {n: np.array(list(of))[c] for n, c, of in zip(names, codes, labels, strict=True)}
        )

    @property
    def block(self) -> pd.Series:
        """The name of each flight's day."""
        return pd.Series([f"day {day:05d}" for day in range(self.days)])[self.day].reset_index(
            drop=True
        )


def fly(rng: np.random.Generator, days: int, a_day: int) -> Flights:
    """About `a_day` flights on each of `days` days."""
    day = np.repeat(np.arange(days), rng.binomial(2 * a_day, 0.5, days))
    n = len(day)
    carrier, origin, time, distance = (
        rng.choice(len(shares), n, p=np.array(list(shares.values())) / sum(shares.values()))
        for shares in (CARRIERS, ORIGINS, TIMES, DISTANCES)
    )
    of_day = rng.normal(0, SEEN_OF_DAY, days)[day]
    of_flight = LATER[time] + rng.normal(0, SEEN_OF_FLIGHT, n)
    shock = rng.normal(0, UNSEEN_OF_DAY, days)[day]
    shock += rng.normal(0, UNSEEN_OF_CARRIER, (days, len(CARRIERS)))[day, carrier]
    late = (rng.random(n) < expit(MEAN + of_day + of_flight + shock)).astype(np.float64)
    return Flights(late, day, carrier, origin, time, distance, of_day, of_flight, days)


@dataclass(frozen=True)
class Model:
    """Its mistakes, and the line that makes calibrated log-odds of what it believes."""

    mistakes: Mistakes
    intercept: float = 0.0
    slope: float = 1.0

    def leaning(self, by: float) -> "Model":
        """The same with all log-odds higher by so much."""
        return replace(self, intercept=self.intercept + by)

    def forecast(self, rng: np.random.Generator, flights: Flights) -> Array:
        """Probabilities; `rng` draws the mistakes."""
        wrong, day = self.mistakes, flights.day
        seen = flights.of_flight * (1 + rng.normal(0, wrong.slope, flights.days)[day])
        seen += flights.of_day + rng.normal(0, wrong.day, flights.days)[day]
        seen += rng.normal(0, wrong.carrier, (flights.days, len(CARRIERS)))[day, flights.carrier]
        seen += rng.normal(0, wrong.time, (flights.days, len(TIMES)))[day, flights.time]
        seen += rng.normal(0, wrong.flight, len(day))
        return np.round(expit(self.intercept + self.slope * seen), 9)


def calibrated(mistakes: Mistakes, flights: Flights, seed: int) -> Model:
    """The model that makes these mistakes, calibrated on so many flights that chance is nil."""
    p = Model(mistakes).forecast(np.random.default_rng(seed), flights)
    believed = np.log(p / (1 - p)).reshape(-1, 1)
    fitted: Any = LogisticRegression(C=1e9).fit(believed, flights.late)
    return Model(mistakes, float(fitted.intercept_[0]), float(fitted.coef_[0, 0]))


def losing(loss: float, good: Model, like: Mistakes, flights: Flights, seed: int) -> Model:
    """A model whose ROC AUC is `loss` below that of `good`; its mistakes are as `like`, larger."""

    def auc(model: Model) -> float:
        p = model.forecast(np.random.default_rng(seed), flights)
        return float(roc_auc_score(flights.late, p))

    target, low, high = auc(good) - loss, 0.1, 12.0
    for _ in range(12):
        middle = (low + high) / 2
        if auc(Model(like.times(middle))) > target:
            low = middle
        else:
            high = middle
    return calibrated(like.times((low + high) / 2), flights, seed)
