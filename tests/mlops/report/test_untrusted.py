"""No text of a verdict is ever markup: read by GitHub's own parser, whatever it says."""

import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mlops.report.untrusted import clean, code, label, prose
from tests.mlops.report.rendered import found, page

ATTACKS = [
    "<script>alert(1)</script>",
    '<img src=x onerror="alert(1)">',
    "<!-- hidden --> and <!-- ",
    "@octocat @acme/team a@b.example",
    "#123 GH-12 acme/repo#7 acme/repo@0123456789abcdef0123456789abcdef01234567",
    "see 0123456789abcdef0123456789abcdef01234567 and deadbeef",
    "![x](https://evil.example/x.png) and [y](javascript:alert(1))",
    '![](https://cml.dev/watermark.png#abc "CML watermark report")',
    "https://evil.example www.evil.example http://evil ftp://evil mailto:a@b.example",
    "<https://evil.example> <a@b.example>",
    "[ref]: https://evil.example\n\n[ref] [^1]\n\n[^1]: note",
    "# heading\n## heading\n- item\n1. item\n> quote\n---\n===",
    "| a | b |\n|---|---|\n| c | d |",
    "a | b \\| c \\\\| d",
    "```\ncode\n```\n~~~\ntext",
    "`a` ``b`` ``` c ` d",
    "**bold** __bold__ *it* _it_ ~~gone~~ ~x~",
    "$x^2$ $$y$$ $`z`$",
    ":tada: :+1: a:b:c",
    "&lt;b&gt; &#64;octocat &commat;octocat &#x23;1",
    "\\@octocat \\<b>",
    "</details></table></code>",
    "- [ ] task",
    "> [!CAUTION]\n> not ours",
    "1. one",
    "12) twelve",
    "- one",
    "+ one",
    "=",
    "text\\",
    "two  \nlines",
    "\u202eevil\u202c a\u200bb \ufeff \u2066x\u2069 \x00\x07\x1b[31m",
    "Z" + "\u0301" * 40,
    "docs/secret.txt [file](docs/secret.txt)",
    "%%{init: {}}%%",
    "",
    "   ",
]

# Words that mean something to a parser, glued in every order.
hostile = st.lists(
    st.sampled_from([
        *"<>@#`|*_~[]()!\\&$:;.-+=^{}/\"'? \n\t",
        *["a", "b1", "octocat", "GH-", "12", "deadbeef", "www.", "http://", "e.x", "--", "-->"],
        *["<!--", "![", "](", "```", "&#64;", "&lt;", "\u200b", "\u202e", "é", "1.", "]:", "[^1]"],
    ]),
    max_size=25,
).map("".join)  # fmt: skip
texts = st.one_of(hostile, st.text(max_size=60))


def attacks(test: object) -> object:
    for text in ATTACKS:
        test = example(text)(test)  # type: ignore[type-var]
    return test


@attacks
@given(texts)
@settings(max_examples=400)
def test_prose_is_a_paragraph_of_text_and_code(text: str) -> None:
    read = page(str(prose(text)))

    assert read.names <= {"p", "code"}
    assert not read.comments
    assert not read.unbalanced
    assert found(read.text) == {}


@attacks
@given(texts)
@settings(max_examples=400)
def test_a_name_is_one_code_span(text: str) -> None:
    read = page(str(code(text)))

    assert [name for name, _ in read.tags] in (["p", "code"], ["p"])
    assert read.text.strip() in ("", "–")


@attacks
@given(texts)
@settings(max_examples=400)
def test_a_cell_stays_within_its_row(text: str) -> None:
    table = f"| a | b | c |\n|---|---|---|\n| {prose(text)} | {code(text)} | end |\n"

    read = page(table)

    assert [name for name, _ in read.tags if name in ("th", "td", "tr")] == (
        ["tr", "th", "th", "th", "tr", "td", "td", "td"]
    )
    assert read.names <= {"table", "thead", "tbody", "tr", "th", "td", "code"}
    assert read.text.rstrip().endswith("end")
    assert found(read.text) == {}


@attacks
@given(texts)
@settings(max_examples=400)
def test_programs_that_read_the_raw_text_find_nothing_either(text: str) -> None:
    """Bots answer to commands in comments, and CML to its watermark."""
    for raw in (str(prose(text)), str(code(text))):
        for wanted in ("@", "![", "](", "<!", "://", "\n"):
            assert wanted not in raw


@given(st.text(max_size=60))
def test_what_is_shown_is_visible_and_on_one_line(text: str) -> None:
    shown = clean(text)

    assert all(c == " " or unicodedata.category(c)[0] not in "CZ" for c in shown)
    assert shown == shown.strip()


@given(texts)
def test_a_label_of_a_diagram_keeps_only_what_cannot_end_it(text: str) -> None:
    assert all(c.isascii() and (c.isalnum() or c in " _.-") for c in label(text))
    assert len(label(text)) <= 60


@pytest.mark.parametrize(
    "text",
    [
        "brier is 0.2113, which must stay under 0.2.",
        "1 of 5 slices is worse by more than its margin; 2 are open (see below).",
        "It took 3:20, that is -4 % or +0.5; isn't it?",
        "Größe, Überschuß – naïve … × 東京",
    ],
)
def test_plain_sentences_stay_as_they_are(text: str) -> None:
    assert prose(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("see params.yaml, key gates.floors", "see params.yaml, key gates.floors"),
        ("metrics/slices.json is missing", "`metrics/slices.json` is missing"),
        ("look at roc_auc, then stop", "look at `roc_auc`, then stop"),
        ("the column (dep_delay) leaks", "the column (`dep_delay`) leaks"),
        ("run `mlops data --restore` first", "run `mlops data --restore` first"),
        ("the file (`a.b`), `c d`.", "the file (`a.b`), `c d`."),
        ("`@x` `![a](b)` `", "`＠x` `! [a] (b)` `'`"),
        ("brier > 0.2 & rising", "brier &gt; 0.2 &amp; rising"),
        ("thanks @octocat!", "thanks `＠octocat`!"),
        ("", "–"),
    ],
)
def test_what_is_no_plain_word_stands_in_a_code_span(text: str, shown: str) -> None:
    assert prose(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("sched_dep_time", "`sched_dep_time`"),
        ("carrier: 9E", "`carrier: 9E`"),
        ("[0.6, 1.7]", "`[0.6, 1.7]`"),
        ("a|b`c", "`a¦b'c`"),
        ("", "–"),
    ],
)
def test_a_name_reads_as_it_is_written(text: str, shown: str) -> None:
    assert code(text) == shown


def test_what_is_too_long_ends_in_an_ellipsis() -> None:
    assert clean("abc " * 10, 9) == "abc abc…"
    assert len(prose("word " * 1_000, 50)) == 50
    assert len(code("x" * 1_000, 50)) == 52


def test_towers_of_accents_are_cut() -> None:
    assert clean("Z" + "\u0301" * 40) == "Z\u0301\u0301"
