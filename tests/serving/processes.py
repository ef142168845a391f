"""The server as a process of its own, on a free port."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass
class Running:
    """A server that has said that it started; what it says is read all the time."""

    process: subprocess.Popen[str]
    address: str
    port: int
    reader: threading.Thread
    lines: list[str]

    def stop(self, within: float = 20) -> tuple[int, list[dict[str, Any]]]:
        """Ask it to stop; its exit code, and what it said since it started."""
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(within)
        self.reader.join(within)
        return code, [json.loads(line) for line in self.lines]

    def resident(self) -> int:
        """Bytes in memory."""
        pages = Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")


@contextmanager
def serving(model: Path, *options: str, **environment: str) -> Iterator[Running]:
    """Start a server, and see to it that it is gone afterwards."""
    with subprocess.Popen(
        [sys.executable, "-m", "serving", "--model", str(model), "--port", "0", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stderr is not None
            first = process.stdout.readline()
            assert first.startswith("{"), first + process.stderr.read()
            address, lines = json.loads(first)["address"], list[str]()
            reader = threading.Thread(target=lines.extend, args=[process.stdout], daemon=True)
            reader.start()
            yield Running(process, address, int(address.rsplit(":", 1)[1]), reader, lines)
        finally:
            process.kill()
