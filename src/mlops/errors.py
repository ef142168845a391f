"""What can go wrong, as a person is told of it, and the exit code each kind ends with."""

import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

INTERRUPTED = 130
PROBLEM = Path(__file__).parents[1] / "problem"


class Failure(Exception):  # noqa: N818 - the user's mistake, not the machinery's error
    """A mistake with a remedy: the message names the file, what was expected, and what to do.

    `file` and `line` place it as an annotation when it happens in GitHub Actions.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, file: str | None = None, line: int | None = None) -> None:
        super().__init__(message)
        self.file, self.line = file, line


class DataError(Failure):
    """The data cannot be had, or is not what data.dvc pins."""

    exit_code = 3


class QualityError(Failure):
    """The data is what data.dvc pins, and breaks the rules of src/problem/schema.py."""

    exit_code = 4


class DeclarationError(Failure):
    """params.yaml or src/problem/ declares something that does not exist or does not fit."""

    exit_code = 5


class TrainingError(Failure):
    """The rows given cannot be learned from or scored."""

    exit_code = 6


class TrackingError(Failure):
    """The run cannot be logged."""

    exit_code = 7


class Refused(Failure):
    """Something was judged, and failed."""

    exit_code = 8


class Undecided(Failure):
    """Nothing failed, and something cannot be told."""

    exit_code = 9


class Denied(Failure):
    """The token is known and may not do this: a matter of settings, and not of the code."""


def annotate(level: str, message: str, file: str | None = None, line: int | None = None) -> None:
    """Show `message` beside the file in GitHub; elsewhere this does nothing."""
    if os.environ.get("GITHUB_ACTIONS") != "true":
        return
    places = [("file", file), ("line", line)]
    place = ",".join(f"{key}={_property(str(value))}" for key, value in places if value is not None)
    text = message.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    print(f"::{level} {place}::{text}", flush=True)


def _property(value: str) -> str:
    for character, escape in (
        ("%", "%25"),
        ("\r", "%0D"),
        ("\n", "%0A"),
        (":", "%3A"),
        (",", "%2C"),
    ):
        value = value.replace(character, escape)
    return value


def ending(action: Callable[[], object], told: Callable[[str], object] = lambda _: None) -> int:
    """Run `action` and say how it ended: 0, the code of a Failure, 130 on Ctrl-C, 1 on a bug.

    What fails in src/problem/ without being a Failure is shown with its traceback and the line.
    `told` is called once, with what went wrong, unless nothing did.
    """
    try:
        action()
    except Failure as failure:
        print(f"error: {failure}", file=sys.stderr, flush=True)
        annotate("error", str(failure), failure.file, failure.line)
        told(str(failure))
        return failure.exit_code
    except KeyboardInterrupt:
        print("interrupted: nothing half-written was left behind", file=sys.stderr, flush=True)
        told("interrupted")
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the last resort of a program
        traceback.print_exc()
        place = _in_the_problem(error)
        if place:
            message = f"{place[0]}, line {place[1]}: {type(error).__name__}: {error}"
            print(f"error: {message}", file=sys.stderr, flush=True)
            annotate("error", message, *place)
            told(message)
            return DeclarationError.exit_code
        print("error: this is a bug of the machinery, not of your input", file=sys.stderr)
        told(f"{type(error).__name__}: {error}")
        return 1
    return 0


def _in_the_problem(error: Exception) -> tuple[str, int] | None:
    """The file of src/problem/ and its line where the error came from, if it came from there."""
    places = [(frame.filename, frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    if isinstance(error, SyntaxError) and error.filename:
        places.append((error.filename, error.lineno))
    for file, line in reversed(places):
        if Path(file).is_relative_to(PROBLEM):
            return f"src/problem/{Path(file).relative_to(PROBLEM).as_posix()}", line or 1
    return None
