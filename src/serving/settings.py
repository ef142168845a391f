"""The server's options: on the command line, or as SERVING_… in the environment."""

import argparse
import ipaddress
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from serving.errors import Unservable

KEYS = "SERVING_API_KEY"
SHORTEST = 16  # characters of a key that cannot be guessed


@dataclass(frozen=True)
class Settings:
    """How a server runs. Sizes in bytes, times in seconds."""

    model: Path
    host: str = "127.0.0.1"
    port: int = 8080
    keys: tuple[str, ...] = ()
    """API keys, one of which a request must show; none: everybody is served."""
    body_limit: int = 16 * 1024 * 1024
    row_limit: int = 10_000
    read_limit: float = 10.0
    """For a request's body to arrive."""
    answer_limit: float = 30.0
    """For its prediction."""
    waiting: int = 128
    """Requests that may wait for a prediction before further ones are turned away."""
    drain: float = 1.0
    """From the signal to stop until no new connection is taken; balancers notice meanwhile."""
    capture: Path | None = None
    """Where requests are recorded for `mlops replay`; nowhere unless asked for."""
    capture_rows: int = 10_000
    log_requests: bool = True


def parse(arguments: Sequence[str], environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings. Raises Unservable for what must not be, argparse's SystemExit for usage."""
    given = _parser(environment).parse_args([a for a in arguments if a != "serve"])
    keys = tuple(k for k in (k.strip() for k in environment.get(KEYS, "").split(",")) if k)
    if weak := [key for key in keys if len(key) < SHORTEST]:
        raise Unservable(
            f"{KEYS}: {len(weak)} of {len(keys)} keys are shorter than {SHORTEST} characters; make "
            f'one with `python -c "import secrets; print(secrets.token_urlsafe(32))"`'
        )
    auth = given.auth or ("required" if keys or not _is_loopback(given.host) else "off")
    if auth == "required" and not keys:
        raise Unservable(
            f"on {given.host} everybody in reach could ask: set {KEYS} to a key that clients show "
            f"as `Authorization: Bearer KEY`, or say --auth off when something in front of the "
            f"server asks for one"
        )
    return Settings(
        model=given.model,
        host=given.host,
        port=given.port,
        keys=keys if auth == "required" else (),
        body_limit=int(given.body_limit * 1024 * 1024),
        row_limit=given.row_limit,
        read_limit=given.read_limit,
        answer_limit=given.answer_limit,
        waiting=given.waiting,
        drain=given.drain,
        capture=given.capture,
        capture_rows=given.capture_rows,
        log_requests=given.log == "requests",
    )


def _parser(environment: Mapping[str, str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m serving",
        description="Serve an exported model. Every option can also be set as SERVING_OPTION.",
    )

    def option(name: str, kind: type, default: object, text: str, **more: object) -> None:
        variable = "SERVING_" + name.upper().replace("-", "_")
        parser.add_argument(  # a default that is a text goes through `kind`, like an argument
            f"--{name}",
            type=kind,
            default=environment.get(variable, default),
            help=text,
            **more,  # type: ignore[arg-type]
        )

    option("model", Path, "artifacts/export", "the folder that the pipeline's export stage writes")
    option("host", str, "127.0.0.1", "the address to listen on; 0.0.0.0 is every one")
    option("port", _between(0, 65535), 8080, "the port; 0 takes a free one")
    option("auth", str, None, "whether a key is asked for", choices=["required", "off"])
    option("body-limit", float, 16, "MiB of a request, at most")
    option("row-limit", _between(1, 10_000_000), 10_000, "rows of a request, at most")
    option("read-limit", float, 10, "seconds for a request to arrive")
    option("answer-limit", float, 30, "seconds for an answer")
    option("waiting", _between(1, 1_000_000), 128, "requests that may wait at once")
    option("drain", float, 1, "seconds between the signal to stop and the last new connection")
    option("capture", Path, None, "record requests in this file, for `mlops replay`")
    option("capture-rows", _between(1, 100_000_000), 10_000, "rows that are recorded, at most")
    option("log", str, "requests", "what is logged", choices=["requests", "events"])
    return parser


def _between(low: int, high: int) -> type:
    def number(text: str) -> int:
        value = int(text)
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"expected {low} to {high}, found {value}")
        return value

    return number  # type: ignore[return-value]


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
