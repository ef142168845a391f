"""Who is asked what: in a shadow both are asked everything, in a canary each request has one place.

A turn is the asking of one or two sides about a request, one after the other.
"""

import hashlib
from collections.abc import Sequence

import numpy as np

from mlops.replay.result import Role
from mlops.replay.traffic import Question

Turn = tuple[int, tuple[Role, ...]]
"""The number of a question, and the sides in the order in which they are asked."""
SHARES = (0.01, 0.1, 0.5, 1.0)  # the challenger's, step by step
BOTH: tuple[Role, Role] = ("champion", "challenger")


def shadow(asked: Sequence[Question], seed: int) -> list[Turn]:
    """Every request to both; a coin says to whom first, so that neither profits."""
    heads = np.random.default_rng(seed).random(len(asked)) < 0.5
    return [(at, BOTH if first else BOTH[::-1]) for at, first in enumerate(heads)]


def alone(asked: Sequence[Question]) -> list[Turn]:
    """Every request to the challenger."""
    return [(at, ("challenger",)) for at in range(len(asked))]


def canary(asked: Sequence[Question], share: float) -> list[Turn]:
    """Each request to one side: a request that the challenger got once it gets ever after."""
    return [
        (at, ("challenger" if place(question.body) < share else "champion",))
        for at, question in enumerate(asked)
    ]


def place(body: bytes) -> float:
    """Where in [0, 1) a request lies; the same bytes lie at the same place."""
    return int.from_bytes(hashlib.blake2b(body, digest_size=6).digest()) / 2**48
