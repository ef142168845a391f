"""A browser without a window, told what to open over its DevTools protocol."""

import base64
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

CHROMIUM = "/usr/bin/chromium"
PATIENCE = 60.0  # seconds for a start, a page or an answer
OPTIONS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--disable-quic"),
    *("--hide-scrollbars", "--remote-debugging-port=0", "--remote-allow-origins=*"),
)
Message = dict[str, Any]


@contextmanager
def browser() -> Iterator["Tab"]:
    """An empty tab of a browser that nobody has used before."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = subprocess.Popen(
            [CHROMIUM, *OPTIONS, f"--user-data-dir={profile}", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"HOME": profile},
        )
        try:
            with connect(_address(Path(profile)), max_size=None) as line:
                yield Tab(line)
        finally:
            process.terminate()
            process.wait()


def _address(profile: Path) -> str:
    """Where the browser listens, once it has said so."""
    said = profile / "DevToolsActivePort"
    deadline = time.monotonic() + PATIENCE
    while not (said.is_file() and len(said.read_text().splitlines()) == 2):
        assert time.monotonic() < deadline, f"{CHROMIUM} did not start"
        time.sleep(0.05)
    port, path = said.read_text().splitlines()
    return f"ws://127.0.0.1:{port}{path}"


class Tab:
    """A page, what it asked for, and what it complained about."""

    def __init__(self, line: ClientConnection) -> None:
        self._line, self._count, self._session = line, 0, ""
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self._loaded = False
        made = self.tell("Target.createTarget", url="about:blank")
        attached = self.tell("Target.attachToTarget", targetId=made["targetId"], flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.tell(f"{domain}.enable")

    def look(self, width: int, *, dark: bool) -> None:
        """From now on pages are as wide as this many CSS pixels, and dark or light."""
        self.tell(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=900,
            deviceScaleFactor=1,
            mobile=False,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.tell("Emulation.setEmulatedMedia", features=[scheme])

    def open(self, address: str) -> None:
        """Open a page and wait until all of it is there."""
        self.requests, self.complaints, self._loaded = [], [], False
        self.tell("Page.navigate", url=address)
        while not self._loaded:
            self._hear(json.loads(self._line.recv(PATIENCE)))

    def ask(self, expression: str) -> Any:
        """The value of a JavaScript expression."""
        said = self.tell("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in said, said
        return said["result"].get("value")

    def picture(self) -> bytes:
        """All of the page, as PNG."""
        size = self.tell("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}
        told = self.tell("Page.captureScreenshot", clip=clip, captureBeyondViewport=True)
        return base64.b64decode(told["data"])

    def tell(self, method: str, **params: Any) -> Message:
        """Send a command, and wait for its answer."""
        self._count += 1
        message: Message = {"id": self._count, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        self._line.send(json.dumps(message))
        while True:
            heard = json.loads(self._line.recv(PATIENCE))
            if heard.get("id") == self._count:
                assert "error" not in heard, f"{method}: {heard}"
                return dict(heard["result"])
            self._hear(heard)

    def _hear(self, message: Message) -> None:
        told = message.get("params", {})
        match message.get("method"):
            case "Page.loadEventFired":
                self._loaded = True
            case "Network.requestWillBeSent":
                self.requests.append(told["request"]["url"])
            case "Log.entryAdded":
                self.complaints.append(told["entry"]["text"])
            case "Runtime.consoleAPICalled" | "Runtime.exceptionThrown":
                self.complaints.append(json.dumps(told))
