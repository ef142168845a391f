"""The facts as pages that need nothing else: no script, no request, links within the folder."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from itertools import groupby

from jinja2 import Environment
from markupsafe import Markup

from mlops.dashboard.facts import Facts
from mlops.dashboard.releases import Metric
from mlops.history.record import Look
from mlops.report import html, wording
from mlops.report.dashboard import charts, markdown
from mlops.report.dashboard import wording as words
from mlops.report.dashboard.charts import Mark
from mlops.report.monitor import wording as monitor_words
from mlops.report.untrusted import clean

BACKTEST = "backtest.html"
PAGES = {
    "index.html": "Overview",
    "audit.html": "Audit log",
    "model.html": "Model card",
    "data.html": "Data",
    "fairness.html": "Fairness",
}
ROWS = 20  # of a table on the overview, the newest
MONTHS = 24
VERSIONS = 40  # over which a metric is drawn, the newest
LOOKS = 60  # the same


def render(facts: Facts, *, backtest: bool) -> dict[str, str]:
    """Every page by its file's name; `backtest` links to that one, which others have made."""
    shared = {
        "facts": facts,
        "nav": PAGES | ({BACKTEST: "Backtest"} if backtest else {}),
        "web": lambda path: f"{facts.web}/{path}" if facts.web else "",
    }
    return {
        page: _environment().get_template(f"dashboard/{page}.j2").render(shared, page=page)
        for page in PAGES
    }


def figure(name: str, shown: str, value: str | float | datetime | None = None) -> Markup:
    """A figure by its name: what is shown, and its value for programs where that is another."""
    text = clean(shown)
    if isinstance(value, datetime):
        value = words.moment(value)
    elif isinstance(value, float):
        value = repr(round(value, 6))
    machine = text if value is None else str(value)
    return Markup('<data data-figure="{}" value="{}">{}</data>').format(name, machine, text)


def linked(shown: str, address: str) -> str:
    """What is shown, as a link where there is an address of the web."""
    if not address.startswith("https://"):
        return shown
    return Markup('<a href="{}" rel="noreferrer">{}</a>').format(address, shown)


def trend(facts: Facts, metric: Metric) -> Markup:
    """A metric over the versions, what became of each in its mark."""
    versions = facts.versions[-VERSIONS:]
    marks = []
    for place, release in enumerate(versions):
        score = release.metrics.get(metric.name)
        if score:
            fate = words.fate(facts, release)
            spoken = f"{release.version}, {words.FATES[fate]}: {metric.name} {score.value:.4f}"
            marks.append(
                Mark(
                    place=place,
                    value=score.value,
                    low=score.low,
                    high=score.high,
                    style=fate,
                    figure=f"version.{release.version}.{metric.name}",
                    spoken=" ".join([spoken, words.span(score.low, score.high)]),
                )
            )
    names = [release.version for release in versions]
    return charts.over(f"{metric.name} by version", names, marks, level=metric.floor)


def arrived(facts: Facts) -> Markup:
    """The headline metric on what had arrived, beside the one on the held-out rows."""
    name = facts.metrics[0].name if facts.metrics else ""
    looks = [
        (place, look)
        for place, look in enumerate(facts.looks, start=1)
        if look.metrics.get(name) is not None
    ][-LOOKS:]
    marks = []
    for column, (place, look) in enumerate(looks):
        for style, value in (("held", look.held_out.get(name)), (look.outcome, look.metrics[name])):
            if value is not None:
                source = "held out" if style == "held" else "arrived"
                marks.append(
                    Mark(
                        place=column,
                        value=value,
                        low=None,
                        high=None,
                        style=style.replace(" ", "-"),
                        figure=f"look.{place}.{source.replace(' ', '_')}",
                        spoken=f"{words.minute(look.at)}, {source}: {name} {value:.4f}",
                    )
                )
    names = [f"{words.minute(look.at):.10}" for _, look in looks]
    return charts.over(f"{name} on what had arrived, by look", names, marks)


def by_month(looks: Sequence[Look]) -> list[tuple[str, list[tuple[int, Look]]]]:
    """The looks of each month, with their numbers."""
    numbered = groupby(enumerate(looks, start=1), lambda one: words.minute(one[1].at)[:7])
    return [(month, list(of_month)) for month, of_month in numbered]


@cache
def _environment() -> Environment:
    environment = html.environment()
    environment.filters |= {"card": markdown.html, "title_of": markdown.title}
    environment.globals |= {
        "f": figure,
        "linked": linked,
        "words": words,
        "number": wording.number,
        "NONE": wording.NONE,
        "share": monitor_words.share,
        "counted": monitor_words.counted,
        "arrow": monitor_words.arrow,
        "charts": charts,
        "trend": trend,
        "arrived": arrived,
        "by_month": by_month,
        "ROWS": ROWS,
        "MONTHS": MONTHS,
    }
    return environment
