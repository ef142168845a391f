"""Log lines as JSON, one a request; written a moment later, so that nobody waits for them."""

import os
import stat
import sys
import time
from typing import Any, BinaryIO

import msgspec

FLUSHED = 64 * 1024  # bytes from which on lines are written at once
LAST = 2  # seconds that the last lines have to be read
KEPT = 4 * 1024 * 1024  # bytes that wait for a reader who is slow; beyond, lines are given up
_encode = msgspec.json.Encoder().encode


class Log:
    """Lines for `stream`; standard output unless told otherwise.

    A pipe that nobody empties, or a stream that is gone, costs lines and never an answer.
    """

    def __init__(self, stream: BinaryIO | None = None) -> None:
        self._stream: BinaryIO = stream or sys.stdout.buffer
        self._lines = bytearray()
        self._lost = 0
        self._pipe = _pipe(self._stream)
        if self._pipe is not None:
            os.set_blocking(self._pipe, False)

    def write(self, event: str, **fields: Any) -> None:
        """Add a line; `flush` brings it out."""
        if len(self._lines) > KEPT:
            self._lost += 1
            return
        self._lines += _encode({"time": round(time.time(), 3), "event": event, **fields})
        self._lines += b"\n"
        if len(self._lines) > FLUSHED:
            self.flush()

    def close(self) -> None:
        """Write all that is there, as long as somebody reads it."""
        until = time.monotonic() + LAST
        while self._lines and time.monotonic() < until:
            self.flush()
            time.sleep(0.01)

    def flush(self) -> None:
        """Write what is there, as far as it is taken."""
        if not self._lines:
            return
        try:
            if self._pipe is None:
                self._stream.write(self._lines)
                self._stream.flush()
                self._lines.clear()
            else:
                del self._lines[: os.write(self._pipe, self._lines)]
        except BlockingIOError:
            return
        except (OSError, ValueError):
            self._lines.clear()
            return
        if self._lost and not self._lines:
            lost, self._lost = self._lost, 0
            self.write("lost", lines=lost)


def _pipe(stream: BinaryIO) -> int | None:
    try:
        number = stream.fileno()
        return number if stat.S_ISFIFO(os.fstat(number).st_mode) else None
    except (OSError, ValueError):
        return None
