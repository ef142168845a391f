"""Explanations as one HTML page that needs nothing else: no script, no request."""

from functools import cache

from jinja2 import Environment

from mlops.explain.result import Result
from mlops.report import html
from mlops.report.explain import charts
from mlops.report.explain import wording as words

MOST = 12  # contributions of a row that are drawn one by one
ROWS = 100  # that are drawn
INPUTS = 60  # of the overall picture


def render(result: Result) -> str:
    """The page; every text of the result is escaped."""
    return _environment().get_template("explain.html.j2").render(result=result)


@cache
def _environment() -> Environment:
    environment = html.environment()
    environment.globals |= {
        "words": words,
        "waterfall": charts.waterfall,
        "bars": charts.bars,
        "MOST": MOST,
        "ROWS": ROWS,
        "INPUTS": INPUTS,
    }
    return environment
