"""A verdict as one HTML page that needs nothing else: no script, no request, light and dark."""

from collections.abc import Mapping

import pandas as pd

from mlops.judge.verdict import Measure, Metric, Verdict
from mlops.report import charts, html, wording
from mlops.report.charts import Interval

MEASURES = 2_000  # shown in all; with more than these, FEW of every gate
FEW = 50
NOTE = 300  # characters of a measure's note


def render(verdict: Verdict, plots: Mapping[str, Mapping[str, pd.DataFrame]]) -> str:
    """The full report.

    `plots` has the tables of reports/plots/ by name, of the challenger and, where there is one, of
    the champion; without any, the small charts of the verdict are drawn.
    """
    environment = html.environment()
    environment.filters |= {
        "limit": wording.limit,
        "seconds": wording.seconds,
    }
    environment.globals |= {
        "words": wording,
        "decimals": wording.decimals,
        "interval": wording.interval,
        "reading": wording.reading,
        "forest_of_metrics": _of_metrics,
        "forest_of_measures": _of_measures,
    }
    many = sum(len(gate.measures) for gate in verdict.gates) > MEASURES
    environment.globals |= {"NOTE": NOTE, "shown": FEW if many else MEASURES}
    template = environment.get_template("page.html.j2")
    drawn = charts.drawings(plots) or charts.of_verdict(verdict.charts)
    return template.render(verdict=verdict, drawings=drawn)


def _of_metrics(metrics: list[Metric]) -> list[Interval | None]:
    return charts.forest([(m.low, m.difference, m.high, m.margin, None) for m in metrics])


def _of_measures(measures: list[Measure]) -> list[Interval | None]:
    return charts.forest([(m.low, m.difference, m.high, m.limit, m.outcome) for m in measures])
