"""`make ui` serves MLflow's pages on the runs logged here."""

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.slow


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answer(url: str, seconds: float) -> str:
    """The page behind `url`, as soon as the server is there."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5) as page:
                return str(page.read().decode())
        except (urllib.error.URLError, ConnectionError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)


def test_the_pages_answer(finished: Path) -> None:
    (finished / ".venv").symlink_to(ROOT / ".venv")
    port = free_port()
    server = subprocess.Popen(
        ["make", "-o", ".venv/.installed", "ui", f"PORT={port}"],
        cwd=finished,
        start_new_session=True,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert "MLflow" in answer(f"http://127.0.0.1:{port}/", seconds=120)
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait()
