"""What a reply says of its rows: decisions and scores."""

import json
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlops.replay.send import Reply
from mlops.report.untrusted import clean

SAID = 300  # characters of a server's message that are kept


@dataclass(frozen=True)
class Answer:
    """The predictions of a reply, one per row."""

    form: tuple[str, ...]
    """The names of the scores; empty where predictions are plain numbers."""
    decisions: tuple[str | int | float | bool, ...]
    """The labels; of a regression the values."""
    scores: NDArray[np.float64]
    """(rows, 1): probabilities of the greater label, or values; (rows, classes): probabilities."""


class Unanswered(Exception):  # noqa: N818 - what came back, told as it is
    """A reply without predictions, and why."""


def answer(reply: Reply, rows: int) -> Answer:
    """The predictions for `rows` rows; Unanswered when the reply holds something else."""
    if reply.status is None:
        raise Unanswered(reply.why)
    if not 200 <= reply.status < 300:
        raise Unanswered(_message(reply.body))
    try:
        found = json.loads(reply.body)["predictions"]
        read = _records(found) if isinstance(found[0], dict) else _numbers(found)
    except (ValueError, KeyError, TypeError, IndexError, RecursionError, OverflowError):
        text = clean(reply.body[:1000].decode(errors="replace"), 100)
        raise Unanswered(f"no predictions in the answer: {text}") from None
    if len(read.decisions) != rows or not np.isfinite(read.scores).all():
        raise Unanswered(
            f"expected {rows} finite predictions, found {int(np.isfinite(read.scores[:, 0]).sum())}"
        )
    return read


def _numbers(found: list[Any]) -> Answer:
    if {type(value) for value in found} - {int, float}:
        raise TypeError
    return Answer((), tuple(found), np.array(found, dtype=np.float64)[:, None])


def _records(found: list[dict[str, Any]]) -> Answer:
    """A record has a label and its probabilities, named `probability` or `probability_CLASS`."""
    form = tuple(name for name in found[0] if name.startswith("probability"))
    [target] = [name for name in found[0] if name not in form]
    scores = np.array([[float(record[name]) for name in form] for record in found])
    decisions = tuple(record[target] for record in found)
    if not form or any(not isinstance(label, str | int | float) for label in decisions):
        raise TypeError
    return Answer(form, decisions, scores)


def _message(body: bytes) -> str:
    """What a server says went wrong: the `message` or `error` of its JSON, or all."""
    text = body[:10_000].decode(errors="replace")
    with suppress(ValueError, AttributeError, RecursionError):  # no JSON: all of it is the message
        found = json.loads(text)
        text = str(found.get("message") or found.get("error") or text)
    return clean(text, SAID) or "no message"
