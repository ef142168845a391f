"""Cards as HTML: all of their text, none of their markup's mischief."""

import re

import pytest
from markdown_it import MarkdownIt

from mlops.report.dashboard.markdown import html, title
from tests.conftest import ROOT
from tests.mlops.report.rendered import Page


def words(text: str) -> list[str]:
    return Page(text).text.split() + Page(text).code.split()


@pytest.mark.parametrize("card", ["model_card.md", "data_quality.md"])
def test_another_parser_finds_the_same_words(card: str) -> None:
    text = (ROOT / "reports" / card).read_text()

    other = MarkdownIt("commonmark").enable("table").render(text.partition("\n")[2])
    assert words(html(text)) == words(other)


def test_the_title_is_told_apart() -> None:
    assert title("\n# Model card\n\ntext") == "Model card"
    assert title("text\n\n# later") == ""
    assert html("# Model card\n\ntext") == "<p>text</p>\n"
    assert html("text\n\n# later") == "<p>text</p>\n<h2>later</h2>\n"


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=https://evil.example/x.png>",
        "a <b onclick=alert(1)>b</b>",
        "<!-- hidden -->",
        "<style>body { display: none }</style>",
        "[x](javascript:alert(1))",
        "[x](data:text/html,hello)",
        "![x](https://evil.example/x.png)",
        "<https://evil.example>",
    ],
)
def test_nothing_runs_and_nothing_is_fetched(text: str) -> None:
    read = Page(html(f"# Card\n\n{text}\n"))

    assert read.names <= {"p", "em", "a"}
    assert not read.comments
    assert all(str(link).startswith("https://") for link in read.links)
    assert not {key for _, attrs in read.tags for key in attrs} - {"href", "rel"}


def test_a_picture_leaves_its_words() -> None:
    assert html("![a curve](plots/roc.png)") == "<p><em>a curve</em></p>\n"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("data_quality.md", '<a href="data.html#data_quality">x</a>'),
        ("reports/model_card.md#slices", '<a href="model.html">x</a>'),
        (
            "https://github.com/a/b?c&d",
            '<a href="https://github.com/a/b?c&amp;d" rel="noreferrer">x</a>',
        ),
        (
            "https://evil.example/data_card.md",
            '<a href="https://evil.example/data_card.md" rel="noreferrer">x</a>',
        ),
        ("../docs/gates.md", "x"),
        ("http://plain.example", "x"),
        ("#slices", "x"),
    ],
)
def test_links_lead_to_pages_of_the_site_or_to_the_web(address: str, expected: str) -> None:
    assert html(f"[x]({address})") == f"<p>{expected}</p>\n"


def test_tables_may_be_wider_than_a_phone() -> None:
    found = html("| a | b |\n|---|--:|\n| 1 | 2 |\n")

    assert re.fullmatch(r'<div class="wide"><table>.*</table></div>\s*', found, re.DOTALL)
    assert '<td align="right">2</td>' in found
