"""The two servers: addresses of running ones, or export folders that are served for the while."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from mlops.errors import DeclarationError, Failure
from mlops.replay.result import Role
from mlops.report.untrusted import clean
from serving.errors import Unservable
from serving.manifest import FILE, Manifest, read

OPTIONS = ("--host", "127.0.0.1", "--auth", "off", "--log", "events", "--drain", "0")
PATIENCE = 60.0  # seconds until a server that was started answers
READY = "/v2/health/ready"


class StartError(Failure):
    """A server of an export folder did not start."""

    exit_code = 6


@dataclass(frozen=True)
class Side:
    """A server that can be asked."""

    role: Role
    name: str
    url: str
    key: str | None = field(default=None, repr=False)
    """Sent as a bearer token."""


def manifest(place: str) -> Manifest | None:
    """That of an export folder; None for an address. DeclarationError when it is neither."""
    if _is_address(place):
        return None
    if not (Path(place) / FILE).is_file():
        raise DeclarationError(
            f"{place}: expected the address of a server, such as http://127.0.0.1:8080, or a "
            f"folder with a {FILE}, such as artifacts/export"
        )
    return described(Path(place))


def described(folder: Path) -> Manifest:
    """The manifest of an export folder; DeclarationError when it is broken or was altered."""
    try:
        return read(folder)[0]
    except Unservable as broken:
        raise DeclarationError(str(broken)) from None


@contextmanager
def running(place: str, role: Role) -> Iterator[Side]:
    """The server at an address, or one of our own for a folder, which is stopped in the end.

    The key of SERVING_API_KEY, the first of several, goes to addresses alone. Raises
    DeclarationError for an address that is none, StartError when our own server does not start.
    """
    if _is_address(place):
        keys = os.environ.get("SERVING_API_KEY", "").split(",")
        yield Side(role, place.rstrip("/"), place.rstrip("/"), keys[0].strip() or None)
        return
    with tempfile.TemporaryFile() as log:
        port = _free_port()
        process = _start(place, port, log.fileno())
        try:
            url = f"http://127.0.0.1:{port}"
            _await(process, url, place, log.fileno())
            yield Side(role, place.rstrip("/") or place, url)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _is_address(place: str) -> bool:
    if "://" not in place:
        return False
    try:
        parts = urlsplit(place)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if good and (parts.username is not None or parts.password is not None):
        raise DeclarationError(
            "an address must not hold a name or a password; set SERVING_API_KEY instead"
        )
    if not good or parts.query or parts.fragment:
        raise DeclarationError(
            f"{clean(place, 200)}: expected an address such as http://127.0.0.1:8080 or "
            f"https://models.example"
        )
    return True


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _start(folder: str, port: int, log: int) -> subprocess.Popen[bytes]:
    options = ["--model", folder, "--port", str(port), *OPTIONS]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SERVING_")}
    return subprocess.Popen(
        [sys.executable, "-m", "serving", *options], stdout=log, stderr=log, env=environment
    )


def _await(process: subprocess.Popen[bytes], url: str, place: str, log: int) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if process.poll() is not None:
            raise StartError(f"{place}: the server did not start: {_last_line(log)}")
        with suppress(httpx.HTTPError):  # it does not listen yet
            if httpx.get(f"{url}{READY}", timeout=2, trust_env=False).is_success:
                return
        time.sleep(0.05)
    raise StartError(f"{place}: the server was not ready in {PATIENCE:.0f} s: {_last_line(log)}")


def _last_line(log: int) -> str:
    text = os.pread(log, 100_000, 0).decode(errors="replace")
    lines = [line for line in text.splitlines() if line.strip()]
    return clean(lines[-1], 500) if lines else "it said nothing"
