"""The comment on a pull request, read back by GitHub's own parser."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from mlops.evaluation.names import BETTER
from mlops.judge.verdict import (
    Candidate,
    Champion,
    Change,
    Chart,
    Curve,
    Data,
    Gate,
    Measure,
    Override,
    Verdict,
)
from mlops.report.markdown import (
    COMMENT,
    LEAST_FIRST,
    SECTIONS,
    SUMMARY,
    Links,
    render,
    strip,
    whole,
)
from tests.mlops.report import verdicts
from tests.mlops.report.rendered import found, page
from tests.mlops.report.test_untrusted import ATTACKS

LINKS = Links(page="https://example.invalid/page", run="https://example.invalid/run/1")
OURS = {
    *("p", "code", "pre", "blockquote", "strong", "em", "h3", "ul", "li", "a", "sub"),
    *("table", "thead", "tbody", "tr", "th", "td", "details", "summary"),
}


def tables(markdown: str) -> Iterator[list[list[str]]]:
    """The cells of every table."""
    for block in re.findall(r"(?:^\|.*\n)+", markdown, flags=re.MULTILINE):
        lines = [re.split(r"(?<!\\)\|", line)[1:-1] for line in block.splitlines()]
        yield [[cell.strip().replace("\u00a0", " ") for cell in line] for line in lines]


def table(markdown: str, first: str) -> dict[str, list[str]]:
    """The rows of the first table whose head begins with `first`, by their first cell."""
    rows = next(rows for rows in tables(markdown) if rows[0][0] == first)
    return {row[0]: row[1:] for row in rows[2:]}


@pytest.mark.parametrize("name", [*verdicts.every(), "huge"])
def test_every_verdict_is_tables_and_text_with_our_links_alone(name: str) -> None:
    verdict = verdicts.huge() if name == "huge" else verdicts.every()[name]

    for markdown in (render(verdict, links=LINKS), whole(verdict, links=LINKS)):
        read = page(markdown)
        assert read.names <= OURS
        assert set(read.links) <= {LINKS.page, LINKS.run}
        assert not read.unbalanced
        assert not read.open
        assert not read.comments
        assert found(read.text) == {}
        assert read.names & {"table", "h3"} == {"table", "h3"}
        assert sum(tag == "table" for tag, _ in read.tags) == len(list(tables(markdown)))


@pytest.mark.parametrize("name", list(verdicts.every()))
def test_every_row_has_as_many_cells_as_its_head(name: str) -> None:
    for rows in tables(render(verdicts.every()[name], links=LINKS)):
        assert len(rows) > 2
        assert {len(row) for row in rows} == {len(rows[0])}
        assert all(re.fullmatch(":?-{3}|-{2,3}:|:-:", cell) for cell in rows[1])


@pytest.mark.parametrize(
    ("name", "alert", "word"),
    [
        ("accepted", "TIP", "Accepted"),
        ("refused", "CAUTION", "Refused"),
        ("inconclusive", "WARNING", "Inconclusive"),
    ],
)
def test_the_decision_is_the_first_line(name: str, alert: str, word: str) -> None:
    verdict = verdicts.every()[name]

    first, second, *_ = render(verdict, links=LINKS).splitlines()

    assert first == f"> [!{alert}]"
    assert second.startswith(f"> **{word}.** ")


def test_the_sections_stand_in_their_order() -> None:
    markdown = render(verdicts.refused(), links=LINKS)

    heads = re.findall(r"^### (\w+)|<summary>(Reproduce)|^<sub>(head)", markdown, re.MULTILINE)

    assert ["".join(head) for head in heads] == [
        *("Gates", "Metrics", "Data", "Changes", "Charts", "Reproduce", "head")
    ]
    assert markdown.index("### Metrics") < markdown.index("<code>slices</code>")
    assert markdown.index("<code>slices</code>") < markdown.index("### Data")


def test_what_did_not_pass_comes_with_its_remedy_and_the_rest_is_a_list() -> None:
    markdown = render(verdicts.refused(), links=LINKS)

    gates = table(markdown, "gate")
    assert list(gates) == ["`floors`", "`slices`", "`stability`", "`protected`"]
    assert gates["`floors`"] == [
        "❌ fail",
        "brier is 0.2113, which must stay under 0.2.",
        "Improve the model, or move gates.floors.brier in params.yaml.",
    ]
    assert gates["`protected`"][0] == "❌ fail, overridden"
    assert "3 of 16 block this pull request." in markdown
    assert "✅ Passed: `pipeline`, `data`, `predictions`, `same_rows`, `baselines`" in markdown


def test_a_metric_is_better_only_when_all_of_its_interval_is() -> None:
    metrics = table(render(verdicts.verdict(), links=LINKS), "metric")

    assert metrics["`roc_auc` ↑"] == [
        *("0.7410", "0.7313", "+0.0097", "+0.0023 to +0.0171", "0.0150", "**better**")
    ]
    assert metrics["`brier` ↓"] == [
        *("0.1730", "0.1755", "+0.0025", "−0.0006 to +0.0056", "0.0050", "no worse")
    ]
    assert metrics["`calibration_error` ↓"][-2:] == ["–", "open"]


@pytest.mark.parametrize("task", list(BETTER))
def test_every_metric_of_a_task_has_its_row(task: Any) -> None:
    shown = table(render(verdicts.of_task(task), links=LINKS), "metric")

    arrows = {"higher": "↑", "lower": "↓"}
    assert list(shown) == [f"`{name}` {arrows[better]}" for name, better in BETTER[task].items()]


def test_metrics_in_other_units_have_fewer_decimals() -> None:
    metrics = table(render(verdicts.of_task("regression"), links=LINKS), "metric")

    assert metrics["`rmse` ↓"][:4] == ["54.313", "54.772", "+0.459", "−1.441 to +2.359"]


def test_without_a_champion_the_baselines_are_what_there_is() -> None:
    markdown = render(verdicts.no_champion(), links=LINKS)

    assert "There is no comparison with a champion: No tag champion yet" in markdown
    assert table(markdown, "metric")["`roc_auc` ↑"] == ["0.7410", "0.7313", "0.5187"]
    assert "➖ Not applicable: `champion`, `slices`" in markdown
    assert "The first decision on these held-out rows, so intervals at 95 %." in markdown


def test_a_stopped_pipeline_shows_what_there_is() -> None:
    markdown = render(verdicts.stopped(), links=LINKS)

    assert "no held-out rows were scored" in markdown
    assert "### Metrics" not in markdown
    assert "### Charts" not in markdown
    assert "1 check failed." in markdown
    assert "- ❌ `data/raw/flights-08.csv`: hour: expected 0 to 23; not so in 12 rows" in markdown
    assert table(markdown, "stage")["`train`"] == ["not reached", "–", "–"]
    assert "git checkout" not in markdown
    assert "was not committed" in markdown


def test_slices_are_folded_the_worst_first() -> None:
    markdown = render(verdicts.refused(), links=LINKS)

    shown = table(markdown, "measure")
    outcomes = [row[0] for row in shown.values()]
    assert outcomes == sorted(outcomes, key="❌🟡✅➖".index)
    assert next(iter(shown)) == "`carrier: FL, roc_auc`"
    assert shown["`carrier: FL, roc_auc`"][-1] == "41 more blocks would settle it."
    assert shown["`carrier: OO`"][-1] == "fewer than 500 rows"


def test_the_use_of_the_held_out_rows_is_told_in_words() -> None:
    markdown = render(verdicts.verdict(), links=LINKS)

    assert "57,049 held-out rows in 62 blocks, `2013-07-01` to `2013-08-31`" in markdown
    assert "Decision 3 on these held-out rows, so intervals at 99.2 %" in markdown
    excluded = verdicts.verdict(holdout=verdicts.holdout(excluded=1_234))
    assert "1,234 rows are left out" in render(excluded, links=LINKS)


def test_an_override_is_loud_and_names_who_and_why() -> None:
    markdown = render(verdicts.refused(), links=LINKS)

    assert (
        "> [!WARNING]\n> **Overridden:** gate `protected` (fail) is accepted by `mlops-lead` with "
        "the label `gates-may-change`. Reason given: Agreed in the review." in markdown
    )


def protected(**changed: Any) -> Verdict:
    return verdicts.verdict(gates=verdicts.gates(protected=verdicts.gate("protected", **changed)))


@pytest.mark.parametrize(
    ("verdict", "links"),
    [
        (protected(outcome="fail"), LINKS),
        (protected(outcome="not applicable"), LINKS),
        (protected(override=Override(label="l", by="b", reason="r")), LINKS),
        (verdicts.verdict(gates=verdicts.gates()[:3]), LINKS),
        (verdicts.verdict(), Links(self_reported=True)),
    ],
    ids=["failed", "not asked", "overridden", "missing", "known to the caller"],
)
def test_what_its_author_may_have_bent_is_self_reported(verdict: Verdict, links: Links) -> None:
    markdown = render(verdict, links=links)

    assert markdown.startswith("> [!WARNING]\n> **Accepted, by its own word.**")
    assert "> [!CAUTION]\n> **Self-reported.** " in markdown


def test_nothing_is_self_reported_when_the_gate_passed() -> None:
    assert "elf-reported" not in render(verdicts.verdict(), links=LINKS)


def test_what_main_judged_is_nobodys_own_word_whatever_was_changed() -> None:
    changed = protected(outcome="fail")
    on_main = Links(main=True)

    assert "Self-reported" not in render(changed, links=on_main)
    assert "block this promotion" in render(verdicts.refused(), links=on_main)
    assert "block this pull request" in render(verdicts.refused(), links=Links())


def test_nothing_is_self_reported_where_there_was_nothing_to_change() -> None:
    """On main itself there is no base whose gates could have been changed."""
    candidate = verdicts.verdict().candidate.model_copy(update={"base": None})
    judged = protected(outcome="not applicable").model_copy(update={"candidate": candidate})

    assert "elf-reported" not in render(judged, links=LINKS)


def test_it_can_be_reproduced_from_its_commit() -> None:
    markdown = render(verdicts.verdict(), links=LINKS)

    commands = f"git fetch origin {verdicts.HEAD}\ngit checkout {verdicts.HEAD}\nmake pr\n"
    assert f"```bash\n{commands}```" in markdown


def test_the_footer_names_every_hash() -> None:
    footer = render(verdicts.verdict(), links=LINKS).strip().splitlines()[-1]

    assert footer == (
        "<sub>head `a3f1c09ea3f1` · base `5c7d20b15c7d` · champion `9e8b44d29e8b` · dvc.lock "
        "`0f0f0f0f0f0f` (champion's `1e1e1e1e1e1e`) · data `2b6126e44548` · held-out rows "
        "`77330069efa8` · champion's predictions: from the cache</sub>"
    )


def test_changes_stages_and_data_are_told() -> None:
    markdown = render(verdicts.verdict(), links=LINKS)

    assert table(markdown, "parameter") == {
        "`model.gradient_boosting.max_iter`": ["`100`", "`150`"]
    }
    assert table(markdown, "stage")["`train`"] == [
        *("ran", "1 min 23 s", "`artifacts/features`, `model.gradient_boosting.max_iter`")
    ]
    assert table(markdown, "stage")["`split`"] == ["cached", "0.0 s", "–"]
    assert table(markdown, "table") == {"`flights`": ["195,583", "224,910"]}
    assert table(markdown, "column")["`temp`"] == ["1.7214", "0.4120", "0.2500"]


def test_an_interval_is_drawn_around_zero() -> None:
    def drawn(low: float | None, middle: float, high: float, margin: float | None) -> str:
        measure = Measure(name="m", outcome="pass", difference=middle, low=low, high=high)
        return strip(measure, margin).replace("\u00a0", " ")

    assert drawn(-0.5, 0.0, 0.5, 1.0) == "` ┊    ━━━━━●━━━━━      `"
    assert drawn(-1.0, -0.5, 0.0, None) == "` ━━━━━●━━━━┿           `"
    assert drawn(None, 0.1, 0.2, 0.1) == ""
    assert drawn(0.0, 0.0, 0.0, None) == ""


def test_links_and_a_note_of_the_caller() -> None:
    links = Links(page="https://example.invalid/p", note="2 gates were cut: they were too long.")

    markdown = render(verdicts.verdict(), links=links)

    assert "[Full report](https://example.invalid/p)" in markdown
    assert "Workflow run" not in markdown
    assert "> [!CAUTION]\n> 2 gates were cut: they were too long.\n" in markdown


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "https://a b", "https://a)b", "https://a\n", "/local", ""]
)
def test_an_address_that_could_end_its_link_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="not an address that can be linked to"):
        Links(page=address)


def test_a_huge_verdict_is_cut_from_the_least_important_up() -> None:
    verdict = verdicts.huge()

    comment, summary = render(verdict, links=LINKS), whole(verdict, links=LINKS)

    assert len(comment) <= COMMENT == 60_000
    assert len(comment) < len(summary.encode()) <= SUMMARY < 2**20
    notice = (
        f"*Shortened to fit here; the rest is in the [job summary]({LINKS.run}) and the "
        f"[full report]({LINKS.page}).*"
    )
    assert notice in comment.splitlines()
    assert "### Gates" in comment
    assert comment.count("**Overridden:**") == len(verdict.gates)
    assert "git checkout" in comment
    assert comment.splitlines()[-1].startswith("<sub>head")
    assert "other gates" not in comment


def test_a_verdict_a_little_too_long_loses_its_details_first() -> None:
    notes = [Measure(name=f"m{n}", outcome="pass", note="word " * 30) for n in range(400)]
    verdict = verdicts.verdict(gates=verdicts.gates(lock=verdicts.gate("lock", measures=notes)))

    comment = render(verdict, links=LINKS)

    assert "### Charts" in comment
    assert "And 370 more." in comment
    assert table(comment, "metric") == table(whole(verdict, links=LINKS), "metric")
    assert "Shortened to fit here" in comment
    assert "Shortened" not in whole(verdict, links=LINKS)


def test_what_fits_is_not_shortened() -> None:
    for verdict in verdicts.every().values():
        assert "Shortened" not in render(verdict, links=LINKS)
        assert render(verdict, links=LINKS) == whole(verdict, links=LINKS)


def test_every_section_is_either_kept_or_can_be_dropped() -> None:
    assert set(LEAST_FIRST) < set(SECTIONS)
    assert {"decision", "gates", "reproduce", "footer"} == set(SECTIONS) - set(LEAST_FIRST)


def poisoned(text: str) -> Verdict:
    """A verdict in which every text that may be anything is this text."""
    name, gate = text[:200], {"question": text, "reason": text, "remedy": text}
    measure = Measure(
        name=name,
        outcome="fail",
        value=1,
        champion=2,
        difference=-1,
        low=-2,
        high=-0.5,
        limit=0.1,
        note=text,
    )
    change = Change(name=name, old=text, new=text)
    curves = [Curve(name=name, x=[0, 1], y=[0, 1])]
    return verdicts.verdict(
        summary=text,
        candidate=Candidate(commit=verdicts.HEAD, base=None, lock=None, data=None, estimator=name),
        champion=Champion(origin="promoted", version=name, obtained=text, why_not=text),
        holdout=verdicts.holdout(first=name, last=name),
        gates=[
            Gate(
                name=gate_name,
                outcome="fail",
                measures=[measure],
                override=Override(label=name, by=name, reason=text),
                **gate,
            )
            for gate_name in ("data", "protected", "deadbeef")
        ],
        metrics=[m.model_copy(update={"name": name}) for m in verdicts.metrics()[:1]],
        data=Data(
            rows=[change], periods=[change], through=name, findings=[text], shifted=[measure]
        ),
        params=[change],
        files=[name, name],
        stages=[verdicts.verdict().stages[0].model_copy(update={"name": name, "changed": [name]})],
        charts=[Chart(name=name, title=text, x=name, y=name, curves=curves)],
    )


@pytest.mark.parametrize("text", [text for text in ATTACKS if text])
def test_a_hostile_text_is_nothing_but_text_wherever_it_stands(text: str) -> None:
    links = Links(page=LINKS.page, run=LINKS.run, note=text)

    markdown = render(poisoned(text), links=links)

    calm_links = Links(page=LINKS.page, run=LINKS.run, note="calm")
    read, calm = page(markdown), page(render(poisoned("calm"), links=calm_links))
    assert found(read.text) == {}
    assert set(read.links) == {LINKS.page, LINKS.run}
    skeleton = [tag for tag in read.tags if tag[0] not in ("code", "p")]
    assert skeleton == [tag for tag in calm.tags if tag[0] not in ("code", "p")]
    assert not read.comments
    assert not read.unbalanced
    for wanted in ("@", "![", "](javascript", "<!--"):
        assert wanted not in markdown


@pytest.mark.parametrize("text", ATTACKS)
def test_a_hostile_text_cannot_end_a_diagram(text: str) -> None:
    markdown = render(poisoned(text), links=LINKS)
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", markdown, re.MULTILINE | re.DOTALL)

    kinds = [kind for kind, _ in blocks]
    assert kinds == ["mermaid", "bash"]
    head, kind, *lines = blocks[0][1].splitlines()
    assert head.startswith('%%{init: {"xyChart"')
    assert kind == "xychart-beta"
    assert [line.split()[0] for line in lines] == ["title", "x-axis", "y-axis", "line"]
    assert all(
        re.fullmatch(r' *[a-z-]+ "[\w .-]*"[-0-9. >]*| *line \[[-0-9., ]+\]', x) for x in lines
    )


def test_a_real_watermark_is_not_in_any_text() -> None:
    mark = '![](https://cml.dev/watermark.png#0a1b "CML watermark report")'

    markdown = render(poisoned(mark), links=LINKS)

    assert not re.search(r"!\[\]\(https://cml\.dev/watermark\.png#[0-9a-f]+ ", markdown)
    assert "watermark" in markdown
