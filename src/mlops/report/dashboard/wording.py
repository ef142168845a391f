"""The words in which the dashboard is told."""

from datetime import UTC, datetime
from typing import Literal

from mlops.dashboard.facts import Facts
from mlops.dashboard.releases import Release
from mlops.monitor.result import Outcome
from mlops.report.wording import NONE, number

GLYPHS: dict[Outcome, str] = {"steady": "✓", "alarm": "!", "no data": "–", "failed": "×"}
"""On the mark of a look."""
CHIPS = {
    "accepted": "pass",
    "promoted": "pass",
    "unchanged": "plain",
    "superseded": "plain",
    "undelivered": "inconclusive",
    "held": "inconclusive",
    "inconclusive": "inconclusive",
    "refused": "fail",
    "stopped": "inconclusive",
    "steady": "pass",
    "alarm": "fail",
    "no data": "plain",
    "failed": "inconclusive",
    "promotion": "pass",
    "rollback": "fail",
    "hold released": "plain",
    "by hand": "inconclusive",
    "withdrawn": "fail",
    "approval": "plain",
    "override": "inconclusive",
}
"""How what happened is coloured."""
Fate = Literal["champion", "past", "undone", "waiting"]
FATES: dict[Fate, str] = {
    "champion": "champion now",
    "past": "was champion",
    "undone": "rolled back",
    "waiting": "never champion",
}
MINUTE, HOUR, DAY = 60, 3600, 86400


def fate(facts: Facts, release: Release) -> Fate:
    """What became of a version."""
    reigned = [reign for reign in facts.reigns if reign.version == release.version]
    if release.version == facts.champion:
        return "champion"
    if any(reign.ended == "rollback" for reign in reigned):
        return "undone"
    return "past" if reigned else "waiting"


def minute(at: datetime | None) -> str:
    """A time in UTC to the minute."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M}" if at else NONE


def moment(at: datetime | None) -> str:
    """The same for programs."""
    return at.astimezone(UTC).isoformat() if at else ""


def duration(seconds: float | None) -> str:
    """Seconds, minutes, hours or days, whichever tells most."""
    if seconds is None:
        return NONE
    if abs(seconds) < 2 * MINUTE:
        return f"{seconds:.0f} s"
    if abs(seconds) < 2 * HOUR:
        return f"{seconds / MINUTE:.0f} min"
    if abs(seconds) < 2 * DAY:
        return f"{seconds / HOUR:.1f} h"
    return f"{seconds / DAY:.1f} days"


def minutes(spent: float | None) -> str:
    """Minutes of runners."""
    return NONE if spent is None else f"{spent:,.1f} min"


def rate(per_month: float | None) -> str:
    """How many there are in a month."""
    return NONE if per_month is None else f"{per_month:.1f}"


def span(low: float | None, high: float | None) -> str:
    """An interval with four decimals; empty without ends."""
    return "" if low is None or high is None else f"{number(low, 4)} to {number(high, 4)}"


def short(sha: str) -> str:
    """As many digits of a hash as tell it from others."""
    return sha.removeprefix("sha256:")[:12] or NONE


def digest(image: str) -> str:
    """The digest of an image's reference, short."""
    return short(image.rpartition("@")[2])
