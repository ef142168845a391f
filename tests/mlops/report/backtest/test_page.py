"""The page of a backtest: one page, no request, and the figures of backtest.json."""

import re

import pytest

from mlops.report.backtest import page
from tests.mlops.report import backtested
from tests.mlops.report.rendered import Page
from tests.mlops.report.test_untrusted import ATTACKS


def test_it_asks_for_nothing() -> None:
    html = page.render(backtested.result())

    read = Page(html)
    assert html.startswith("<!DOCTYPE html>")
    assert not read.unbalanced
    assert not read.names & {"script", "link", "img", "iframe", "object", "form", "base", "a"}
    assert not re.search(r"https?://|url\(|@import", html)
    assert "default-src 'none'" in html


def test_every_figure_of_every_period_stands_there() -> None:
    result = backtested.result()
    text = Page(page.render(result)).text

    for period in result.periods:
        for name in ("roc_auc", "brier"):
            for line in ("never", "gated"):
                assert f"{period.scores[line][name]:.4f}" in text
        assert period.judgement.summary in text
    assert "+0.0300" in text  # gated over never
    assert "+0.0150 to +0.0450" in text


def test_a_mistake_is_named() -> None:
    text = Page(page.render(backtested.result())).text

    assert "later proved significantly worse" in text
    assert "1.0.0 (brier, log_loss)" in text
    assert "worse: brier, log_loss" in text


def test_where_there_was_none_it_says_so() -> None:
    found = backtested.result()
    spotless = found.successions[0].model_copy(update={"worse": []})

    text = Page(page.render(found.model_copy(update={"successions": [spotless]}))).text
    assert "None of the 1 promoted models that served later" in text
    nobody = Page(page.render(found.model_copy(update={"successions": []}))).text
    assert "No promoted model has served a period yet." in nobody


def test_an_interval_that_leaves_zero_out_is_coloured() -> None:
    found = backtested.result()
    rows = page.over(found.periods, "roc_auc")

    assert [row.outcome for row in rows if row] == ["pass"] * 3
    worse = {"gated over never": backtested.gains(-0.03)}
    open_ = {"gated over never": backtested.gains(0.001)}
    changed = [found.periods[0].model_copy(update={"differences": d}) for d in (worse, open_)]
    assert [row.outcome for row in page.over(changed, "brier") if row] == ["fail", "inconclusive"]


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_text_becomes_markup(attack: str) -> None:
    clean = Page(page.render(backtested.result()))
    hostile = backtested.refused(attack[:200]).model_copy(update={"summary": attack[:2000]})

    read = Page(page.render(backtested.result(first_model=hostile, model=attack[:200])))

    assert read.names == clean.names
