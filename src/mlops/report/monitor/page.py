"""A look at a model as one HTML page that needs nothing else: no script, no request."""

from functools import cache

from jinja2 import Environment
from markupsafe import Markup

from mlops.monitor.result import Calibration, Result
from mlops.report import charts, html, wording
from mlops.report.charts import Series
from mlops.report.monitor import charts as monitor_charts
from mlops.report.monitor import wording as words

CARDS = 60  # columns that are drawn
ROWS = 400  # of a table


def render(result: Result) -> str:
    """The page; every text of the result is escaped."""
    return _environment().get_template("monitor.html.j2").render(result=result)


@cache
def _environment() -> Environment:
    environment = html.environment()
    environment.filters |= {
        "share": words.share,
        "chance": words.chance,
        "unquoted": lambda text: text.replace("`", ""),
    }
    environment.globals |= {
        "words": words,
        "NONE": wording.NONE,
        "decimals": wording.decimals,
        "interval": wording.interval,
        "drawn": monitor_charts,
        "reliability": _reliability,
        "CARDS": CARDS,
        "ROWS": ROWS,
    }
    return environment


def _reliability(known: Calibration) -> Markup:
    found = Series("observed", "challenger", known.forecast, known.observed)
    points = Series("observed", "challenger", known.forecast, known.observed, dots=True)
    return charts.lines([points, found], "forecast", "observed", diagonal=True)
