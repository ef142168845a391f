"""What every answer of the API on loopback is made with."""

import zlib
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

REPOSITORY = "owner/name"
Json = Any


class RefusedError(Exception):
    """The call is answered with this status and message."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Asking(Protocol):
    """Who asks: the headers of the request, and what its token may do."""

    @property
    def headers(self) -> Any: ...

    def may(self, permission: str, level: str) -> None:
        """Raise RefusedError unless the token has this permission."""

    def can(self, permission: str, level: str) -> bool:
        """Whether the token has it."""


def moment(days_ago: float = 0) -> str:
    """A time as GitHub states it."""
    return f"{datetime.now(UTC) - timedelta(days=days_ago):%Y-%m-%dT%H:%M:%SZ}"


def page(entries: list[Json], query: dict[str, str]) -> list[Json]:
    size, number = int(query.get("per_page", 30)), int(query.get("page", 1))
    return entries[(number - 1) * size : number * size]


def found(table: dict[Any, Json], key: Any) -> Json:
    if key not in table:
        raise RefusedError(404, "Not Found")
    return table[key]


def person(login: str) -> Json:
    """Somebody, and the number that GitHub knows them by."""
    return {"login": login, "id": zlib.crc32(login.encode())}
