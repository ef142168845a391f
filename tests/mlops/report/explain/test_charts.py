"""Where bars begin and end."""

import pytest

from mlops.explain.result import Importance
from mlops.report.explain.charts import bars, waterfall
from mlops.report.explain.wording import Line


def test_each_bar_begins_where_the_one_before_ended() -> None:
    """From -1 up by 3, down by 1, to 1: the width is that from -1 to 2."""
    found = waterfall(-1.0, [Line("a", "", 3.0), Line("b", "", -1.0)])

    up, down = found.steps
    assert (found.base, up.left, up.width) == (2, 2, 96)
    assert (down.left, down.width) == (2 + 64, 32)
    assert found.score == down.left
    assert (up.style, down.style) == ("up", "down")


@pytest.mark.parametrize("adds", [[], [0.0], [0.0, 0.0]])
def test_a_row_that_nothing_moves_stays_at_the_base(adds: list[float]) -> None:
    found = waterfall(5.0, [Line("a", "", add) for add in adds])

    assert found.base == found.score
    assert all(step.width == 0 for step in found.steps)


def test_bars_have_a_scale_each_and_never_a_negative_width() -> None:
    inputs = [("a", 0.5, 0.02), ("b", 0.25, 0.04), ("c", 0.0, -0.01), ("d", 0.1, None)]

    found = bars([Importance(input=i, contribution=c, loss=loss) for i, c, loss in inputs])

    assert [one.contribution for one in found] == [100, 50, 0, 20]
    assert [one.loss for one in found] == [50, 100, 0, 0]


def test_bars_of_nothing_have_no_width() -> None:
    assert bars([]) == []
    assert bars([Importance(input="a", contribution=0.0)])[0].contribution == 0
