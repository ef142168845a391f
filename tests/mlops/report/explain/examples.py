"""Explanations to tell: of two classes, of several, and of a number."""

from mlops.explain.result import Base, Contribution, Importance, Overall, Result, Row


def binary() -> Result:
    """Two rows; the second one has no key, and its answer was another model's."""
    first = [
        Contribution(input="hour", value=1855.0, adds=[1.25]),
        Contribution(input="wind", adds=[-0.5]),
        Contribution(input="carrier", value="B6", adds=[0.25]),
        Contribution(input="age", sensitive=True, adds=[0.0]),
    ]
    second = [one.model_copy(update={"adds": [-one.adds[0]]}) for one in first]
    return Result(
        model="late-arrival",
        estimator="gradient_boosting",
        task="binary",
        target="late",
        classes=[],
        method="trees",
        scale="log-odds",
        metric="roc_auc",
        background=500,
        base=Base(score=[-1.0], prediction=[0.2689]),
        source="artifacts/test.parquet",
        rows=[
            Row(
                row=17,
                key={"date": "2013-08-01", "flight": 11},
                actual=1,
                score=[0.0],
                prediction=[0.5],
                contributions=first,
            ),
            Row(
                row=1234,
                key={},
                recorded=[0.3],
                score=[-2.0],
                prediction=[0.1192],
                contributions=second,
            ),
        ],
        overall=Overall(
            rows=200,
            inputs=[
                Importance(input="hour", contribution=0.5, loss=0.02),
                Importance(input="wind", contribution=0.25, loss=0.04),
                Importance(input="carrier", contribution=0.125, loss=-0.01),
                Importance(input="age", contribution=0.0),
            ],
        ),
    )


def multiclass() -> Result:
    """A row, likeliest of the second class."""
    return binary().model_copy(
        update={
            "task": "multiclass",
            "target": "cultivar",
            "classes": ["red", "white", 3],
            "scale": "logits",
            "base": Base(score=[0.0, 0.0, 0.0], prediction=[1 / 3, 1 / 3, 1 / 3]),
            "rows": [
                Row(
                    row=1,
                    key={"wine": "wine-001"},
                    score=[-0.5, 2.5, -2.0],
                    prediction=[0.047, 0.942, 0.011],
                    contributions=[
                        Contribution(input="hue", value=0.8, adds=[-0.25, 2.0, -1.5]),
                        Contribution(input="ash", value=2.1, adds=[-0.25, 0.5, -0.5]),
                    ],
                )
            ],
        }
    )


def regression() -> Result:
    """A row of large numbers."""
    return binary().model_copy(
        update={
            "task": "regression",
            "target": "price",
            "scale": "value",
            "method": "linear",
            "base": Base(score=[150.0], prediction=[150.0]),
            "rows": [
                Row(
                    row=1,
                    key={"house": "h-1"},
                    score=[140.25],
                    prediction=[140.25],
                    contributions=[
                        Contribution(input="size", value=-3.5, adds=[-12.25]),
                        Contribution(input="rooms", value=4, adds=[2.5]),
                    ],
                )
            ],
        }
    )


def every() -> dict[str, Result]:
    return {"binary": binary(), "multiclass": multiclass(), "regression": regression()}


def wide(inputs: int) -> Result:
    """A row of so many inputs, each of which adds a little less."""
    found = binary()
    adds = [1 / (at + 1) for at in range(inputs)]
    contributions = [
        Contribution(input=f"input {at}", value=at, adds=[add]) for at, add in enumerate(adds)
    ]
    row = found.rows[0].model_copy(
        update={"contributions": contributions, "score": [found.base.score[0] + sum(adds)]}
    )
    importances = [Importance(input=f"input {at}", contribution=a) for at, a in enumerate(adds)]
    overall = Overall(rows=200, inputs=importances)
    return found.model_copy(update={"rows": [row], "overall": overall})
