"""A verdict as Markdown: the comment on a pull request, and the job summary."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from mlops.judge.verdict import Verdict
from mlops.report import mermaid, untrusted, wording

COMMENT = 60_000  # characters; GitHub refuses a comment over 65,536
SUMMARY = 1_000_000  # bytes; GitHub drops a step's summary over 1 MiB
STRIP = 23  # characters of an interval drawn in text, odd: 0 is in the middle

_TRUSTED = re.compile(r"https?://[^\s()<>\[\]\"'`|\\]+")


@dataclass(frozen=True)
class Links:
    """What the caller vouches for; ValueError when an address could end its link early."""

    page: str | None = None
    """Address of the full report."""
    run: str | None = None
    """Address of the workflow run."""
    self_reported: bool = False
    """Known not to be judged by trusted code, whatever the verdict says of itself."""
    main: bool = False
    """Judged by main's code on main, after the merge: nobody's own word."""
    note: str = ""
    """What the caller doubts or left out; shown as a warning of its own."""

    def __post_init__(self) -> None:
        for address in (self.page, self.run):
            if address is not None and not _TRUSTED.fullmatch(address):
                raise ValueError(f"not an address that can be linked to: {address!r}")


@dataclass(frozen=True)
class Detail:
    """How much of a section is shown: rows of a table, and characters of a sentence and a name."""

    rows: int
    text: int
    name: int


FULL = Detail(rows=400, text=untrusted.PROSE, name=untrusted.CODE)
SHORT = Detail(rows=30, text=300, name=80)
BRIEF = Detail(rows=8, text=100, name=50)

SECTIONS = (
    "decision",
    "gates",
    "metrics",
    "comparisons",
    "data",
    "changes",
    "charts",
    "details",
    "reproduce",
    "footer",
)
# What is shortened first, then dropped; the other sections are only shortened, and always fit.
LEAST_FIRST = ("details", "charts", "changes", "data", "comparisons", "metrics")


def render(verdict: Verdict, *, links: Links) -> str:
    """The comment: at most COMMENT characters, whatever the verdict holds."""
    return _fit(verdict, links, COMMENT, len)


def whole(verdict: Verdict, *, links: Links) -> str:
    """The job summary: everything, unless that takes more than SUMMARY bytes."""
    return _fit(verdict, links, SUMMARY, lambda text: len(text.encode()))


def strip(compared: wording.Compared, margin: float | None) -> Markup:
    """An interval drawn in a code span: 0 in the middle, the margin dotted on the worse side."""
    low, middle, high = compared.low, compared.difference, compared.high
    if low is None or middle is None or high is None:
        return Markup("")
    reach = max(abs(low), abs(high), margin or 0) * 1.05
    if not 0 < reach < float("inf"):
        return Markup("")

    def place(value: float) -> int:
        return min(STRIP - 1, max(0, round((value / reach + 1) / 2 * (STRIP - 1))))

    drawn = ["\u00a0"] * STRIP
    if margin is not None:
        drawn[place(-margin)] = "┊"
    drawn[place(0)] = "│"
    for n in range(place(low), place(high) + 1):
        drawn[n] = "━" if drawn[n] == "\u00a0" else "┿"
    drawn[place(middle)] = "●"
    return Markup("`{}`").format("".join(drawn))


def _fit(verdict: Verdict, links: Links, bound: int, size: Callable[[str], int]) -> str:
    template = _environment().get_template("pull_request.md.j2")
    given = {"verdict": verdict, "links": links}
    rendered: dict[tuple[str, Detail], str] = {}

    def compose() -> str:
        parts = []
        for section, detail in chosen.items():
            if detail is not None:
                if (section, detail) not in rendered:
                    rendered[section, detail] = _macro(
                        template, section, given | {"detail": detail}
                    )
                parts.append(rendered[section, detail])
        if set(chosen.values()) != {FULL}:
            parts.insert(1, _macro(template, "shortened", given))
        return re.sub(r"\n{3,}", "\n\n", "\n\n".join(filter(None, parts))) + "\n"

    chosen: dict[str, Detail | None] = dict.fromkeys(SECTIONS, FULL)
    if len(verdict.model_dump_json()) > 4 * bound:  # would not fit: not worth the seconds
        chosen |= dict.fromkeys(LEAST_FIRST, SHORT)
    always = [section for section in SECTIONS if section not in LEAST_FIRST]
    steps = [(section, detail) for section in LEAST_FIRST for detail in (SHORT, BRIEF, None)]
    steps += [(section, detail) for detail in (SHORT, BRIEF) for section in always]
    text = compose()
    for section, detail in steps:
        if size(text) <= bound:
            break
        chosen[section] = detail
        text = compose()
    return text


def _macro(template: Template, name: str, given: dict[str, object]) -> str:
    """A section is a macro of the template."""
    return str(getattr(template.make_module(given), name)()).strip()


@cache
def _environment() -> Environment:
    """Templates in which a text is prose, and so harmless, unless a filter says otherwise."""
    environment = Environment(
        loader=PackageLoader("mlops.report"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=True,  # so that a macro's result is known to be Markdown
        finalize=_finalize,
    )
    environment.filters |= {
        "code": untrusted.code,
        "prose": untrusted.prose,
        "codes": _codes,
        "label": lambda text: Markup(untrusted.label(text)),  # noqa: S704 - letters and digits
        "hash": _hash,
        "number": _own(wording.number),
        "signed": _own(wording.signed),
        "limit": _own(wording.limit),
        "seconds": _own(wording.seconds),
        "count": lambda n: f"{n:,}",
        "trusted": Markup,
    }
    environment.globals |= {
        "interval": _interval,
        "decimals": wording.decimals,
        "reading": wording.reading,
        "strip": strip,
        "words": wording,
        "mermaid": mermaid,
    }
    return environment


def _own(function: Callable[..., str]) -> Callable[..., Markup]:
    """A wording of ours, as it stands."""
    return lambda *arguments: Markup(function(*arguments))  # noqa: S704 - numbers


def _interval(low: float | None, high: float | None, places: int | None = None) -> Markup:
    """On one line however narrow the table."""
    return Markup(wording.interval(low, high, places).replace(" ", "\u00a0"))  # noqa: S704 - numbers


def _finalize(value: object) -> object:
    return untrusted.prose(value) if isinstance(value, str) and not _marked(value) else value


def _marked(value: str) -> bool:
    return hasattr(value, "__html__")


def _codes(names: list[str], detail: Detail) -> Markup:
    """Names, a code span each; the first ones when there are many."""
    shown = Markup(", ").join(untrusted.code(name, detail.name) for name in names[: detail.rows])
    left = len(names) - detail.rows
    return shown + f" and {left:,} more" if left > 0 else shown


def _hash(value: str | None) -> Markup:
    return untrusted.code(value[:12]) if value else Markup("none")
