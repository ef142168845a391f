"""One thing to look at. A check yields what it sees; one that breaks is a finding, too."""

import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from mlops.doctor.finding import Finding, Group, Level
from mlops.errors import Failure
from mlops.github.api import GitHubError

PATIENCE = 30.0  # seconds that a program may take to answer


@dataclass(frozen=True)
class Seen:
    """What was seen, how grave it is, and the remedy."""

    level: Level
    text: str
    remedy: str = ""


@dataclass(frozen=True)
class Check:
    """A check by its name; `look` yields what it sees, in the order in which it is shown."""

    group: Group
    name: str
    look: Callable[[], Iterable[Seen]]


def ok(text: str) -> Seen:
    """As it should be."""
    return Seen("ok", text)


def note(text: str, remedy: str = "") -> Seen:
    """It works, and could be otherwise."""
    return Seen("note", text, remedy)


def warning(text: str, remedy: str = "") -> Seen:
    """Something will not work, or not for long."""
    return Seen("warning", text, remedy)


def error(text: str, remedy: str = "") -> Seen:
    """Nothing works before it is mended."""
    return Seen("error", text, remedy)


def findings(check: Check) -> list[Finding]:
    """What a check sees; nothing that goes wrong in it goes further than this."""
    try:
        seen = list(check.look())
    except GitHubError as refused:
        seen = [note(f"could not be looked at: {refused}")]
    except Failure as failure:  # its message names the remedy
        seen = [error(str(failure))]
    except (Exception, SystemExit) as broken:  # noqa: BLE001 - src/problem/ may do anything
        seen = [warning(f"could not be looked at: {type(broken).__name__}: {broken}")]
    return [
        Finding(
            group=check.group,
            check=check.name,
            level=one.level,
            seen=" ".join(one.text.split()),
            remedy=one.remedy,
        )
        for one in seen
    ]


def said(*command: str) -> str | None:
    """What a program prints; None when it is not there or fails.

    Raises subprocess.TimeoutExpired when it takes too long.
    """
    try:
        run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)
    except OSError:
        return None
    return run.stdout.strip() if run.returncode == 0 else None
