"""Every page of the dashboard in a browser: at a desk and on a phone, by day and by night."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import product
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from mlops.dashboard import site
from tests.conftest import ROOT
from tests.dashboard.browser import Tab, browser
from tests.mlops.dashboard import world
from tests.mlops.dashboard.world import git

pytestmark = pytest.mark.slow

PAGES = ("index.html", "audit.html", "model.html", "data.html", "fairness.html")
SITES = {"half_a_year": world.years, "bare_copy": world.short}
WIDTHS = (1280, 390)
SMALLEST = 11  # CSS pixels of a letter
READABLE, LARGE = 4.5, 3.0  # WCAG 2.2, 1.4.3: contrast of text, and of large text

TEXTS = """
(() => {
  document.querySelectorAll("details").forEach(one => { one.open = true; });
  const parse = text => (text.match(/[\\d.]+/g) || []).map(Number);
  const ground = element => {
    for (let at = element; at; at = at.parentElement) {
      const [r, g, b, alpha = 1] = parse(getComputedStyle(at).backgroundColor);
      if (alpha > 0) return [r, g, b];
    }
    return [255, 255, 255];
  };
  const light = colour => {
    const [r, g, b] = colour.map(n => n / 255)
      .map(n => n <= 0.04045 ? n / 12.92 : ((n + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement, style = getComputedStyle(element);
    const text = walker.currentNode.data.trim();
    if (!text || ["STYLE", "title"].includes(element.tagName)) continue;
    const svg = element.closest("svg");
    const scale = svg ? svg.getScreenCTM().a : 1;
    const ink = light(parse(svg ? style.fill : style.color).slice(0, 3));
    const paper = light(ground(element));
    const contrast = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
    const size = parseFloat(style.fontSize) * scale;
    found.push([text, size, contrast, size >= 24 || (size >= 18.66 && style.fontWeight >= 700)]);
  }
  return found;
})()
"""


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Both dashboards on loopback; the address of the folder that holds them."""
    folder, here = tmp_path_factory.mktemp("sites"), Path.cwd()
    for name, happen in SITES.items():
        history = tmp_path_factory.mktemp("history")
        world.build(history, happen)
        os.chdir(history)
        cards = ("model_card.md", "data_quality.md", "plots/importance.csv")
        world.write({f"reports/{card}": (ROOT / "reports" / card).read_text() for card in cards})
        git("commit", "-q", "-a", "-m", "the cards of a real run")
        site.write(folder / name)
    os.chdir(here)
    with serving(folder) as address:
        yield address


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def tab() -> Iterator[Tab]:
    with browser() as opened:
        yield opened


@pytest.mark.parametrize("page", ["/".join(parts) for parts in product(SITES, PAGES)])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_page_is_legible_and_asks_for_nothing(
    tab: Tab, sites: str, page: str, width: int, dark: bool
) -> None:
    address = f"{sites}/{page}"
    tab.look(width, dark=dark)
    tab.open(address)

    texts = tab.ask(TEXTS)
    assert len(texts) > 20
    assert [text for text in texts if text[1] < SMALLEST] == []
    assert [t for t in texts if t[2] < (LARGE if t[3] else READABLE)] == []
    assert tab.ask("document.scrollingElement.scrollWidth") <= width
    assert tab.requests == [address]
    assert tab.complaints == []


def test_dark_is_dark(tab: Tab, sites: str) -> None:
    seen = []
    for dark in (False, True):
        tab.look(390, dark=dark)
        tab.open(f"{sites}/half_a_year/index.html")
        seen.append(tab.ask("getComputedStyle(document.documentElement).backgroundColor"))

    assert seen == ["rgb(255, 255, 255)", "rgb(13, 17, 23)"]


def test_every_page_is_reached_by_following_links(tab: Tab, sites: str) -> None:
    start = f"{sites}/half_a_year/index.html"
    waiting, reached = [start], set[str]()
    while waiting:
        address = waiting.pop()
        tab.open(address)
        reached.add(address)
        assert "Error response" not in tab.ask("document.documentElement.textContent"), address
        links = {link.partition("#")[0] for link in tab.ask("[...document.links].map(a => a.href)")}
        inside = {link for link in links if link.startswith(sites)}
        waiting += inside - reached - set(waiting)

    folder = f"{sites}/half_a_year/"
    assert reached == {f"{folder}{page}" for page in (*PAGES, "site.json")}
