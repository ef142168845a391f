"""The full report: one page, no request, every text escaped."""

import re

import pandas as pd
import pytest

from mlops.report import page
from mlops.report.page import render
from tests.mlops.report import verdicts
from tests.mlops.report.rendered import Page
from tests.mlops.report.test_markdown import poisoned, protected
from tests.mlops.report.test_untrusted import ATTACKS

PLOTS = {
    "roc": {
        "challenger": pd.DataFrame({"fpr": [0, 0.2, 1], "tpr": [0, 0.7, 1]}),
        "champion": pd.DataFrame({"fpr": [0, 0.3, 1], "tpr": [0, 0.6, 1]}),
    },
    "importance": {"challenger": pd.DataFrame({"feature": ["temp"], "loss": [0.1]})},
}


@pytest.mark.parametrize("name", list(verdicts.every()))
def test_every_verdict_is_a_page_that_asks_for_nothing(name: str) -> None:
    html = render(verdicts.every()[name], PLOTS)

    read = Page(html)
    assert html.startswith("<!DOCTYPE html>")
    assert not read.unbalanced
    assert not read.open
    assert not read.names & {"script", "link", "img", "iframe", "object", "form", "base"}
    assert all(link and link.startswith("#") for link in read.links)
    assert not re.search(r"https?://|url\(|@import", html)
    assert 'content="default-src &#39;none&#39;' in html or "default-src 'none'" in html


def test_links_within_the_page_lead_somewhere() -> None:
    read = Page(render(verdicts.refused(), PLOTS))

    places = {attrs["id"] for _, attrs in read.tags if "id" in attrs}
    assert read.links == ["#slices"]
    assert "slices" in places


def test_it_fits_a_phone_and_the_night() -> None:
    html = render(verdicts.verdict(), PLOTS)

    assert '<meta name="viewport" content="width=device-width, initial-scale=1">' in html
    assert "@media (prefers-color-scheme: dark)" in html
    assert "@media (max-width: 640px)" in html


def test_the_decision_comes_first_then_gates_metrics_slices_curves_and_the_rest() -> None:
    html = render(verdicts.refused(), PLOTS)

    assert re.findall(r"<h[12][^>]*>(?:<b>)?([^<]*)", html) == [
        *("Refused.", "Gates", "Metrics", "Slices, the worst first", "Curves", "Data"),
        *("Changes", "Reproduce it"),
    ]
    assert "Decision 3 on these held-out rows, so intervals at 99.2 %" in html


def test_blocking_gates_are_open_and_first() -> None:
    html = render(verdicts.refused(), PLOTS)

    gates = re.findall(r'<details( open)?>\n<summary>.*?class="title">(\w+)', html)
    assert gates[:5] == [
        *((" open", "floors"), (" open", "slices"), (" open", "stability")),
        *(("", "protected"), ("", "pipeline")),
    ]
    assert len(gates) == 16


def test_a_metric_has_its_place_in_the_forest() -> None:
    html = render(verdicts.verdict(), PLOTS)

    row = re.search(r'<tr><th scope="row">roc_auc ↑</th>.*?</tr>', html, re.DOTALL)
    assert row
    low, right = map(float, re.search(r"left:([\d.]+)%;right:([\d.]+)%", row[0]).groups())  # type: ignore[union-attr]
    assert 50 < low < 100 - right <= 100
    cells = re.findall(r'<td class="(?:n|word)">([^<]*)', row[0])
    assert cells == [
        *("better", "0.7410", "0.7313", "+0.0097", "+0.0023 to +0.0171", "0.0150"),
        *("0.7313", "0.5187"),
    ]


def test_the_plots_are_drawn_and_without_them_the_small_charts() -> None:
    drawn = re.findall(r"<figcaption>([^<]*)", render(verdicts.verdict(), PLOTS))
    small = re.findall(r"<figcaption>([^<]*)", render(verdicts.verdict(), {}))

    assert drawn == ["ROC curve", "Loss in score when an input is shuffled"]
    assert small == ["ROC", "Calibration"]
    assert "Curves" not in render(verdicts.stopped(), {})


def test_self_report_and_override_are_loud() -> None:
    loud = re.findall(r'<p class="loud"><b>(.*?)</b>', render(verdicts.refused(), {}))

    assert loud == ["Self-reported.", "Overridden."]
    assert 'class="loud"' not in render(verdicts.verdict(), {})
    assert "Self-reported" in render(protected(outcome="inconclusive"), {})


def test_every_hash_is_whole() -> None:
    html = render(verdicts.verdict(), {})

    for pinned in (
        verdicts.HEAD,
        verdicts.BASE,
        verdicts.OLD,
        "2b6126e44548090f153795d92881511e.dir",
    ):
        assert f'<dd class="hash">{pinned}</dd>' in html
    assert f"git fetch origin {verdicts.HEAD}\ngit checkout {verdicts.HEAD}\nmake pr" in html


def test_without_a_champion_nothing_is_compared() -> None:
    html = render(verdicts.no_champion(), {})

    assert "There is no comparison with a champion: No tag champion yet" in html
    assert '<div class="track"' not in html


@pytest.mark.parametrize("text", ATTACKS)
def test_a_hostile_text_is_text(text: str) -> None:
    hostile = {"<b>": {"challenger": pd.DataFrame({text[:50]: [0, 1], "y": [0, 1]})}}

    read, calm = Page(render(poisoned(text), hostile)), Page(render(poisoned("calm"), hostile))

    kept = [tag for tag, _ in read.tags if tag != "p"]
    if text:
        assert kept == [tag for tag, _ in calm.tags if tag != "p"]
    assert read.names == calm.names
    assert not read.comments
    assert not read.unbalanced
    allowed = set().union(*(attrs for _, attrs in calm.tags))
    assert set().union(*(attrs for _, attrs in read.tags)) == allowed
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b\x00-\x08]", read.text + read.code)


def test_a_huge_verdict_is_a_page_that_opens() -> None:
    html = render(verdicts.huge(), {})

    assert len(html.encode()) < 10_000_000
    assert html.count(f"And {400 - page.FEW} more in verdict.json.") == 40
