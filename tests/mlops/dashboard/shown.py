"""The figures of a page, as a browser would find them."""

from dataclasses import dataclass
from html.parser import HTMLParser

VOID = {"meta", "link", "br", "img", "hr"}
HIDDEN = {"style", "title"}  # of the page, and of a mark in a chart


@dataclass(frozen=True)
class Figure:
    """What is to be read, and the value for programs; a mark of a chart has no text."""

    text: str
    value: str


class Shown(HTMLParser):
    """The figures by name, and the text outside of them that people see."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.figures: dict[str, Figure] = {}
        self.rest = ""
        self.links: list[str] = []
        self.ids: set[str] = set()
        self._open: list[tuple[str, dict[str, str | None]]] = []
        self._text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.links += [str(given[key]) for key in ("href", "src") if given.get(key) is not None]
        self.ids |= {str(given["id"])} if "id" in given else set()
        if tag not in VOID:
            self._open.append((tag, given))
            self._text = "" if tag == "data" else self._text

    def handle_endtag(self, tag: str) -> None:
        opened, given = self._open.pop()
        assert opened == tag, f"</{tag}> closes <{opened}>"
        name = given.get("data-figure")
        if name:
            text = self._text if tag == "data" else ""
            figure = Figure(text, str(given["value" if tag == "data" else "data-value"]))
            assert self.figures.setdefault(name, figure) == figure, f"{name} is shown twice"

    def handle_data(self, data: str) -> None:
        self._text += data
        tags = {tag for tag, _ in self._open}
        aside = any(
            given.get("aria-hidden") == "true" or given.get("class") in ("tick", "card")
            for _, given in self._open
        )
        if not (tags & {*HIDDEN, "data"}) and not aside:
            self.rest += data
