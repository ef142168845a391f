"""Requests that wait at the same time are answered together.

What the event loop reads in one turn is gathered and predicted in the next, so that the cost of
preparing rows and of calling the runtime is shared when requests are many, and nobody waits when
they are few.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any, TypeVar

from numpy.typing import NDArray

from serving.errors import Rejected
from serving.inputs import Batch, Column

Columns = Mapping[str, Column]
Answer = tuple[Batch, NDArray[Any]]
"""Prepared rows and their predictions."""
Ask = Callable[[Columns, int], Answer]
T = TypeVar("T")
LARGE = 4  # large requests that may wait or run at once
SLOW = 0.005  # seconds of a prediction from which on the event loop does not wait for it


@dataclass(slots=True)
class Waiting:
    """A request and who waits for its answer."""

    columns: Columns
    rows: int
    future: "asyncio.Future[Answer]"


class Batcher:
    """Answers small requests; large ones are done in threads beside the event loop.

    So are small ones when a prediction takes so long that the event loop could not read meanwhile.
    """

    def __init__(self, ask: Ask, waiting: int) -> None:
        """ask: prepares and predicts rows, or raises Rejected. waiting: small requests that may
        wait at once.
        """
        self._ask, self._limit = ask, waiting
        self._queue: list[Waiting] = []
        self._running = self._slow = False
        self._small = ThreadPoolExecutor(1, "batches")
        self._whole = ThreadPoolExecutor(2, "large-requests")  # one reads while one predicts
        self._large = 0

    def admit(self) -> None:
        """Raises Rejected when as much is waiting as can be answered in time."""
        if len(self._queue) >= self._limit:
            raise _busy()

    async def answer(self, columns: Columns, rows: int) -> Answer:
        """The answer to a small request. Raises Rejected."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Answer] = loop.create_future()
        if not self._queue and not self._running:
            loop.call_soon(self._run, loop)
        self._queue.append(Waiting(columns, rows, future))
        return await future

    async def beside(self, work: Callable[[], T], limit: float) -> T:
        """What `work` returns, done in a thread so that small requests need not wait for it.

        Raises Rejected when too many wait for that, or it takes longer than `limit` seconds.
        """
        if self._large >= LARGE:
            raise _busy()
        self._large += 1
        running = asyncio.get_running_loop().run_in_executor(self._whole, work)
        running.add_done_callback(self._done)
        try:
            return await asyncio.wait_for(running, limit)
        except TimeoutError:
            raise Rejected("time", f"no answer within {limit:g} s; send fewer rows", 503) from None

    def _done(self, _: asyncio.Future[Any]) -> None:
        self._large -= 1

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        queue, self._queue = self._queue, []
        if self._slow:
            self._running = True
            running = loop.run_in_executor(self._small, self._answers, queue)
            running.add_done_callback(partial(self._ran, loop, queue))
        else:
            _settle(queue, self._answers(queue))

    def _ran(
        self,
        loop: asyncio.AbstractEventLoop,
        queue: list[Waiting],
        done: "asyncio.Future[list[Answer | Exception]]",
    ) -> None:
        self._running = False
        if self._queue:
            self._run(loop)
        _settle(queue, done.result())

    def _answers(self, queue: list[Waiting]) -> list[Answer | Exception]:
        started = time.perf_counter()
        together = self._together(queue) if len(queue) > 1 else None
        answers = together or [self._alone(waiting) for waiting in queue]
        self._slow = time.perf_counter() - started > SLOW
        return answers

    def _together(self, queue: list[Waiting]) -> list[Answer | Exception] | None:
        """The answers, when all have the same columns and nothing about them is odd."""
        names = queue[0].columns.keys()
        if any(waiting.columns.keys() != names for waiting in queue):
            return None
        merged = {
            name: list(chain.from_iterable([waiting.columns[name] for waiting in queue]))
            for name in names
        }
        try:
            batch, predictions = self._ask(merged, sum(waiting.rows for waiting in queue))
        except Exception:  # noqa: BLE001 - each is told by itself what is wrong with it, if it is
            return None
        return None if batch.flags else _parted(queue, batch, predictions)

    def _alone(self, waiting: Waiting) -> Answer | Exception:
        try:
            return self._ask(waiting.columns, waiting.rows)
        except Exception as error:  # noqa: BLE001 - raised again where it is waited for
            return error


def _parted(
    queue: list[Waiting], batch: Batch, predictions: NDArray[Any]
) -> list[Answer | Exception]:
    """To each what is theirs."""
    answers: list[Answer | Exception] = []
    start = 0
    for waiting in queue:
        end = start + waiting.rows
        feeds = {kind: matrix[start:end] for kind, matrix in batch.feeds.items()}
        answers.append((Batch(waiting.rows, feeds), predictions[start:end]))
        start = end
    return answers


def _settle(queue: list[Waiting], answers: list[Answer | Exception]) -> None:
    for waiting, answer in zip(queue, answers, strict=True):
        if waiting.future.done():  # who asked has left
            continue
        if isinstance(answer, Exception):
            waiting.future.set_exception(answer)
        else:
            waiting.future.set_result(answer)


def _busy() -> Rejected:
    text = "more is waiting than can be answered in time; try again in a second"
    return Rejected("busy", text, 503)
