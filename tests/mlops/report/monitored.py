"""Looks to render: what a monitor can come to."""

import math
from datetime import date, timedelta
from typing import Any

from mlops.monitor.result import (
    Calibration,
    Champion,
    Check,
    Column,
    Concept,
    Drift,
    Estimate,
    Estimated,
    Histogram,
    Looked,
    Metric,
    Performance,
    Quality,
    Reason,
    Result,
    Serving,
    Slice,
    Window,
)

COMMIT = "5c7d20b1" * 5
NUMBERS = [
    *("temp", "dewp", "humid", "wind_speed", "pressure", "visib", "distance", "seats"),
    *("sched_dep_time", "sched_arr_time", "departures", "carrier_late_7d", "dest_late_7d"),
]
TEXTS = {"carrier": ["UA", "B6", "EV", "DL"], "origin": ["EWR", "JFK", "LGA"]}
VALUES = {  # now, half an interval, held out, margin
    "roc_auc": (0.7321, 0.0141, 0.7410, 0.02),
    "average_precision": (0.5312, 0.024, 0.5483, 0.03),
    "brier": (0.1762, 0.0061, 0.1730, 0.005),
    "log_loss": (0.5301, 0.0153, 0.5219, 0.015),
    "recall": (0.6311, 0.031, 0.6490, None),
}


def result(**changed: Any) -> Result:
    """A steady look at September, with labels and metrics; fields as `changed`."""
    content = {
        "outcome": "steady",
        "summary": "nothing has moved further than it usually does",
        "model": "late-arrival",
        "made": "2013-10-02T05:23:41Z",
        "run": "https://github.com/acme/flights/actions/runs/4711",
        "block": "date",
        "champion": Champion(
            version="1.2.0",
            commit=COMMIT,
            lock="9e8b44d2" * 8,
            first="2013-01-01",
            last="2013-08-31",
            held_out="2013-07-01",
            rows=221_731,
            blocks=243,
        ),
        "batch": Looked(
            source="2013-09",
            period="2013-09",
            first="2013-09-01",
            last="2013-09-30",
            rows=27_010,
            blocks=30,
            labelled=27_010,
        ),
        "quality": Quality(state="steady"),
        "drift": drift(),
        "performance": performance(),
        "estimate": estimate(),
        "serving": serving(),
    }
    return Result.model_validate(content | changed)


def steady() -> Result:
    return result()


def alarm() -> Result:
    """A unit changed, the model lost, the servers are slow."""
    broken = {"temp": 2.81, "carrier": 0.23}
    return result(
        outcome="alarm",
        summary="drift of temp, carrier; worse by brier; servers count too much: p99_ms",
        reasons=[
            Reason(section="drift", what="temp moved by 2.81 SD, usually 0.62 (p < 0.001)"),
            Reason(section="drift", what="carrier moved by 23 %, usually 2.1 % (p = 0.004)"),
            Reason(section="performance", what="brier is worse by 0.0132, more than 0.005"),
            Reason(section="concept", what="more flights are late than forecast: +0.061"),
            Reason(section="serving", what="p99_ms is 212, at most 100"),
        ],
        drift=drift(drifted=broken),
        performance=performance(lost=0.013),
        serving=serving(slow=True),
    )


def broken() -> Result:
    """Rows that no model should be given."""
    findings = [
        "rows.csv: the column seats is missing, a number was expected",
        "humid: between 0 and 100 was expected, 1,204 rows have 0.62, 0.58, 0.71",
    ]
    return result(
        outcome="alarm",
        summary="the rows break rules",
        reasons=[Reason(section="quality", what=finding) for finding in findings]
        + [Reason(section="drift", what="humid moved by 3.4 SD, usually 0.4 (p < 0.001)")],
        quality=Quality(state="alarm", findings=findings, failed=7, repeated=12, known=340),
        drift=drift(drifted={"humid": 3.4}),
    )


def waiting() -> Result:
    """A single day without labels, of a server whose metrics nobody gave."""
    return result(
        outcome="no data",
        summary="1 block is there, 14 are needed",
        batch=Looked(
            source="seen.jsonl",
            first="2013-09-01",
            last="2013-09-01",
            rows=718,
            blocks=1,
            labelled=0,
        ),
        drift=drift(why_not="1 block is there, monitor.window × monitor.windows = 14 are needed"),
        performance=Performance(
            state="untold", why_not="no row has a label yet", mature=0, waiting=1
        ),
        estimate=Estimate(
            state="untold", why_not="fewer than 7 blocks in the batch, a window", level=0.95
        ),
        serving=Serving(state="untold", why_not="no metrics were given"),
    )


def no_data() -> Result:
    return result(
        outcome="no data",
        summary="the source has no period after 2013-08",
        batch=None,
        quality=None,
        drift=None,
        performance=None,
        estimate=None,
        serving=None,
    )


def failed() -> Result:
    return result(
        outcome="failed",
        summary="the monitor could not look: http://127.0.0.1:8080/metrics: no answer in 10 s",
        champion=None,
        batch=None,
        quality=None,
        drift=None,
        performance=None,
        estimate=None,
        serving=None,
    )


def every() -> dict[str, Result]:
    """One of each kind, by name."""
    return {
        "steady": steady(),
        "alarm": alarm(),
        "broken": broken(),
        "waiting": waiting(),
        "no data": no_data(),
        "failed": failed(),
    }


def drift(*, drifted: dict[str, float] | None = None, why_not: str = "") -> Drift:
    """15 inputs, the prediction and the label; those of `drifted` moved so far."""
    far = drifted or {}
    columns = [
        column(name, distance=far.get(name), untold=bool(why_not))
        for name in sorted([*NUMBERS, *TEXTS], key=lambda name: -far.get(name, 0))
    ]
    columns.insert(len(far), column("temp", view="relation", untold=bool(why_not)))
    return Drift(
        state="untold" if why_not else "alarm" if far else "steady",
        why_not=why_not,
        window=7,
        windows=2,
        reference=28,
        alpha=0.05,
        effect=0.1,
        columns=columns,
        prediction=[column("prediction", untold=bool(why_not))],
        label=None if why_not else column("late"),
    )


def column(
    name: str, *, distance: float | None = None, view: str = "values", untold: bool = False
) -> Column:
    """A column over four windows, in the newest two of which it moved by `distance`."""
    text = name in TEXTS
    usual = 0.02 if text else 0.2 + len(name) / 50
    labels = TEXTS.get(name, [f"{n * 8} to {n * 8 + 8}" for n in range(10)])
    share = 1 / len(labels)
    slope = 0.5 if distance is not None else 0.08
    tilt = [slope * (2 * n / (len(labels) - 1) - 1) * share for n in range(len(labels))]
    days = [date(2013, 9, 3) + timedelta(days=7 * n) for n in range(4)]
    windows = [
        Window(
            first=day.isoformat(),
            last=(day + timedelta(days=6)).isoformat(),
            rows=6_200 + 40 * n,
            distance=distance * (1 + n / 40)
            if distance is not None and n > 1
            else usual * (0.8 + math.sin(n + len(name)) / 4),
            usual=usual * (1 + n / 20),
            p=0.0002 if distance is not None and n > 1 else 0.61,
        )
        for n, day in enumerate(days)
    ]
    there = not untold
    return Column(
        name=name,
        kind="text" if text else "number",
        view=view,  # type: ignore[arg-type]
        distance=(distance if distance is not None else usual * 0.9) if there else None,
        usual=usual if there else None,
        p=(0.0002 if distance is not None else 0.61) if there else None,
        corrected=(0.004 if distance is not None else 1.0) if there else None,
        drifted=distance is not None,
        gaps_before=0.012,
        gaps_now=0.013,
        windows=windows if there else [],
        histogram=None
        if view == "relation"
        else Histogram(
            labels=[*labels, "gaps"],
            before=[*(share * 0.988 for _ in labels), 0.012],
            now=[*((share + bend) * 0.987 for bend in tilt), 0.013],
        ),
    )


def performance(*, lost: float = 0.0) -> Performance:
    """All metrics; with `lost`, Brier score and calibration are beyond their limits."""
    metrics = []
    for name, (value, half, held_out, margin) in VALUES.items():
        less_is_better = name in ("brier", "log_loss")
        worse = lost if name == "brier" else 0.0
        now = value + worse if less_is_better else value - worse
        difference = held_out - now if less_is_better else now - held_out
        metrics.append(
            Metric(
                name=name,
                value=now,
                low=now - half,
                high=now + half,
                held_out=held_out,
                difference=difference,
                difference_low=difference - half,
                difference_high=difference + half,
                margin=margin,
                floor={"roc_auc": 0.66, "brier": 0.2}.get(name),
                state="alarm" if worse else "steady",
            )
        )
    forecast = [0.05, 0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75]
    return Performance(
        state="alarm" if lost else "steady",
        labelled=1.0,
        mature=30,
        level=0.95,
        metrics=metrics,
        slices=[
            Slice(
                name=f"carrier = {carrier}",
                rows=rows,
                metrics={"roc_auc": 0.74 - gap, "brier": 0.17 + gap / 2} if rows >= 500 else {},
                held_out={"roc_auc": 0.745, "brier": 0.171},
            )
            for carrier, rows, gap in [
                *(("UA", 4_702, 0.01), ("B6", 4_422, 0.07), ("EV", 4_391, -0.01)),
                *(("OO", 29, 0.0), ("DL", 3_883, 0.02)),
            ]
        ],
        calibration=Calibration(
            error=0.0188 + 5 * lost,
            slope=0.97,
            limit=0.08,
            forecast=forecast,
            observed=[f + lost * 6 * (1 - f) for f in forecast],
            rows=[6_021, 7_310, 5_002, 3_900, 2_411, 1_300, 760, 306],
        ),
        concept=Concept(
            state="alarm" if lost else "steady",
            shift=0.004 + 4.4 * lost,
            low=-0.021 + 4.4 * lost,
            high=0.029 + 4.4 * lost,
            effect=abs(0.004 + 4.4 * lost) / 0.43,
            p=0.003 if lost else 0.71,
        ),
    )


def estimate() -> Estimate:
    return Estimate(
        state="steady",
        level=0.95,
        windows=8,
        metrics=[
            Estimated(
                name=name,
                value=value + 0.004,
                low=value - 0.03,
                high=value + 0.038,
                held_out=held_out,
                truth=value,
                within=True,
                error=0.011,
            )
            for name, (value, _, held_out, margin) in VALUES.items()
            if margin
        ],
        notes=["It holds where forecasts are calibrated and inputs still mean the same outcome."],
    )


def serving(*, slow: bool = False) -> Serving:
    return Serving(
        state="alarm" if slow else "steady",
        source="http://127.0.0.1:8080/metrics",
        requests=120_431,
        rows=151_200,
        checks=[
            Check(name="errors", value=0.0004, limit=0.01),
            Check(name="rejected", value=0.0121, limit=0.05, note="1,402 unknown field"),
            Check(name="flagged", value=0.003, limit=0.05),
            Check(name="p50_ms", value=2.1),
            Check(
                name="p99_ms",
                value=212.0 if slow else 12.4,
                limit=100.0,
                state="alarm" if slow else "steady",
            ),
        ],
    )
