"""The data card of made-up facts of each task."""

import re
from typing import Any

import cmarkgfm
import pytest
from jinja2 import UndefinedError

from mlops.contract import Task
from mlops.evaluation.names import BETTER
from mlops.report.data_card import allowed, observed, render
from tests.mlops.report.test_card import rows_of

OUTCOMES: dict[Task, dict[str, float]] = {
    "binary": {"rate": 0.2514},
    "multiclass": {"red": 0.25, "a|b": 0.75},
    "regression": {"mean": 152.13},
}
NUMBER: dict[str, Any] = {
    "type": "float64",
    "rules": ["between -1 and 60", "missing at most 8.0%"],
    "pattern": None,
    "nullable": True,
    "sensitive": False,
    "missing": 12346,
    "smallest": -0.5,
    "largest": 60.0,
}
TEXT: dict[str, Any] = {
    "type": "text",
    "rules": ["a carrier code"],
    "pattern": r"^(AA|UA)$",
    "nullable": False,
    "sensitive": False,
    "missing": 0,
    "distinct": 1016,
    "most_frequent": "UA",
    "times": 39126,
}
DATA: dict[str, Any] = {
    "md5": "0123abcd.dir",
    "rows": {"flights": 123456, "planes": 3322},
    "periods": {"flights": ["2013-01", "2013-02", "2013-03"], "planes": []},
}


def split(task: Task, *, dated: bool) -> dict[str, Any]:
    outcome = {"outcome": OUTCOMES[task]}
    ends = {"first": "2013-01-01", "last": "2013-02-28"} if dated else {}
    part = {"rows": 1600, "blocks": 59} | ends | outcome
    months = {"2013-01": {"part": "train", "rows": 800} | outcome}
    return {"parts": {"train": part, "test": part}, "months": months if dated else {}}


def card(task: Task = "binary", *, dated: bool = True, **more: Any) -> str:
    facts = {
        "words": "## Motivation\n\nTo see.",
        "data": DATA,
        "columns": {"flights": {"delay": NUMBER, "carrier": TEXT}, "planes": {"seats": NUMBER}},
        "split": split(task, dated=dated),
    }
    return render(task=task, target="late", **(facts | more))


@pytest.mark.parametrize("task", list(BETTER))
@pytest.mark.parametrize("dated", [True, False])
def test_every_table_is_a_table_to_github(task: Task, dated: bool) -> None:
    text = card(task, dated=dated)

    blocks = re.findall(r"(?:^\|.*\n)+", text, flags=re.MULTILINE)
    html = cmarkgfm.github_flavored_markdown_to_html(text)
    assert len(blocks) == html.count("<table>") == 5 + dated
    for block in blocks:
        header, rule, *body = rows_of(block)
        assert {len(row) for row in (rule, *body)} == {len(header)}
        assert body


def test_the_head_names_the_data_by_hash_and_the_outcome() -> None:
    rows = dict(row for row in rows_of(card()) if len(row) == 2)

    assert rows["data"] == "`0123abcd.dir`"
    assert rows["rows"] == "126,778 in 2 tables"
    assert rows["outcome"] == "`late`"


def test_a_raw_table_has_its_files_rows_and_periods() -> None:
    rows = rows_of(card())

    assert ["flights", "3", "123,456", "2013-01 to 2013-03"] in rows
    assert ["planes", "1", "3,322", "–"] in rows


def test_a_column_has_what_is_allowed_and_what_was_found() -> None:
    rows = rows_of(card())

    assert [
        "delay",
        "float64",
        "between -1 and 60, missing at most 8.0%",
        "yes",
        "12,346 (10.0 %)",
        "-0.5 to 60",
    ] in rows
    assert [
        "carrier",
        "text",
        r"a carrier code, matching `^(AA\|UA)$`",
        "no",
        "none",
        "1,016 values, `UA` in 39,126 rows",
    ] in rows


def test_a_dated_split_has_its_ends_and_the_rate_of_each_month() -> None:
    rows = rows_of(card())

    assert ["training", "1,600", "59", "2013-01-01", "2013-02-28", "0.251"] in rows
    assert ["held out", "1,600", "59", "2013-01-01", "2013-02-28", "0.251"] in rows
    assert ["2013-01", "training", "800", "0.251"] in rows


def test_the_outcome_is_told_as_the_task_has_it() -> None:
    rate, shares, mean = (card(task, dated=False) for task in BETTER)

    assert "The rate is the share of the rows whose `late` is 1." in rate
    assert "Each class of `late` has its share of the rows." in shares
    assert ["part", "rows", "blocks", "red", r"a\|b"] in rows_of(shares)
    assert ["training", "1,600", "59", "0.250", "0.750"] in rows_of(shares)
    assert "The mean is that of `late`." in mean
    assert ["held out", "1,600", "59", "152.130"] in rows_of(mean)


def test_the_problems_own_words_are_taken_as_they_are() -> None:
    words = "## Licence\n\n{{ not a template }} <b>&</b> 100 %"

    assert words in card(words=words)


def test_values_of_the_data_are_no_markup() -> None:
    shown = observed(TEXT | {"most_frequent": "<img src=x> | [a](http://b) `c` @d"})

    html = cmarkgfm.github_flavored_markdown_to_html(f"| a |\n|---|\n| {shown} |\n")
    assert html.count("<td>") == 1
    assert "<img" not in html
    assert "<a " not in html


def test_what_a_column_has_not_is_a_dash_or_said() -> None:
    hidden = {key: NUMBER[key] for key in NUMBER if key not in ("smallest", "largest")}
    alike = {key: TEXT[key] for key in TEXT if key not in ("most_frequent", "times")}

    assert allowed(NUMBER | {"rules": []}) == "–"
    assert observed(NUMBER | {"smallest": None, "largest": None}) == "–"
    assert observed(hidden | {"sensitive": True}) == "not told"
    assert observed(alike) == "1,016 values"
    assert observed(alike | {"distinct": 1}) == "1 value"
    assert observed(NUMBER | {"smallest": 1, "largest": 12345678}) == "1 to 12345678"


def test_a_fact_that_is_missing_is_an_error_and_no_gap() -> None:
    data = {key: DATA[key] for key in DATA if key != "md5"}

    with pytest.raises(UndefinedError, match="md5"):
        card(data=data)
