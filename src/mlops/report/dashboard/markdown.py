"""A card as HTML, by GitHub's own parser: no raw HTML, no image, no link to what is not there."""

import re

import cmarkgfm
from markupsafe import Markup

PAGES = {
    "model_card.md": "model.html",
    "data_card.md": "data.html",
    "data_quality.md": "data.html#data_quality",
}
_ALONE = "<!-- raw HTML omitted -->"
_IMAGE = re.compile(r'<img src="[^"]*" alt="([^"]*)"[^>]*/>')
_LINK = re.compile(r'<a href="([^"]*)"[^>]*>(.*?)</a>', re.DOTALL)
_HEADING = re.compile(r"(</?)h([1-5])>")


def title(text: str) -> str:
    """The heading that a card begins with; empty without one."""
    first = text.lstrip().partition("\n")[0]
    return first.removeprefix("# ").strip() if first.startswith("# ") else ""


def html(text: str) -> Markup:
    """The body of a card, without its title. Tables scroll on a narrow screen."""
    body = text.lstrip().partition("\n")[2] if title(text) else text
    parsed = cmarkgfm.github_flavored_markdown_to_html(body)
    shown = _IMAGE.sub(r"<em>\1</em>", parsed.replace(_ALONE, ""))
    shown = _LINK.sub(_linked, shown)
    shown = _HEADING.sub(lambda tag: f"{tag[1]}h{max(2, int(tag[2]))}>", shown)
    shown = shown.replace("<table>", '<div class="wide"><table>').replace(
        "</table>", "</table></div>"
    )
    return Markup(shown)  # noqa: S704 - the parser escapes every text and leaves raw HTML out


def _linked(found: re.Match[str]) -> str:
    """A link to a page of the site or to an address of the web, as parsed; else its text alone."""
    address, text = found[1], found[2]
    page = PAGES.get(address.rpartition("/")[2].partition("#")[0])
    if page and "://" not in address:
        return f'<a href="{page}">{text}</a>'
    if address.startswith("https://"):
        return f'<a href="{address}" rel="noreferrer">{text}</a>'
    return text
