"""Requests kept for a replay: what was asked, and what was answered. Only when the operator asks.

A line a row, JSON: `{"columns": {"carrier": "UA", …}, "prediction": 0.27}`. A column that a request
left out is not there; a gap is null. What the manifest calls sensitive, or does not know, is never
written.
"""

import logging
import os
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from serving.inputs import Column
from serving.manifest import Manifest

ROWS = 20  # of one request, the first ones: its answer may be waiting for this
WAITING = 500  # rows between two writes: what comes on top is skipped
LINE = 65_536  # bytes of a row; a longer one is skipped
PAUSE = 1.0  # seconds between two writes
START = b'{"columns":'

log = logging.getLogger(__name__)


class Capture:
    """A file of the newest rows, and beside it, under the name ending in `.1`, of those before.

    Each holds at most half of `limit_rows`. Nothing here raises once the server runs: a row that
    cannot be written is counted in `failed`, one that is too much in `skipped`.
    """

    def __init__(self, path: Path, limit_rows: int, manifest: Manifest) -> None:
        """Continue the file if there is one. ValueError when `limit_rows` is less than 2."""
        if limit_rows < 2:
            raise ValueError(f"expected room for at least 2 rows, found {limit_rows}")
        self.path, self.before = path, path.with_name(f"{path.name}.1")
        self.recorded = self.skipped = self.failed = 0
        self._segment = limit_rows // 2
        inputs = {i.name: i.sensitive for i in manifest.inputs}
        self._kept = frozenset(
            name
            for name in (*inputs, *(key.name for key in manifest.keys))
            if not inputs.get(name, False)
        )
        self._encoder = msgspec.json.Encoder(enc_hook=_plain)
        self._lines: deque[bytes] = deque()
        self._length: int | None = None  # lines in the file; None: to be counted
        self._complained = False
        self._writing = threading.Lock()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="capture", daemon=True)
        self._thread.start()

    def record(self, columns: Mapping[str, Column], rows: int, predictions: NDArray[Any]) -> None:
        """Note the columns as the client gave them, with the answer, shape (rows,) or (rows, k).

        Takes microseconds a row, touches no file, and never raises.
        """
        taken = min(rows, ROWS, WAITING - len(self._lines))
        self.skipped += rows - max(taken, 0)
        if taken <= 0:
            return
        try:
            names = [name for name in columns if name in self._kept]
            values = [_listed(columns[name][:taken]) for name in names]
            answers = predictions[:taken].tolist()
            for at in range(taken):
                row = {name: column[at] for name, column in zip(names, values, strict=True)}
                line = self._encoder.encode({"columns": row, "prediction": answers[at]})
                if len(line) > LINE:
                    self.skipped += 1
                else:
                    self._lines.append(line)
        except Exception as odd:  # noqa: BLE001 - the answer is out; its record is not worth a crash
            self._fail(taken, odd)

    def flush(self) -> None:
        """Write what waits."""
        with self._writing:
            lines = [self._lines.popleft() for _ in range(len(self._lines))]
            while lines:
                part, lines = self._room(lines)
                if part:
                    self._write(part)

    def close(self) -> None:
        """Write what waits, and stop."""
        self._closed.set()
        self._thread.join(timeout=5)
        self.flush()

    def _run(self) -> None:
        while not self._closed.wait(PAUSE):
            self.flush()

    def _room(self, lines: list[bytes]) -> tuple[list[bytes], list[bytes]]:
        """What still fits into the file, which is set aside when it is full, and the rest."""
        try:
            if self._length is None:
                self._length = self._found()
            if self._length >= self._segment:
                self.path.replace(self.before)
                self._length = 0
        except OSError as broken:
            self._fail(len(lines), broken)
            return [], []
        room = self._segment - self._length
        return lines[:room], lines[room:]

    def _found(self) -> int:
        """The lines that are in the file already. What an earlier, higher limit left is removed."""
        length = _mend(self.path)
        if max(length, _mend(self.before)) <= self._segment:
            return length
        self.path.unlink(missing_ok=True)
        self.before.unlink(missing_ok=True)
        return 0

    def _write(self, lines: list[bytes]) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW
        content = b"".join(line + b"\n" for line in lines)
        try:
            with os.fdopen(os.open(self.path, flags, 0o600), "ab", buffering=0) as file:
                os.fchmod(file.fileno(), 0o600)
                end = os.fstat(file.fileno()).st_size
                if (written := os.write(file.fileno(), content)) < len(content):
                    file.truncate(end)
            if written < len(content):
                self._fail(len(lines), OSError("the disk is full"))
                return
        except OSError as broken:
            self._length = None  # to be counted again
            self._fail(len(lines), broken)
            return
        self._length = (self._length or 0) + len(lines)
        self.recorded += len(lines)

    def _fail(self, rows: int, why: Exception) -> None:
        self.failed += rows
        if not self._complained:
            self._complained = True
            log.warning(
                "capture: rows are not recorded in %s (%s); serving goes on", self.path, why
            )


def _mend(path: Path) -> int:
    """The lines of a file, 0 without one; a last line that was cut off is taken away.

    Raises OSError when the file is none of this class's: it is not to be touched.
    """
    if not path.exists():
        return 0
    if not path.is_file():
        raise OSError(f"{path.name} is not a plain file")
    lines = length = 0
    with path.open("rb") as file:
        for line in file:
            if not (line.startswith(START) or START.startswith(line)):
                raise OSError(f"{path.name} holds something else")
            if line.endswith(b"\n"):
                lines, length = lines + 1, length + len(line)
    if length < path.stat().st_size:
        os.truncate(path, length)
    return lines


def _listed(values: Column) -> Sequence[Any]:
    return values.tolist() if isinstance(values, np.ndarray) else values


def _plain(value: object) -> object:
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"{type(value).__name__} cannot be written")
