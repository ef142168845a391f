"""The server as a process of its own, on a free port."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass
class Running:
    """A server that has said that it started; its log, as far as it was read."""

    process: subprocess.Popen[str]
    address: str
    port: int

    def stop(self, within: float = 20) -> tuple[int, list[dict[str, Any]]]:
        """Ask it to stop; its exit code, and what it said since it started."""
        self.process.send_signal(signal.SIGTERM)
        said, _ = self.process.communicate(timeout=within)
        return self.process.returncode, [json.loads(line) for line in said.splitlines()]

    def resident(self) -> int:
        """Bytes in memory."""
        pages = Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")


@contextmanager
def serving(model: Path, *options: str, **environment: str) -> Iterator[Running]:
    """Start a server, and see to it that it is gone afterwards."""
    process = subprocess.Popen(
        [sys.executable, "-m", "serving", "--model", str(model), "--port", "0", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )
    try:
        assert process.stdout is not None
        assert process.stderr is not None
        first = process.stdout.readline()
        assert first.startswith("{"), first + process.stderr.read()
        address = json.loads(first)["address"]
        yield Running(process, address, int(address.rsplit(":", 1)[1]))
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdout, process.stderr):
            assert stream is not None
            stream.close()
