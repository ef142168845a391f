"""The page of explanations: one file, no request, every text escaped, every number there."""

import re

import pytest

from mlops.explain.result import Contribution, Result
from mlops.report.explain import page
from mlops.report.explain.page import render
from tests.mlops.report.explain import examples
from tests.mlops.report.rendered import Page
from tests.mlops.report.test_untrusted import ATTACKS


@pytest.mark.parametrize("name", list(examples.every()))
def test_every_explanation_is_a_page_that_asks_for_nothing(name: str) -> None:
    html = render(examples.every()[name])

    read = Page(html)
    assert html.startswith("<!DOCTYPE html>")
    assert not read.unbalanced
    assert not read.open
    assert not read.names & {"script", "link", "img", "iframe", "object", "form", "base", "a"}
    assert not re.search(r"url\(|@import|src=", html)
    assert "default-src 'none'" in html
    assert '<meta name="viewport" content="width=device-width, initial-scale=1">' in html


def cells(html: str) -> list[list[str]]:
    """The texts of each table's rows that are not empty."""
    rows = re.findall(r"<tr.*?</tr>", html, flags=re.DOTALL)
    texts = [re.sub(r"<[^>]*>", "|", row) for row in rows]
    return [[text for text in row.split("|") if text.strip()] for row in texts]


def test_each_row_goes_from_the_base_by_its_inputs_to_the_score() -> None:
    found = cells(render(examples.binary()))

    assert found[:6] == [
        ["base", "−1.0000"],
        ["hour", "1855", "+1.2500"],
        ["wind", "missing", "−0.5000"],
        ["carrier", "B6", "+0.2500"],
        ["age", "not shown", "0.0000"],
        ["score", "0.0000"],
    ]
    assert found[12:] == [
        ["input", "moves by", "loss"],
        ["hour", "0.5000", "0.0200"],
        ["wind", "0.2500", "0.0400"],
        ["carrier", "0.1250", "−0.0100"],
        ["age", "0.0000", "–"],
    ]


def test_it_says_what_was_predicted_and_what_was_true() -> None:
    text = Page(render(examples.binary())).text.replace("\n", "")

    assert "late: probability 0.5000, from probability 0.2689 at the base; in truth 1" in text
    assert "late: probability 0.1192, from probability 0.2689 at the base" in text
    assert "another model's, of which this is no explanation" in text
    assert "the mean score of 500 training rows" in text


def test_the_likeliest_class_comes_first_and_the_others_can_be_opened() -> None:
    html = render(examples.multiclass())

    classes = re.findall(r"cultivar is (\w+)", html)
    assert classes == ["white", "red", "3"]
    assert html.count("<details") == 1
    assert ["hue", "0.8", "+2.0000"] in cells(html)
    assert ["hue", "0.8", "−1.5000"] in cells(html)


def test_a_regression_is_told_in_its_unit() -> None:
    text = Page(render(examples.regression())).text.replace("\n", "")

    assert "price: 140.25, from 150.00 at the base" in text
    assert "moves it, in price, to the score" in text


def poisoned(text: str) -> Result:
    found = examples.multiclass()
    row = found.rows[0].model_copy(
        update={
            "key": {text: text},
            "actual": text,
            "recorded": [0.0, 0.0, 1.0],
            "contributions": [Contribution(input=text, value=text, adds=[1.0, 2.0, 3.0])],
        }
    )
    names = dict.fromkeys(("model", "estimator", "target", "metric", "source"), text)
    overall = found.overall.model_copy(
        update={"inputs": [one.model_copy(update={"input": text}) for one in found.overall.inputs]}
    )
    changes = names | {"rows": [row], "overall": overall, "classes": [text, text, text]}
    return found.model_copy(update=changes)


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_text_becomes_a_tag(attack: str) -> None:
    clean, bad = Page(render(poisoned("word"))), Page(render(poisoned(attack)))

    assert [tag for tag, _ in bad.tags] == [tag for tag, _ in clean.tags]
    assert [set(attrs) for _, attrs in bad.tags] == [set(attrs) for _, attrs in clean.tags]


def test_what_is_too_much_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    found = examples.wide(page.INPUTS + 3)
    many = found.model_copy(update={"rows": found.rows * (page.ROWS + 2)})

    text = Page(render(many)).text

    assert "And 2 more in explain.json." in text
    assert "And 3 more in explain.json." in text
    assert f"{page.INPUTS + 3 - page.MOST} other inputs" in text
