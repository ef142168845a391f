"""Rows that wait at the same time are predicted together.

What the event loop reads in one turn is gathered and predicted in the next, so that the cost of a
call of the runtime is shared when requests are many, and nobody waits when they are few.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from serving.errors import Rejected
from serving.inputs import Batch

Predict = Callable[[dict[str, NDArray[Any]]], NDArray[Any]]
T = TypeVar("T")
LARGE = 4  # large requests that may wait or run at once


class Batcher:
    """Predictions of small requests in the event loop; large requests in a thread beside it."""

    def __init__(self, predict: Predict, waiting: int) -> None:
        """waiting: small requests that may wait at once."""
        self._predict, self._limit = predict, waiting
        self._queue: list[tuple[Batch, asyncio.Future[NDArray[Any]]]] = []
        self._thread = ThreadPoolExecutor(1, "large-requests")
        self._large = 0

    def admit(self) -> None:
        """Raises Rejected when as much is waiting as can be answered in time."""
        if len(self._queue) >= self._limit:
            raise _busy()

    async def predict(self, batch: Batch) -> NDArray[Any]:
        """The predictions of a small request's rows."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[NDArray[Any]] = loop.create_future()
        if not self._queue:
            loop.call_soon(self._run)
        self._queue.append((batch, future))
        return await future

    async def beside(self, work: Callable[[], T], limit: float) -> T:
        """What `work` returns, done in a thread so that small requests need not wait for it.

        Raises Rejected when too many wait for that, or it takes longer than `limit` seconds.
        """
        if self._large >= LARGE:
            raise _busy()
        self._large += 1
        running = asyncio.get_running_loop().run_in_executor(self._thread, work)
        running.add_done_callback(self._done)
        try:
            return await asyncio.wait_for(running, limit)
        except TimeoutError:
            raise Rejected("time", f"no answer within {limit:g} s; send fewer rows", 503) from None

    def _done(self, _: asyncio.Future[Any]) -> None:
        self._large -= 1

    def _run(self) -> None:
        queue, self._queue = self._queue, []
        try:
            if len(queue) == 1:
                parts = [self._predict(queue[0][0].feeds)]
            else:
                feeds = {
                    kind: np.concatenate([batch.feeds[kind] for batch, _ in queue])
                    for kind in queue[0][0].feeds
                }
                ends = np.cumsum([batch.rows for batch, _ in queue])
                parts = np.split(self._predict(feeds), ends[:-1])
        except Exception as error:  # noqa: BLE001 - each of them is told
            for _, future in queue:
                if not future.done():
                    future.set_exception(error)
            return
        for (_, future), part in zip(queue, parts, strict=True):
            if not future.done():
                future.set_result(part)


def _busy() -> Rejected:
    text = "more is waiting than can be answered in time; try again in a second"
    return Rejected("busy", text, 503)
