"""Text of a pull request's own job, made safe to show.

A verdict is written by code that nobody has reviewed yet, and its rendering is posted by a job that
may write. So none of its characters is ever Markdown. A word that consists of letters, digits and
the punctuation of prose stays as it is; any other stands in a code span, which is where neither the
CommonMark grammar nor GitHub's own filters (mentions, references, commits, emoji, math) look.
"""

import re
import unicodedata

from markupsafe import Markup

PROSE = 2000  # characters of a sentence that are shown, at most
CODE = 200  # and of a name

# Drawn as nothing, though Unicode calls them letters, marks or symbols.
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_ACCENT = r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]"
_MARKS = re.compile(f"({_ACCENT}{{2}}){_ACCENT}+")
_LETTER = re.compile(r"[A-Za-z0-9\u00a1-\U0010ffff]")
_PLAIN = re.compile(r"""[A-Za-z0-9\u00a1-\U0010ffff,.;:()%'"+=?!-]+""")
_PEELED = re.compile(r"""^(["'(]*)(.*?)([.,;:)"'?!]*)$""")
_TOKEN = re.compile(
    r"""(?P<before>["'(]*)`(?P<quoted>[^`\s](?:[^`]*[^`\s])?)`(?P<after>[.,;:)"'?!]*)(?!\S)|\S+"""
)
_LINKED = re.compile(
    r"www\."  # an address
    r"|[0-9a-f]{7}"  # a commit
    r"|gh-\d"  # an issue
    r"|:(?!$)(?!(?<=\d:)\d)"  # a scheme, or an emoji's name
    r"|:.*:",
    re.IGNORECASE,
)
_SIGNS = {"<": "&lt;", ">": "&gt;", "<=": "&lt;=", ">=": "&gt;=", "&": "&amp;"}
_SIGNS |= {sign: sign for sign in "-+=%"}
_OPENS_A_LIST = re.compile(r"\d+[.)]|[-+=]")

# A backtick and a pipe have no spelling in a code span of a table; an at sign is read by programs
# that look at the raw text of comments.
_LOOKALIKES = str.maketrans({"`": "'", "|": "¦", "@": "＠"})
_SPACED = (("![", "! ["), ("](", "] ("), ("<!", "< !"), ("-->", "-- >"), ("://", ": //"))

_MERMAID = re.compile(r"[^A-Za-z0-9 _.-]+")


def clean(text: str, limit: int = PROSE) -> str:
    """One line of visible characters, at most `limit`; an ellipsis ends what was longer.

    Without control characters, changes of the writing direction, characters of no width and towers
    of accents. Not escaped: only for templates that escape HTML themselves.
    """
    if text.isascii() and text.isprintable():
        shown = " ".join(text.split())
        return shown if len(shown) <= limit else f"{shown[: limit - 1].rstrip()}…"
    spaced = "".join(" " if c.isspace() else c for c in text[: 4 * limit])
    shown = "".join(c for c in spaced if c not in _INVISIBLE and unicodedata.category(c)[0] != "C")
    shown = " ".join(_MARKS.sub(r"\1", shown).split())
    return shown if len(shown) <= limit else f"{shown[: limit - 1].rstrip()}…"


def prose(text: str, limit: int = PROSE) -> Markup:
    """A sentence for Markdown, with whatever is not plain prose in code spans; a dash for none.

    What the sentence itself puts between backticks becomes one code span.
    """
    shown: list[str] = []
    odd: list[str] = []  # neighbours share a code span
    for token in _TOKEN.finditer(clean(text, limit)):
        word, quoted = token.group(), token["quoted"]
        plain = _is_plain(word, first=not shown and not odd)
        if odd and (plain or quoted):
            shown.append(_span(odd))
            odd = []
        if quoted:
            shown.append(f"{token['before']}{_inside(quoted)}{token['after']}")
        elif plain:
            shown.append(_SIGNS.get(word, word))
        else:
            odd.append(word)
    shown += [_span(odd)] if odd else []
    return Markup(" ".join(shown) or "–")  # noqa: S704 - what this module is for


def code(text: str, limit: int = CODE) -> Markup:
    """A name or a value for Markdown, as one code span; a dash for none.

    Look-alikes stand for backtick, pipe and at sign, and a space parts what would be an image, a
    link or a comment to a program that reads the raw text.
    """
    return Markup(_inside(clean(text, limit)) or "–")  # noqa: S704 - likewise


def label(text: str, limit: int = 60) -> str:
    """What may stand in a mermaid diagram: letters, digits, blank, underscore, dot and hyphen."""
    return " ".join(_MERMAID.sub(" ", text[: 4 * limit]).split())[:limit].strip()


def _is_plain(word: str, *, first: bool) -> bool:
    if first and _OPENS_A_LIST.fullmatch(word):
        return False
    if word in _SIGNS:
        return True
    if not _PLAIN.fullmatch(word) or not _LETTER.search(word):
        return False
    return _LINKED.search(word) is None


def _span(words: list[str]) -> str:
    """Words as a code span, the punctuation around it left outside."""
    parts = _PEELED.fullmatch(" ".join(words))
    before, inner, after = parts.groups() if parts else ("", " ".join(words), "")
    return f"{before}{_inside(inner)}{after}" if inner else _inside(before + after)


def _inside(text: str) -> str:
    text = text.translate(_LOOKALIKES)
    for found, spaced in _SPACED:
        text = text.replace(found, spaced)
    return f"`{text}`" if text else ""
