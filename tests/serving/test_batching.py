"""Requests that wait at the same time are answered together."""

import asyncio
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

from serving.batching import LARGE, Batcher, Columns
from serving.errors import Rejected
from serving.inputs import Batch


class Doubling:
    """A model that doubles x, refuses what is negative and flags what is odd, and remembers how
    many rows it was asked at once, and where.
    """

    def __init__(self, seconds: float = 0.0) -> None:
        self.asked: list[int] = []
        self.places: list[str] = []
        self.seconds = seconds

    def __call__(self, columns: Columns, rows: int) -> tuple[Batch, Any]:
        time.sleep(self.seconds)
        self.places.append(threading.current_thread().name.split("_")[0])
        x = np.array(columns["x"], dtype=np.float32)
        assert len(x) == rows
        if (x < 0).any():
            raise Rejected("range", f"row {int(np.argmin(x))} is negative")
        self.asked.append(rows)
        odd = tuple(f"row {at} is odd" for at, value in enumerate(x) if value % 2)
        return Batch(rows, {"float32": x[:, None]}, odd, len(odd)), 2 * x


def ask(model: Doubling, *requests: Any, waiting: int = 99) -> list[Any]:
    """The predictions and flags of requests that come at the same time, or what was raised."""

    async def together() -> list[Any]:
        batcher = Batcher(model, waiting)
        return await asyncio.gather(
            *(batcher.answer(columns, len(next(iter(columns.values())))) for columns in requests),
            return_exceptions=True,
        )

    return [
        found if isinstance(found, Exception) else (found[1].tolist(), found[0].flags)
        for found in asyncio.run(together())
    ]


def test_each_gets_their_own_answers_from_one_call() -> None:
    model = Doubling()

    answers = ask(model, {"x": [0]}, {"x": (2, 4, 6)}, {"x": [8, 10]})

    assert answers == [([0], ()), ([4, 8, 12], ()), ([16, 20], ())]
    assert model.asked == [6]


def test_who_is_refused_is_told_of_their_own_rows_and_the_others_are_served() -> None:
    first, bad, last = ask(Doubling(), {"x": [2, 4]}, {"x": [6, -8]}, {"x": [10]})

    assert (first, last) == (([4, 8], ()), ([20], ()))
    assert str(bad) == "row 1 is negative"


def test_flags_tell_of_their_own_rows() -> None:
    answers = ask(Doubling(), {"x": [2, 4]}, {"x": [6, 7]})

    assert answers == [([4, 8], ()), ([12, 14], ("row 1 is odd",))]


def test_other_columns_are_asked_apart() -> None:
    model = Doubling()

    assert ask(model, {"x": [2]}, {"x": [4], "y": [1]}) == [([4], ()), ([8], ())]
    assert model.asked == [1, 1]


def test_nobody_waits_for_those_who_come_later() -> None:
    model = Doubling()

    async def apart() -> None:
        batcher = Batcher(model, waiting=100)
        for rows in (1, 2):
            await batcher.answer({"x": [2] * rows}, rows)

    asyncio.run(apart())

    assert model.asked == [1, 2]


def test_more_than_can_wait_are_turned_away() -> None:
    async def crowd() -> None:
        batcher = Batcher(Doubling(), waiting=2)
        first = [asyncio.ensure_future(batcher.answer({"x": [2]}, 1)) for _ in range(2)]
        batcher.admit()
        await asyncio.sleep(0)
        with pytest.raises(Rejected) as refused:
            batcher.admit()
        assert (refused.value.reason, refused.value.status) == ("busy", 503)
        await asyncio.gather(*first)
        batcher.admit()

    asyncio.run(crowd())


def test_one_who_left_does_not_disturb_the_others() -> None:
    async def asked() -> None:
        batcher = Batcher(Doubling(), waiting=9)
        gone = asyncio.ensure_future(batcher.answer({"x": [2]}, 1))
        stays = asyncio.ensure_future(batcher.answer({"x": [4]}, 1))
        await asyncio.sleep(0)
        gone.cancel()
        assert (await stays)[1].tolist() == [8]

    asyncio.run(asked())


def test_a_slow_model_does_not_keep_the_loop_from_reading() -> None:
    model = Doubling(seconds=0.02)

    async def asked() -> list[int]:
        batcher, turns = Batcher(model, waiting=99), 0

        def come(*values: int) -> list[asyncio.Future[Any]]:
            return [asyncio.ensure_future(batcher.answer({"x": [x]}, 1)) for x in values]

        await come(0)[0]  # in the loop, which learns how long it takes
        waiting = come(2, 4, 6)
        while not all(task.done() for task in waiting):
            turns += 1
            await asyncio.sleep(0.001)
            if turns == 3:  # while the model works, others come
                waiting += come(8, 10)
        assert turns > 10
        return [int((await task)[1][0]) for task in waiting]

    assert asyncio.run(asked()) == [4, 8, 12, 16, 20]
    assert model.places == ["MainThread", "batches", "batches"]
    assert model.asked == [1, 3, 2]


def beside(*works: Callable[[], Any], limit: float = 5) -> list[Any]:
    async def asked() -> list[Any]:
        batcher = Batcher(Doubling(), waiting=9)
        asking = (batcher.beside(work, limit) for work in works)
        return await asyncio.gather(*asking, return_exceptions=True)

    return asyncio.run(asked())


def test_large_requests_run_beside_the_loop() -> None:
    (there,) = beside(lambda: threading.current_thread().name)

    assert there.startswith("large-requests")


def test_too_many_large_ones_are_turned_away() -> None:
    done = threading.Event()
    threading.Timer(0.1, done.set).start()

    found = beside(*[done.wait] * (LARGE + 1))

    assert found[:LARGE] == [True] * LARGE
    assert "more is waiting" in str(found[LARGE])


def test_one_that_takes_too_long_is_given_up() -> None:
    never = threading.Event()

    (found,) = beside(partial(never.wait, 0.2), limit=0.01)

    assert "no answer within 0.01 s" in str(found)
