"""A backtest as one HTML page that needs nothing else: no script, no request, light and dark."""

from functools import cache

from jinja2 import Environment
from markupsafe import Markup

from mlops.backtest.result import Gain, Period, Result
from mlops.report import charts, html, wording
from mlops.report.backtest import drawing
from mlops.report.charts import Interval


def render(result: Result) -> str:
    """The page; every text of the result is escaped."""
    drawn = [metric.name for metric in result.metrics if metric.drawn]
    return (
        _environment()
        .get_template("backtest.html.j2")
        .render(result=result, drawn=drawn, panels=drawing.panels(result))
    )


def over(periods: list[Period], name: str) -> list[Interval | None]:
    """By period, how much better the gates' model was than never retraining, as a forest plot."""
    return charts.forest([_row(one.differences["gated over never"].get(name)) for one in periods])


def _row(found: Gain | None) -> charts.Row:
    if found is None:
        return None, None, None, None, None
    low, high = found.low, found.high
    surely = low is not None and high is not None and (low > 0 or high < 0)
    outcome = "pass" if surely and (found.value or 0) > 0 else "fail" if surely else "inconclusive"
    return low, found.value, high, None, outcome  # type: ignore[return-value]


@cache
def _environment() -> Environment:
    environment = html.environment()
    environment.globals |= {
        "LINES": drawing.LINES,
        "SEEN": drawing.SEEN,
        "STYLE": Markup(drawing.STYLE),  # noqa: S704 - no text of anybody's
        "interval": wording.interval,
        "over": over,
    }
    return environment
