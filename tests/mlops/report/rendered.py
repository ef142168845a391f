"""Markdown as GitHub's own parser reads it, and what GitHub's filters would find in the result."""

import re
from html.parser import HTMLParser

import cmarkgfm
from cmarkgfm.cmark import Options

# GitHub looks for these in the text of the rendered comment, outside code.
LINKED = {
    "mention": r"@[A-Za-z0-9]",
    "issue": r"#\d",
    "issue by prefix": r"(?i)\bgh-\d",
    "commit": r"(?i)[0-9a-f]{7}",
    "address": r"(?i)://|www\.|mailto:|javascript:",
    "emoji": r":[a-z0-9_+-]+:",
    "math": r"\$",
}
VOID = {"br", "hr", "img", "input", "link", "meta"}


class Page(HTMLParser):
    """Tags with their attributes, the text outside code, and the text within it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text, self.code = "", ""
        self.comments: list[str] = []
        self.open: list[str] = []
        self.unbalanced: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.open and self.open[-1] == tag:
            self.open.pop()
        else:
            self.unbalanced.append(tag)

    def handle_data(self, data: str) -> None:
        if {"code", "pre", "style"} & set(self.open):
            self.code += data
        else:
            self.text += data + ("\n" if data.strip() else "")

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    @property
    def names(self) -> set[str]:
        return {name for name, _ in self.tags}

    @property
    def links(self) -> list[str | None]:
        return [
            value
            for _, attrs in self.tags
            for key, value in attrs.items()
            if key in ("href", "src")
        ]


def page(markdown: str) -> Page:
    """Rendered with GitHub's extensions, raw HTML let through so that it can be found."""
    html = cmarkgfm.github_flavored_markdown_to_html(
        markdown, options=Options.CMARK_OPT_UNSAFE | Options.CMARK_OPT_FOOTNOTES
    )
    return Page(html)


def found(text: str) -> dict[str, str]:
    """What GitHub would turn into a link, an image or a formula."""
    hits = {name: re.search(pattern, text) for name, pattern in LINKED.items()}
    return {name: hit.group() for name, hit in hits.items() if hit}
