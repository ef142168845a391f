"""Scores and what they say."""

import numpy as np
import pytest

from mlops.contract import Task
from mlops.explain.scale import gap, prediction, scale_of


def test_log_odds_of_nothing_are_one_half() -> None:
    assert prediction("log-odds", np.array([[0.0], [np.log(3)]])) == pytest.approx(
        np.array([[0.5], [0.75]])
    )


def test_logits_that_are_equal_share_evenly() -> None:
    assert prediction("logits", np.array([[2.0, 2.0], [0.0, np.log(4)]])) == pytest.approx(
        np.array([[0.5, 0.5], [0.2, 0.8]])
    )


@pytest.mark.parametrize(
    ("task", "scores", "answers", "expected"),
    [
        ("binary", [[0.0], [100.0]], [[0.5], [1.0]], "log-odds"),
        ("binary", [[0.5], [1.0]], [[0.5], [1.0]], "probability"),
        ("binary", [[0.5], [1.0]], [[0.5], [0.9]], None),
        ("multiclass", [[1.0, 1.0]], [[0.5, 0.5]], "logits"),
        ("multiclass", [[0.2, 0.8]], [[0.2, 0.8]], "probability"),
        ("regression", [[250_000.0]], [[250_000.5]], "value"),
        ("regression", [[25.0]], [[25.5]], None),
        ("regression", [[np.nan]], [[1.0]], None),
        ("multiclass", [[0.0]], [[0.5, 0.5]], None),
    ],
)
def test_the_scale_is_the_one_that_gives_the_answers(
    task: Task, scores: list[list[float]], answers: list[list[float]], expected: str | None
) -> None:
    assert scale_of(task, np.array(scores), np.array(answers)) == expected


def test_a_gap_counts_in_units_of_large_answers_only() -> None:
    assert gap("value", np.array([[0.25]]), np.array([[0.5]])) == 0.25
    assert gap("value", np.array([[1010.0]]), np.array([[1000.0]])) == pytest.approx(0.01)
    assert gap("value", np.empty((0, 1)), np.empty((0, 1))) == 0
