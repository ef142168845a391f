"""A look at a model as Markdown: the body of its issue, and a job's summary."""

import re
from collections.abc import Callable, Sequence

from mlops.judge.verdict import Chart, Curve
from mlops.monitor.result import (
    Calibration,
    Column,
    Drift,
    Estimate,
    Performance,
    Quality,
    Result,
    Serving,
)
from mlops.report import mermaid
from mlops.report.markdown import BRIEF, FULL, SHORT, Detail
from mlops.report.monitor import wording as words
from mlops.report.untrusted import clean, code, prose
from mlops.report.wording import NONE, decimals, interval, number, signed

LIMIT = 55_000  # characters; GitHub refuses a body over 65,536, and the issue adds some of its own
COLUMNS = 15  # of a table of columns
REASONS = 12

_RUN = re.compile(r"https?://[A-Za-z0-9.:-]+(/[A-Za-z0-9._-]+){2}/actions/runs/\d+(/attempts/\d+)?")

Section = Callable[[Result, Detail], str]


def render(result: Result) -> str:
    """At most LIMIT characters, whatever the result holds; no text of it is Markdown.

    `result.run` becomes a link where it has the form of a workflow run's address.
    """
    least_first = [_slices, _serving, _estimate, _drift, _performance, _quality]
    order = [_head, _why, _next, _seen, _overview]
    order += [_quality, _drift, _performance, _slices, _estimate, _serving, _foot]
    chosen: dict[Section, Detail | None] = dict.fromkeys(order, FULL)
    steps = [(section, detail) for section in least_first for detail in (SHORT, BRIEF, None)]
    steps += [(section, detail) for detail in (SHORT, BRIEF) for section in order[:5]]
    drawn: dict[tuple[Section, Detail], str] = {}

    def compose() -> str:
        parts = []
        for section, detail in chosen.items():
            if detail is not None:
                if (section, detail) not in drawn:
                    drawn[section, detail] = section(result, detail)
                parts.append(drawn[section, detail])
        if set(chosen.values()) != {FULL}:
            parts.append("*Shortened to fit here; the rest is in `monitor.html` of the run.*")
        return "\n\n".join(filter(None, parts)) + "\n"

    text = compose()
    for section, detail in steps:
        if len(text) <= LIMIT:
            break
        chosen[section] = detail
        text = compose()
    return text


def _head(result: Result, detail: Detail) -> str:
    mark, headline = words.MARKS[result.outcome], words.HEADLINES[result.outcome]
    summary = "" if words.in_reasons(result) else f"\n\n{prose(result.summary, detail.text)}"
    return f"## {mark} {headline}{summary}"


def _why(result: Result, detail: Detail) -> str:
    shown = [f"- **{r.section}**: {prose(r.what, detail.text)}" for r in result.reasons[:REASONS]]
    return "\n".join(["**Why**", "", *shown, *_more(result.reasons, REASONS)]) if shown else ""


def _next(result: Result, detail: Detail) -> str:  # noqa: ARG001 - a section as any other
    return "\n".join(["**What to do next**", "", *(f"- {said}" for said in words.remedies(result))])


def _seen(result: Result, detail: Detail) -> str:
    rows = [("model", f"{code(result.model, detail.name)}{_version(result, detail)}")]
    if result.champion:
        rows.append(("", f"{prose(words.champion(result.champion))}"))
    if result.batch:
        source = code(result.batch.source, detail.name)
        rows.append(("looked at", f"{source}: {prose(words.batch(result.batch))}"))
    when = prose(result.made)
    run = f", in [this run]({result.run})" if _RUN.fullmatch(result.run) else ""
    return _table(("", ""), "ll", [*rows, ("when", f"{when}{run}")])


def _version(result: Result, detail: Detail) -> str:
    known = result.champion
    if known is None:
        return ""
    version = code(known.version, detail.name) if known.version else "not promoted yet"
    return f", {version}, commit {code(known.commit[:12])}"


def _overview(result: Result, detail: Detail) -> str:
    rows = [
        (part.name, f"{words.MARKS[part.state]} {part.state}", prose(part.what, detail.text))
        for part in words.told(result)
    ]
    return _table(("part", "", "in short"), "lll", rows)


def _quality(result: Result, detail: Detail) -> str:
    found = result.quality
    if found is None or not found.findings:
        return ""
    return _section("Data quality", found, _findings(found, detail))


def _findings(found: Quality, detail: Detail) -> str:
    shown = [f"- {prose(finding, detail.text)}" for finding in found.findings[: detail.rows]]
    left = max(found.failed, len(found.findings)) - len(shown)
    return "\n".join([*shown, *([f"\nAnd {left:,} more."] if left > 0 else [])])


def _drift(result: Result, detail: Detail) -> str:
    found = result.drift
    if found is None or all(column.distance is None for column in found.columns):
        return ""
    rule = (
        f"A column drifted when each of the newest {found.windows} windows of "
        f"{words.counted(found.window, 'block')} lies further from the {found.reference} blocks "
        f"before than is usual: corrected p at most {found.alpha:g}, and at least "
        f"{found.effect:g} (standard deviations of a number, share of the rows of a text)."
    )
    if any(column.view == "relation" for column in found.columns):
        rule += f" {words.RELATION}"
    parts = [
        rule,
        _columns(words.drifted_first(found.columns), detail),
        _over_time(found.columns) if detail is not BRIEF else "",
    ]
    if found.prediction:
        parts.append("**Predictions**")
        parts.append(_columns(words.drifted_first(found.prediction), detail))
    if found.label:
        parts += ["**Label**", _columns([found.label], detail)]
    return _section("Drift", found, *parts)


def _columns(columns: Sequence[Column], detail: Detail) -> str:
    most = min(COLUMNS, detail.rows)
    rows = [
        (
            f"{code(c.name, detail.name)} {words.VIEWS[c.view]}".strip(),
            f"{words.MARKS['alarm']} drifted" if c.drifted else "",
            words.moved(c, c.distance),
            words.moved(c, c.usual),
            words.chance(c.p),
            words.chance(c.corrected),
            f"{words.share(c.gaps_before)} → {words.share(c.gaps_now)}",
        )
        for c in columns[:most]
    ]
    headings = ("column", "", "moved", "usually", "p", "corrected", "gaps")
    return "\n".join([_table(headings, "llrrrrr", rows), *_more(columns, most)])


def _over_time(columns: Sequence[Column]) -> str:
    """The column that moved furthest, window by window."""
    worst = words.worst(columns)
    if worst is None:
        return ""
    at = [(n, w) for n, w in enumerate(worst.windows, 1) if w.distance is not None]
    lines = [
        Curve(name="distance", x=[n for n, _ in at], y=[w.distance or 0 for _, w in at]),
        Curve(
            name="usual",
            x=[n for n, w in at if w.usual is not None],
            y=[w.usual for _, w in at if w.usual is not None],
        ),
    ]
    name = f"{worst.name} {words.VIEWS[worst.view]}".strip()
    title = f"Distance of {name[:100]}"
    chart = Chart(name="drift", title=title, x="window", y="distance", curves=lines)
    return _drawn(chart, "what is usual")


def _reliability(known: Calibration | None) -> str:
    if known is None or not known.forecast:
        return ""
    ends = [min(known.forecast), max(known.forecast)]
    curves = [
        Curve(name="observed", x=known.forecast, y=known.observed),
        Curve(name="calibrated", x=ends, y=ends),
    ]
    chart = Chart(
        name="calibration", title="Calibration", x="forecast", y="observed", curves=curves
    )
    return _drawn(chart, "a calibrated model")


def _drawn(chart: Chart, other: str) -> str:
    """A diagram with its legend; nothing where it has no two points."""
    diagram = mermaid.lines(chart)
    if not diagram:
        return ""
    legend = f"<sub>Blue: {chart.curves[0].name}. Orange: {other}.</sub>"
    return f"```mermaid\n{diagram}\n```\n\n{legend}"


def _performance(result: Result, detail: Detail) -> str:
    found = result.performance
    if found is None or not (found.metrics or found.concept or found.calibration):
        return ""
    waiting = f", {words.counted(found.waiting, 'block')} still wait" if found.waiting else ""
    return _section(
        "Performance",
        found,
        f"Rows with a label: {words.share(found.labelled)}, in "
        f"{words.counted(found.mature, 'block')}{waiting}. Intervals at "
        f"{words.level(found.level)}; a difference above 0 is an improvement, whichever way the "
        "metric points.",
        _metrics(found, detail),
        _calibration(found.calibration),
        _reliability(found.calibration) if detail is not BRIEF else "",
        _concept(found, detail),
    )


def _metrics(found: Performance, detail: Detail) -> str:
    rows = []
    for m in found.metrics[: detail.rows]:
        places = decimals([m.value, m.held_out])
        rows.append(
            (
                f"{code(m.name, detail.name)} {words.arrow(m.name)}".strip(),
                f"{words.MARKS[m.state]} {prose(m.note, detail.text) if m.note else ''}".strip(),
                number(m.value, places),
                _kept(words.span(m.low, m.high)),
                number(m.held_out, places),
                signed(m.difference, places),
                _kept(interval(m.difference_low, m.difference_high, places)),
                number(m.margin),
                number(m.floor),
            )
        )
    headings = ("metric", "", "now", "interval", "held out", "difference", "its interval")
    return _table((*headings, "margin", "floor"), "llrrrrrrr", rows)


def _calibration(known: Calibration | None) -> str:
    if known is None:
        return ""
    slope = f"; slope {number(known.slope)}" if known.slope is not None else ""
    limit = f", at most {number(known.limit)} is allowed" if known.limit is not None else ""
    return f"**Calibration**: error {number(known.error)}{limit}{slope}."


def _concept(found: Performance, detail: Detail) -> str:
    shift = found.concept
    if shift is None:
        return ""
    if shift.state == "untold" or shift.shift is None:
        return f"**Concept**: {prose(shift.why_not, detail.text)}"
    return (
        f"**Concept** {words.MARKS[shift.state]}: beyond what held-out rows show, "
        f"{signed(shift.shift)} ({interval(shift.low, shift.high)}) more happened than was "
        f"forecast; that is {number(shift.effect, 2)} standard deviations, "
        f"{words.chance_of(shift.p)}."
    )


def _slices(result: Result, detail: Detail) -> str:
    found = result.performance
    if found is None or not found.slices:
        return ""
    names = words.slice_metrics(found.slices)[:3]
    ranked = words.worst_slices(found.slices)
    rows = [
        (
            code(one.name, detail.name),
            f"{one.rows:,}",
            *(
                f"{words.values(one.metrics, name)} / {words.values(one.held_out, name)}"
                for name in names
            ),
        )
        for one in ranked[: detail.rows]
    ]
    headings = ("slice", "rows", *(f"{code(n)} {words.arrow(n)}".strip() for n in names))
    table = _table(headings, "lr" + "r" * len(names), rows)
    told = "Now / held out, the worst first."
    body = "\n".join([table, *_more(ranked, detail.rows)])
    return _folded(f"{words.counted(len(ranked), 'slice')}", f"{told}\n\n{body}")


def _estimate(result: Result, detail: Detail) -> str:
    found = result.estimate
    if found is None or not (found.metrics or found.notes):
        return ""
    rows = []
    for m in found.metrics[: detail.rows]:
        within = {True: " ✅ within", False: " ❌ outside", None: ""}[m.within]
        places = decimals([m.value, m.truth])
        rows.append(
            (
                f"{code(m.name, detail.name)} {words.arrow(m.name)}".strip(),
                words.MARKS[m.state],
                number(m.value, places),
                _kept(words.span(m.low, m.high)),
                f"{number(m.truth, places)}{within}",
                number(m.held_out, places),
                number(m.error, places),
            )
        )
    headings = ("metric", "", "estimate", "interval", "truth", "held out", "usual error")
    notes = [f"- {prose(note, detail.text)}" for note in found.notes]
    return _section(
        "Estimated performance, without labels",
        found,
        _table(headings, "llrrrrr", rows),
        f"Intervals at {words.level(found.level)}, from "
        f"{words.counted(found.windows, 'window')} of held-out rows."
        if found.windows
        else "",
        "\n".join(notes),
    )


def _serving(result: Result, detail: Detail) -> str:
    found = result.serving
    if found is None or not found.checks:
        return ""
    rows = [
        (
            code(check.name, detail.name),
            words.MARKS[check.state],
            number(check.value),
            number(check.limit),
            prose(check.note, detail.text) if check.note else "",
        )
        for check in found.checks[: detail.rows]
    ]
    return _section(
        "Serving",
        found,
        f"{code(found.source, detail.name)}: {found.requests:,} requests, {found.rows:,} rows.",
        _table(("check", "", "value", "limit", "note"), "llrrl", rows),
    )


def _foot(result: Result, detail: Detail) -> str:
    known = result.champion
    if known is None:
        return ""
    lock = f" · dvc.lock {code(known.lock[:12])}" if known.lock else ""
    return f"<sub>commit {code(known.commit, detail.name)}{lock}</sub>"


def _section(
    title: str, found: Quality | Drift | Performance | Estimate | Serving, *body: str
) -> str:
    """Open where there is an alarm, else folded."""
    untold = "" if isinstance(found, Quality) or not found.why_not else prose(found.why_not)
    text = "\n\n".join(filter(None, [untold, *body]))
    if found.state == "alarm":
        return f"### {words.MARKS['alarm']} {title}\n\n{text}"
    return _folded(f"{words.MARKS[found.state]} {title}", text)


def _folded(title: str, text: str) -> str:
    return f"<details><summary>{title}</summary>\n\n{text}\n\n</details>"


def _table(headings: Sequence[str], sides: str, rows: Sequence[Sequence[str]]) -> str:
    """Nothing where there are no rows."""
    rule = [{"l": "---", "r": "--:"}[side] for side in sides]
    lines = [headings, rule, *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) if rows else ""


def _more(things: Sequence[object], shown: int) -> list[str]:
    left = len(things) - shown
    return [f"\nAnd {left:,} more."] if left > 0 else []


def _kept(text: str) -> str:
    """On one line however narrow the table."""
    return text if text == NONE else clean(text).replace(" ", "\u00a0")
