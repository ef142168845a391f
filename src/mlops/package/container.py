"""A server started from an image, for as long as it is asked something."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from mlops.package.builders import VARIABLE, Builder
from mlops.package.errors import NotServingError, PackagingError

ENGINES = ("docker", "podman")
PORT = "8080"  # where the server listens inside
PATIENCE = 60.0  # seconds until it answers
LAST = "20"  # lines of its log, in the message when it does not
LOCKED = ["--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges"]


def engine() -> Builder:
    """What starts containers: $MLOPS_BUILDER if it does, else the first of docker and podman.

    Raises PackagingError when neither works.
    """
    named = os.environ.get(VARIABLE)
    for name in (named,) if named in ENGINES else ENGINES:
        if name and (found := Builder(name)).works():
            return found
    raise PackagingError(
        "no working docker or podman to start the image with; start the docker daemon, or install "
        "podman: `apt-get install podman`"
    )


@contextmanager
def running(reference: str) -> Iterator[str]:
    """The address of a server started from an image, such as NAME@sha256:…; removed afterwards.

    It listens on a free port of 127.0.0.1 alone, so that no key is needed; it may write nothing
    and has no privilege. Raises PackagingError when it cannot be pulled, NotServingError when the
    server ends or is not ready in time.
    """
    chosen = engine()
    if chosen.about(reference) is None and not chosen.pull(reference):
        raise PackagingError(
            f"{chosen.name} cannot pull {reference}; what it printed last says why. Where the "
            f"registry wants a login: `{chosen.name} login`"
        )
    options = ["--detach", f"--publish=127.0.0.1::{PORT}", "--env=SERVING_AUTH=off", *LOCKED]
    container = _run(chosen, "run", *options, reference).splitlines()[-1]
    try:
        port = _run(chosen, "port", container, PORT).splitlines()[0].rpartition(":")[2]
        address = f"http://127.0.0.1:{port}"
        _wait(chosen, container, address, reference)
        yield address
    finally:
        _said(chosen, "rm", "--force", container)


def _wait(chosen: Builder, container: str, address: str, reference: str) -> None:
    """Until it is ready; NotServingError with the end of its log when it ends or takes too long."""
    deadline = time.monotonic() + PATIENCE
    with httpx.Client(base_url=address, trust_env=False, timeout=5) as client:
        while True:
            try:
                if client.get("/v2/health/ready").is_success:
                    return
            except httpx.HTTPError:
                pass  # not listening yet
            state = _said(chosen, "inspect", "--format={{.State.Running}}", container)
            ended = state.stdout.strip() != "true"
            if ended or time.monotonic() > deadline:
                log = _said(chosen, "logs", "--tail", LAST, container)
                what = "ended" if ended else f"was not ready in {PATIENCE:.0f} s"
                raise NotServingError(
                    f"the server of {reference} {what}; it said: "
                    f"{(log.stdout + log.stderr).strip() or 'nothing'}"
                )
            time.sleep(0.1)


def _run(chosen: Builder, *arguments: str) -> str:
    done = _said(chosen, *arguments)
    if done.returncode or not done.stdout.strip():
        raise PackagingError(
            f"`{chosen.name} {arguments[0]} {arguments[-1]}` failed: "
            f"{done.stderr.strip() or f'it ended with {done.returncode}'}"
        )
    return done.stdout.strip()


def _said(chosen: Builder, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([chosen.name, *arguments], capture_output=True, text=True, check=False)
