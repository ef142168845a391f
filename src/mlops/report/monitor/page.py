"""A look at a model as one HTML page that needs nothing else: no script, no request."""

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from mlops.monitor.result import Calibration, Result
from mlops.report import charts, wording
from mlops.report.charts import Series
from mlops.report.monitor import charts as monitor_charts
from mlops.report.monitor import wording as words
from mlops.report.untrusted import clean

CARDS = 60  # columns that are drawn
ROWS = 400  # of a table


def render(result: Result) -> str:
    """The page; every text of the result is escaped."""
    return _environment().get_template("monitor.html.j2").render(result=result)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("mlops.report"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=True,
        finalize=_finalize,
    )
    environment.filters |= {
        "number": wording.number,
        "signed": wording.signed,
        "share": words.share,
        "chance": words.chance,
        "count": lambda n: f"{n:,}",
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


def _finalize(value: object) -> object:
    """What HTML cannot escape is taken out of every text: controls and changes of direction."""
    is_text = isinstance(value, str) and not hasattr(value, "__html__")
    return clean(value) if is_text and isinstance(value, str) else value
