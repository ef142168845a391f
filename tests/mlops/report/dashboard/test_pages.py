"""Pages that ask for nothing, whatever a tag or a line says."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import cycle
from typing import Any

import pytest

from mlops.dashboard.cards import Document
from mlops.dashboard.facts import Facts
from mlops.report.dashboard import pages
from mlops.report.dashboard.pages import figure, linked, render
from tests.mlops.dashboard.shown import Shown
from tests.mlops.report.rendered import Page
from tests.mlops.report.test_untrusted import ATTACKS

SAID = {"by", "reason", "what", "why", "summary", "on", "drifted"}
SAID |= {"through", "gate", "first", "last", "largest", "feature"}
"""What people and pull requests write."""
RUNNING = {"script", "img", "iframe", "object", "embed", "form", "base", "video", "audio"}


@pytest.mark.parametrize("page", pages.PAGES)
def test_every_page_asks_for_nothing_and_has_no_script(facts: Facts, page: str) -> None:
    html = render(facts, backtest=False)[page]

    read = Page(html)
    assert not read.unbalanced
    assert not read.open
    assert not read.names & RUNNING
    assert [attrs["href"] for tag, attrs in read.tags if tag == "link"] == ["data:,"]
    assert not re.search(r"url\(|@import|src=", html)
    assert "default-src 'none'" in html
    assert '<meta name="viewport" content="width=device-width, initial-scale=1">' in html


@pytest.mark.parametrize("page", pages.PAGES)
def test_all_pages_share_one_navigation(facts: Facts, page: str) -> None:
    html = render(facts, backtest=True)[page]

    links = Shown(html).links
    assert [link for link in links if link in (*pages.PAGES, pages.BACKTEST)][:6] == [
        *pages.PAGES,
        pages.BACKTEST,
    ]
    assert f'<a href="{page}" aria-current="page">' in html


def with_texts(content: Any, texts: Iterator[str], key: str = "") -> Any:
    """The same facts, with another text for each that somebody has written."""
    if isinstance(content, dict):
        return {name: with_texts(value, texts, name) for name, value in content.items()}
    if isinstance(content, list):
        return [with_texts(value, texts, key) for value in content]
    return next(texts) if key in SAID and isinstance(content, str) and content else content


def said(facts: Facts, texts: list[str]) -> dict[str, Page]:
    content = with_texts(facts.model_dump(mode="json"), cycle(texts))
    pages_of_it = render(Facts.model_validate(content), backtest=False)
    return {name: Page(html) for name, html in pages_of_it.items()}


@pytest.mark.parametrize("first", range(0, 35, 7))
def test_a_hostile_text_is_text(facts: Facts, first: int) -> None:
    calm = said(facts, ["calm"])
    attacks = [text[:200] for text in ATTACKS if text.strip()]
    found = said(facts, attacks[first:] + attacks[:first])

    for name in ("index.html", "audit.html", "fairness.html"):
        read = found[name]
        assert [tag for tag, _ in read.tags] == [tag for tag, _ in calm[name].tags], name
        assert not read.comments
        assert not read.unbalanced
        assert set(read.links) == set(calm[name].links)
        assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b\x00-\x08]", read.text + read.code)


def test_hostile_cards_run_and_fetch_nothing(facts: Facts) -> None:
    card = Document(path="reports/card.md", text="\n\n".join(ATTACKS))
    cards = facts.cards.model_copy(update={"model": card, "data": [card]})
    found = render(facts.model_copy(update={"cards": cards}), backtest=False)
    for name in ("model.html", "data.html"):
        read = Page(found[name])

        assert "octocat" in read.text
        assert not read.names & RUNNING
        assert not any(key.startswith("on") for _, attrs in read.tags for key in attrs)
        assert not read.comments
        ours = {str(link) for link in read.links if not str(link).startswith("https://")}
        assert ours <= {*pages.PAGES, "site.json", "data:,"}


def test_a_run_is_a_link_only_on_the_web(facts: Facts) -> None:
    content = facts.model_dump(mode="json")
    content["looks"][0]["run"] = "javascript:alert(1)"
    content["audit"][0]["run"] = "http://evil.example"

    for html in render(Facts.model_validate(content), backtest=False).values():
        assert "javascript" not in html
        assert "evil" not in html


def test_commits_and_pull_requests_lead_to_the_repository(facts: Facts) -> None:
    there = facts.model_copy(update={"web": "https://github.com/acme/flights"})

    links = Shown(render(there, backtest=False)["index.html"]).links
    assert f"https://github.com/acme/flights/commit/{facts.commit}" in links
    assert "https://github.com/acme/flights/pull/7" in links
    assert not any(
        "/commit/" in link for link in Shown(render(facts, backtest=False)["index.html"]).links
    )


def test_what_is_no_address_of_the_web_is_no_link() -> None:
    assert linked("run", "javascript:alert(1)") == "run"
    assert linked("<b>", 'https://e.x/"') == (
        '<a href="https://e.x/&#34;" rel="noreferrer">&lt;b&gt;</a>'
    )


def test_a_figure_has_a_text_and_a_value() -> None:
    at = datetime(2013, 9, 1, 12, tzinfo=UTC)

    assert figure("a", "12:00", at) == (
        '<data data-figure="a" value="2013-09-01T12:00:00+00:00">12:00</data>'
    )
    assert figure("b", "0.7", 0.70000000001) == '<data data-figure="b" value="0.7">0.7</data>'
    assert figure("c", "<i>") == '<data data-figure="c" value="&lt;i&gt;">&lt;i&gt;</data>'


def test_what_nobody_can_tell_is_not_told(facts: Facts) -> None:
    assert "champion.ahead" in Shown(render(facts, backtest=False)["index.html"]).figures
    unknown = facts.model_copy(update={"ahead": None})
    assert "champion.ahead" not in Shown(render(unknown, backtest=False)["index.html"]).figures


def test_long_lists_show_the_newest_and_say_how_many_are_older(facts: Facts) -> None:
    many = facts.model_copy(update={"pulls": facts.pulls * 9, "merges": facts.merges * 9})

    figures = Shown(render(many, backtest=False)["index.html"]).figures
    assert figures["pulls.older"].text == str(len(facts.pulls) * 9 - pages.ROWS)
    newest = len(facts.pulls) * 9
    assert f"pull.{newest}.at" in figures
    assert f"pull.{newest - pages.ROWS}.at" not in figures


def test_thousands_of_lines_are_still_a_page_that_opens(facts: Facts) -> None:
    years = facts.model_copy(update={"looks": facts.looks * 130, "audit": facts.audit * 60})

    found = render(years, backtest=False)
    assert all(len(html.encode()) < 3_000_000 for html in found.values())
    assert found["index.html"].count('class="mark ') < 200
