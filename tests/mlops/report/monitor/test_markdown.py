"""The Markdown of a look: complete, bounded, and none of its texts is markup."""

import re

import pytest

from mlops.monitor.result import Reason, Result
from mlops.report.monitor.markdown import COLUMNS, LIMIT, render
from tests.mlops.report import monitored
from tests.mlops.report.rendered import LINKED, found, page
from tests.mlops.report.test_untrusted import ATTACKS

MARKUP = {"h2", "h3", "p", "ul", "li", "strong", "code", "pre", "sub", "a", "br", "em"}
MARKUP |= {"table", "thead", "tbody", "tr", "th", "td", "details", "summary"}


def poisoned(text: str) -> Result:
    """An alarm in which every text that may be anything is this text."""
    name = text[:200]

    def changed(value: object, key: str = "") -> object:
        if isinstance(value, dict):
            kept = {"metrics", "held_out"} if "rows" in value and "labelled" not in value else set()
            return {
                key: {name: 0.5} if key in kept and isinstance(inner, dict) else changed(inner, key)
                for key, inner in value.items()
            }
        if isinstance(value, list):
            return [changed(inner, key) for inner in value]
        fixed = ("outcome", "state", "section", "kind", "view")
        if not isinstance(value, str) or key in fixed:
            return value
        return text if key in ("summary", "what", "why_not", "note", "findings", "notes") else name

    return Result.model_validate(changed(crowded(monitored.alarm()).model_dump()))


def crowded(result: Result) -> Result:
    """With findings, notes and reasons of every kind as well."""
    return result.model_copy(
        update={
            "quality": monitored.broken().quality,
            "reasons": [*result.reasons, *monitored.broken().reasons],
        }
    )


def table(markdown: str, first: str) -> list[list[str]]:
    """The rows of the table whose first heading that is."""
    head, _, rest = markdown.partition(f"| {first} |")
    assert rest, head
    rows = rest.split("\n\n", maxsplit=1)[0].splitlines()[2:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


@pytest.mark.parametrize("name", list(monitored.every()))
def test_every_look_is_markdown_that_github_reads(name: str) -> None:
    read = page(render(monitored.every()[name]))

    assert read.names <= MARKUP
    assert not read.unbalanced
    assert not read.open
    assert not read.comments
    assert read.links == ["https://github.com/acme/flights/actions/runs/4711"]
    assert found(read.text) == {}


@pytest.mark.parametrize(
    ("name", "headline"),
    [
        ("steady", "✅ Steady"),
        ("alarm", "🔔 Alarm"),
        ("no data", "⚪ No data"),
        ("failed", "❌ Failed"),
    ],
)
def test_it_begins_with_how_it_came_out_and_why(name: str, headline: str) -> None:
    result = monitored.every()[name]

    first, _, second, *_ = render(result).splitlines()

    assert first == f"## {headline}"
    assert second.split()[0] == result.summary.split()[0]


def test_reasons_and_remedies_follow() -> None:
    text = render(monitored.alarm())

    assert "- **drift**: temp moved by 2.81 SD, usually 0.62 (p &lt; 0.001)" in text
    assert text.index("**Why**") < text.index("**What to do next**") < text.index("| part |")
    assert "the workflow `retrain`" in text
    assert "the workflow `retrain`" not in render(monitored.broken())


def test_a_summary_that_only_repeats_the_reasons_is_left_out() -> None:
    reasons = [Reason(section="drift", what="drift of temp")]

    text = render(monitored.result(outcome="alarm", summary="drift of temp", reasons=reasons))

    assert text.count("drift of temp") == 1


def test_it_says_whose_model_and_which_rows() -> None:
    text = render(monitored.alarm())

    assert f"| model | `late-arrival`, `1.2.0`, commit `{monitored.COMMIT[:12]}` |" in text
    assert "knows 221,731 rows in 243 blocks, 2013-01-01 to 2013-08-31" in text
    assert "| looked at | `2013-09`: 27,010 rows in 30 blocks" in text
    champion = monitored.steady().champion
    assert champion
    young = champion.model_copy(update={"version": "", "lock": ""})
    assert "not promoted yet" in render(monitored.result(champion=young))


def test_alarms_are_open_and_the_rest_is_folded() -> None:
    text = render(monitored.alarm())

    assert re.findall(r"^### (.*)", text, re.MULTILINE) == [
        *("🔔 Drift", "🔔 Performance", "🔔 Serving")
    ]
    assert re.findall("<summary>(.*?)</summary>", text) == [
        *("5 slices", "✅ Estimated performance, without labels")
    ]


def test_drifted_columns_come_first_and_the_rest_is_counted() -> None:
    rows = table(render(monitored.alarm()), "column")

    assert [row[:4] for row in rows[:3]] == [
        ["`temp`", "🔔 drifted", "2.81 SD", "0.28 SD"],
        ["`carrier`", "🔔 drifted", "23.0 %", "2.0 %"],
        ["`temp` given the others", "", "0.25 SD", "0.28 SD"],
    ]
    assert len(rows) == COLUMNS
    assert "And 1 more." in render(monitored.alarm())


def test_performance_stands_beside_the_held_out_rows() -> None:
    rows = table(render(monitored.alarm()), "metric")

    assert [cell.replace("\u00a0", " ") for cell in rows[2]] == [
        *("`brier` ↓", "🔔", "0.1892", "0.1831 to 0.1953", "0.1730", "−0.0162"),
        *("−0.0223 to −0.0101", "0.0050", "0.2000"),
    ]
    text = render(monitored.alarm())
    assert "**Calibration**: error 0.0838, at most 0.0800 is allowed; slope 0.9700." in text
    assert "**Concept** 🔔: beyond what held-out rows show, +0.0612" in text


def test_the_truth_stands_beside_the_estimate() -> None:
    estimate = monitored.estimate()
    outside = estimate.metrics[0].model_copy(update={"truth": 0.5, "within": False})
    waiting = estimate.metrics[1].model_copy(update={"truth": None, "within": None})
    metrics = [outside, waiting, *estimate.metrics[2:]]

    text = render(
        monitored.result(
            performance=None, estimate=estimate.model_copy(update={"metrics": metrics})
        )
    )

    assert [row[4] for row in table(text, "metric")[:3]] == [
        *("0.5000 ❌ outside", "–", "0.1762 ✅ within")
    ]


def test_the_worst_column_and_the_calibration_are_drawn() -> None:
    diagrams = re.findall(r"```mermaid\n(.*?)```", render(monitored.alarm()), re.DOTALL)

    assert [re.search('title "(.*)"', diagram)[1] for diagram in diagrams] == [  # type: ignore[index]
        *("Distance of temp", "Calibration")
    ]
    assert 'x-axis "forecast" 0.05 --> 0.75' in diagrams[1]


def test_findings_are_listed_and_counted() -> None:
    text = render(monitored.broken())

    assert "- humid: between 0 and 100 was expected, 1,204 rows have 0.62, 0.58, 0.71" in text
    assert "And 5 more." in text


def test_what_cannot_be_told_says_why() -> None:
    text = render(monitored.waiting())

    assert "| drift | ➖ untold | 1 block is there" in text
    assert "| serving | ➖ untold | no metrics were given |" in text
    assert "| column |" not in text
    estimate = monitored.estimate().model_copy(
        update={"state": "untold", "why_not": "no windows to learn from", "metrics": []}
    )
    performance = monitored.performance()
    assert performance.concept
    concept = performance.concept.model_copy(
        update={"state": "untold", "why_not": "2 windows are needed"}
    )
    later = render(
        monitored.result(
            estimate=estimate, performance=performance.model_copy(update={"concept": concept})
        )
    )
    assert "without labels</summary>\n\nno windows to learn from" in later
    assert "**Concept**: 2 windows are needed" in later


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "https://github.com/acme/flights",
        "https://github.com/acme/flights/actions/runs/1) [x](https://evil.example",
        "https://evil.example/@octocat/x/actions/runs/1",
    ],
)
def test_only_the_address_of_a_run_is_a_link(address: str) -> None:
    assert page(render(monitored.result(run=address))).links == []


@pytest.mark.parametrize("text", ATTACKS)
def test_a_hostile_text_is_text(text: str) -> None:
    markdown = render(poisoned(text))

    read = page(markdown)
    assert read.names <= MARKUP
    assert not read.unbalanced
    assert not read.comments
    assert read.links == []
    assert found(read.text) == {}
    assert not re.search(LINKED["mention"], markdown)


@pytest.mark.parametrize("text", ["x" * 2000, "`" * 2000, "ü " * 1000], ids=["x", "ticks", "words"])
def test_a_huge_look_fits_and_keeps_what_matters(text: str) -> None:
    result = huge(text)

    markdown = render(result)

    assert len(markdown) <= LIMIT
    assert markdown.startswith("## 🔔 Alarm")
    assert "**What to do next**" in markdown
    assert "Shortened to fit here" in markdown
    assert not page(markdown).unbalanced


def test_what_fits_is_whole() -> None:
    assert "Shortened" not in render(monitored.alarm())


def huge(text: str) -> Result:
    """As long as the schema lets it be."""
    result = poisoned(text)
    assert result.drift
    assert result.performance
    assert result.estimate
    assert result.serving
    assert result.quality
    columns = [result.drift.columns[0]] * 1000
    content = {
        "reasons": [result.reasons[0]] * 50,
        "quality": result.quality.model_copy(update={"findings": [text] * 50, "failed": 9_999}),
        "drift": result.drift.model_copy(update={"columns": columns, "prediction": columns[:100]}),
        "performance": result.performance.model_copy(
            update={"slices": result.performance.slices[:1] * 200}
        ),
        "estimate": result.estimate.model_copy(update={"notes": [text] * 10}),
        "serving": result.serving.model_copy(update={"checks": result.serving.checks[:1] * 30}),
    }
    return Result.model_validate(result.model_copy(update=content).model_dump())


def test_a_look_with_little_in_it_is_short() -> None:
    drift, performance = monitored.drift(), monitored.performance()
    short = monitored.result(
        drift=drift.model_copy(update={"prediction": [], "label": None}),
        performance=performance.model_copy(
            update={"slices": [], "calibration": None, "concept": None, "waiting": 3}
        ),
        run="",
    )

    text = render(short)

    assert "**Predictions**" not in text
    assert "**Calibration**" not in text
    assert "3 blocks still wait" in text
    assert "this run" not in text
    single = [column.model_copy(update={"windows": column.windows[:1]}) for column in drift.columns]
    once = render(monitored.result(drift=drift.model_copy(update={"columns": single})))
    assert once.count("```mermaid") == 1  # the calibration: one window is no line


def test_an_alarm_says_as_well_what_could_not_be_told() -> None:
    drift = monitored.drift(drifted={"temp": 2.0})
    why_not = "predictions: 14 blocks are needed"

    text = render(monitored.result(drift=drift.model_copy(update={"why_not": why_not})))

    assert f"| 1 of 15 inputs drifted: temp; {why_not} |" in text
    assert f"### 🔔 Drift\n\n{why_not}\n\n" in text
