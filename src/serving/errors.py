"""Why a request is turned away, and why a server does not start."""

from typing import Literal

Reason = Literal[
    "address",  # nothing is served there
    "busy",  # more is waiting than can be answered in time
    "category",  # a text that is not allowed
    "columns",  # a column is missing, or there are far too many
    "error",  # a fault of the server's own
    "format",  # not the JSON, CSV or tensor that the protocol asks for
    "key",  # no API key, or a wrong one
    "media",  # a content type or encoding that is not read here
    "missing",  # a gap in a column that may have none
    "range",  # a number outside what the schema allows
    "rows",  # none, or too many
    "size",  # too many bytes
    "time",  # the request took longer to arrive, or to answer, than the limit
    "type",  # a text where a number belongs, or the reverse
]


class Rejected(Exception):  # noqa: N818 - the client's mistake, not the server's error
    """A request that gets no prediction: its HTTP status, a reason to count it by, and why."""

    def __init__(self, reason: Reason, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.reason, self.message, self.status = reason, message, status


class Unservable(Exception):  # noqa: N818 - a folder, not a fault
    """The model folder or an option keeps the server from starting; says which, and what to do."""


def shown(value: object) -> str:
    """A value in a message: as Python writes it, and not at length."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}…"
