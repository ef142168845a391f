"""Turning knobs of params.yaml in the current directory."""

from pathlib import Path

PARAMS = Path("params.yaml")


def turn(*changes: str) -> None:
    """Replace each first text of params.yaml by the second one after it."""
    content = PARAMS.read_text(encoding="utf-8")
    for old, new in zip(changes[::2], changes[1::2], strict=True):
        assert content.count(old) == 1, old
        content = content.replace(old, new)
    PARAMS.write_text(content, encoding="utf-8")


def hurry() -> None:
    """A run that is quick and not meant to be any good."""
    turn(
        *("max_iter: 150", "max_iter: 5"),
        *("resamples: 2000 # bootstrap", "resamples: 100 # bootstrap"),
    )
