"""The page of a look: one file, no request, every text escaped."""

import re

import pytest

from mlops.report.monitor import page
from mlops.report.monitor.page import render
from tests.mlops.report import monitored
from tests.mlops.report.monitor.test_markdown import crowded, huge, poisoned
from tests.mlops.report.rendered import Page
from tests.mlops.report.test_untrusted import ATTACKS


@pytest.mark.parametrize("name", list(monitored.every()))
def test_every_look_is_a_page_that_asks_for_nothing(name: str) -> None:
    html = render(monitored.every()[name])

    read = Page(html)
    assert html.startswith("<!DOCTYPE html>")
    assert not read.unbalanced
    assert not read.open
    assert not read.names & {"script", "link", "img", "iframe", "object", "form", "base", "a"}
    assert not re.search(r"url\(|@import|src=", html)
    assert "default-src 'none'" in html


def test_it_fits_a_phone_and_the_night() -> None:
    html = render(monitored.alarm())

    assert '<meta name="viewport" content="width=device-width, initial-scale=1">' in html
    assert "@media (prefers-color-scheme: dark)" in html
    assert "@media (max-width: 640px)" in html


def headings(html: str) -> list[str]:
    return [text.strip() for text in re.findall(r"<h[123][^>]*>(?:<b>)?([^<]*)", html)]


def test_the_outcome_comes_first_then_why_what_to_do_and_the_parts() -> None:
    assert headings(render(crowded(monitored.alarm()))) == [
        *("Alarm:", "Why", "What to do next", "In short", "Data quality", "Drift"),
        *("Drifted inputs", "Predictions and label", "Performance", "Slices, the worst first"),
        *("Estimated performance, without labels", "Serving", "This look"),
    ]


@pytest.mark.parametrize("name", ["no data", "failed"])
def test_without_a_look_it_only_says_so(name: str) -> None:
    html = render(monitored.every()[name])

    assert headings(html)[1:] == ["What to do next", "This look"]
    assert "Nothing was decided" in html


def test_every_part_says_why_it_cannot_be_told() -> None:
    html = render(monitored.waiting())

    reasons = re.findall(r'<p class="remedy">([^<]*)', html)
    assert "16 input views that cannot be told yet" in html
    assert reasons == [
        "1 block is there, monitor.window × monitor.windows = 14 are needed",
        "no row has a label yet",
        "fewer than 7 blocks in the batch, a window",
        "no metrics were given",
    ]


def test_each_column_has_a_card_and_the_drifted_ones_are_open() -> None:
    html = render(monitored.alarm())
    opened, _, folded = html.partition("14 input views that did not drift")

    cards = re.compile(r'<figure class="card">\n<figcaption>([\w]+)')
    assert cards.findall(opened) == ["temp", "carrier", "prediction", "late"]
    assert len(cards.findall(folded)) == 14
    assert html.count("given the others</span>") == 1
    assert opened.count('<circle class="fail"') == 4


def test_metrics_are_drawn_beside_the_held_out_rows() -> None:
    html = render(monitored.alarm())

    row = re.search(r'<tr><th scope="row">brier ↓</th>.*?</tr>', html, re.DOTALL)
    assert row
    assert 'class="chip fail"' in row[0]
    assert re.findall(r'<td class="n">([^<]*)', row[0]) == [
        *("0.1892", "0.1831 to 0.1953", "0.1730", "−0.0162", "−0.0223 to −0.0101"),
        *("0.0050", "0.2000"),
    ]
    assert 'aria-label="observed by forecast"' in html


def test_truth_stands_beside_the_estimate() -> None:
    html = render(monitored.result(performance=None, serving=None))

    assert len(re.findall(r'<i class="truth" style="left:[\d.]+%">', html)) == 4
    assert len(re.findall(r'<span class="chip pass">yes</span>', html)) == 4


def test_the_commit_is_whole() -> None:
    assert f'<dd class="hash">{monitored.COMMIT}</dd>' in render(monitored.steady())


@pytest.fixture(scope="module")
def calm() -> Page:
    return Page(render(poisoned("calm")))


@pytest.mark.parametrize("text", ATTACKS)
def test_a_hostile_text_is_text(text: str, calm: Page) -> None:
    read = Page(render(poisoned(text)))

    if text:
        conditional = {"p", "dt", "dd"}  # a line of its own, where there is a text
        assert [tag for tag, _ in read.tags if tag not in conditional] == [
            tag for tag, _ in calm.tags if tag not in conditional
        ]
    assert read.names <= calm.names
    assert not read.comments
    assert not read.unbalanced
    allowed = set().union(*(attrs for _, attrs in calm.tags))
    assert set().union(*(attrs for _, attrs in read.tags)) <= allowed
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b\x00-\x08]", read.text + read.code)


def test_a_huge_look_is_a_page_that_opens() -> None:
    html = render(huge("x" * 2000))

    assert len(html.encode()) < 10_000_000
    assert html.count('<figure class="card">') == 2 * page.CARDS
    assert "And 940 more in the table." in html
    assert "And 600 more in monitor.json." in html
