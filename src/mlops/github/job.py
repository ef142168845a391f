"""What a job tells GitHub Actions: its summary, its outputs, its annotations."""

import os
from pathlib import Path

from mlops.errors import annotate
from mlops.progress import console

SUMMARY = 1_000_000  # bytes that a step's summary may have; GitHub drops it whole above 1 MiB


def say(message: str, level: str = "notice") -> None:
    """Tell it in the log and, at `level` notice, warning or error, as an annotation."""
    console.print(message, markup=False)
    annotate(level, message)


def summarise(text: str) -> None:
    """Append Markdown to the job's summary; outside GitHub Actions this does nothing."""
    place = os.environ.get("GITHUB_STEP_SUMMARY")
    if place:
        with Path(place).open("a", encoding="utf-8") as file:
            file.write(text.encode()[:SUMMARY].decode(errors="ignore") + "\n")


def output(name: str, value: str) -> None:
    """Set an output of the step. `value` is one line: a second one would be another output."""
    if "\n" in value or "\r" in value:
        raise ValueError(f"the output {name} must be one line")
    place = os.environ.get("GITHUB_OUTPUT")
    if place:
        with Path(place).open("a", encoding="utf-8") as file:
            file.write(f"{name}={value}\n")


def address() -> str:
    """The address of this workflow run; empty outside GitHub Actions."""
    known = [os.environ.get(f"GITHUB_{name}") for name in ("SERVER_URL", "REPOSITORY", "RUN_ID")]
    if not all(known):
        return ""
    server, repository, run = known
    return f"{server}/{repository}/actions/runs/{run}"
