"""The tables that the server carries."""

import json

import numpy as np
import pandas as pd

from mlops.export.snapshot import day, take

RATES = pd.DataFrame(
    {
        "shop": ["b", "a", "a", "a"],
        "date": ["2013-07-02", "2013-06-30", "2013-07-01", "2013-07-02"],
        "late": [0.5, 0.1, np.nan, 0.3],
        "unused": 1,
    }
)


def test_rows_are_in_order_and_the_past_is_left_out() -> None:
    about, content = take(
        "rates", RATES, ["shop", "date"], ["late"], since="2013-07-01", carried_forward=True
    )

    assert json.loads(content) == {
        "keys": [["a", "2013-07-01"], ["a", "2013-07-02"], ["b", "2013-07-02"]],
        "values": [[None], [0.3], [0.5]],
    }
    assert (about.rows, about.time, about.newest) == (3, "date", "2013-07-02")
    assert about.carried_forward


def test_a_table_without_a_time_is_kept_whole() -> None:
    planes = pd.DataFrame({"tail": ["N2", "N1"], "seats": [100, 2], "year": [1999.0, np.nan]})

    about, content = take(
        "planes", planes, ["tail"], ["seats", "year"], since="2013-07-01", carried_forward=False
    )

    assert json.loads(content) == {"keys": [["N1"], ["N2"]], "values": [[2, None], [100, 1999.0]]}
    assert (about.time, about.newest) == (None, None)


def test_floats_come_back_bit_for_bit() -> None:
    values = np.random.default_rng(1).random(200)
    table = pd.DataFrame({"id": range(200), "v": values})

    _, content = take("t", table, ["id"], ["v"], since=None, carried_forward=False)

    assert [row[0] for row in json.loads(content)["values"]] == values.tolist()


def test_the_first_day_is_that_of_blocks_which_are_dates() -> None:
    assert day(pd.Series(["2013-07-02", "2013-07-01"])) == "2013-07-01"
    assert day(pd.Series(["patient-1", "patient-2"])) is None
