"""Manifests built by hand, small enough to read: one of each task."""

import pytest

from serving.manifest import Build, Input, Key, Manifest, Output, Policy, Table

STRICT = Policy(unknown="flag", outside="reject")


@pytest.fixture
def build() -> Build:
    return Build(version="1.2.0", commit="0123abc", created="2013-09-01T00:00:00Z", data="feed")


def binary() -> Manifest:
    """Binary: texts, numbers, and a feature that is looked up by the carrier and the date."""
    return Manifest(
        format=1,
        name="late-arrival",
        inputs=[
            Input("carrier", "text", pattern="^[A-Z0-9]{2}$", known=["AA", "UA"]),
            Input("origin", "text", nullable=True, values=["EWR", "JFK"], known=["EWR", "JFK"]),
            Input("distance", "float32", low=1, high=6000),
            Input("temp", "float32", nullable=True, low=-60, high=130),
            Input(
                "carrier_late_7d", "float32", nullable=True, low=0, high=1, table="carrier_delays"
            ),
        ],
        output=Output("binary", "late", "probabilities", classes=[0, 1], threshold=0.3),
        policy=STRICT,
        files={},
        identifiers=["carrier", "flight", "date"],
        keys=[Key("date", "text"), Key("wave", "number")],
        tables=[
            Table(
                name="carrier_delays",
                file="tables/carrier_delays.json",
                keys=["carrier", "date"],
                columns=["carrier_late_7d"],
                rows=2,
                time="date",
                newest="2013-09-02",
                carried_forward=True,
            )
        ],
    )


@pytest.fixture
def flights_like() -> Manifest:
    return binary()


@pytest.fixture
def manifest(flights_like: Manifest) -> Manifest:
    return flights_like


@pytest.fixture
def wine_like() -> Manifest:
    """Multi-class: numbers without bounds, labels that are texts."""
    return Manifest(
        format=1,
        name="wine",
        inputs=[Input("alcohol", "float32"), Input("hue", "float32", low=0)],
        output=Output("multiclass", "cultivar", "probabilities", classes=["a", "b", "c"]),
        policy=STRICT,
        files={},
        identifiers=[],
    )


@pytest.fixture
def diabetes_like() -> Manifest:
    """Regression: doubles, a whole number and a truth value."""
    return Manifest(
        format=1,
        name="progression",
        inputs=[
            Input("bmi", "float64", low=-1, high=1),
            Input("age", "int64", low=0, high=120),
            Input("smokes", "bool"),
        ],
        output=Output("regression", "progression", "variable"),
        policy=STRICT,
        files={},
        identifiers=["patient"],
    )
