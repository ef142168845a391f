"""Log lines as JSON, one a request; written a moment later, so that nobody waits for them."""

import sys
import time
from typing import Any, BinaryIO

import msgspec

FLUSHED = 64 * 1024  # bytes from which on lines are written at once
_encode = msgspec.json.Encoder().encode


class Log:
    """Lines for `stream`; standard error unless told otherwise."""

    def __init__(self, stream: BinaryIO | None = None) -> None:
        self._stream = stream or sys.stderr.buffer
        self._lines = bytearray()

    def write(self, event: str, **fields: Any) -> None:
        """Add a line; `flush` brings it out."""
        self._lines += _encode({"time": round(time.time(), 3), "event": event, **fields})
        self._lines += b"\n"
        if len(self._lines) > FLUSHED:
            self.flush()

    def flush(self) -> None:
        """Write what is there. A stream that is gone costs the lines, never an answer."""
        lines, self._lines = self._lines, bytearray()
        if not lines:
            return
        try:
            self._stream.write(lines)
            self._stream.flush()
        except (OSError, ValueError):
            return
