"""How delivery goes, in figures.

Lead time, frequency, share of failures and time to recover are those of DORA (Forsgren, Humble,
Kim: Accelerate, 2018), with a model's champion in the place of a deployment.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import chain
from statistics import median

from pydantic import AwareDatetime

from mlops.dashboard.reigns import Reign, kind
from mlops.history.ledger import Ledger
from mlops.history.record import Ending, Event, Judged, Look, Merge
from mlops.registry.lineage import Period
from mlops.registry.record import Part
from mlops.registry.state import Assigned


class Promotion(Part):
    """A version that a merge made the champion."""

    number: int
    """Of its tag."""
    version: str
    merged: AwareDatetime | None
    champion: AwareDatetime
    lead: int | None
    """Seconds from the merge to the tag."""
    minutes: float
    """Of runners since the promotion before, its own merge included."""
    rolled_back: bool


class Pulls(Part):
    """Judged pull requests, each by its newest verdict."""

    judged: int
    accepted: int
    refused: int
    inconclusive: int
    refused_share: float | None
    verdicts: int
    """All verdicts, one a run."""


class Merges(Part):
    """Merges, each by the newest line of its commit."""

    merged: int
    endings: dict[Ending, int]
    refused_share: float | None


class Episode(Part):
    """From the first alarm to the first steady look after it."""

    since: AwareDatetime
    until: AwareDatetime | None
    """None while no steady look has come."""
    seconds: int | None
    alarms: int
    sections: list[str]
    drifted: list[str]


class Month(Part):
    """A calendar month, UTC; minutes are of runners."""

    month: str
    promotions: int
    rollbacks: int
    pulls: float
    merges: float
    looks: float


class Minutes(Part):
    """Minutes of runners, all jobs added."""

    pulls: float
    merges: float
    looks: float
    total: float
    unknown: int
    """Lines that do not say theirs."""
    per_version: float | None
    """For a promotion, on average, what was refused before it included."""
    since: float
    """Since the last promotion."""


class Delivery(Part):
    """All of them; what cannot be said yet is None."""

    promotions: list[Promotion]
    lead: float | None
    """Median seconds."""
    per_month: float | None
    rolled_back: int
    rolled_back_share: float | None
    pulls: Pulls
    merges: Merges
    episodes: list[Episode]
    recovery: float | None
    """Median seconds of the episodes that have ended."""
    minutes: Minutes
    months: list[Month]


def delivery(
    periods: Sequence[Period],
    reigns: Sequence[Reign],
    merged: dict[str, datetime],
    ledger: Ledger,
    newest: datetime,
) -> Delivery:
    """The figures; `merged` says when each commit was made, `newest` up to when all is known."""
    events = [period.event for period in periods]
    promoted = [event for event in events if kind(event) == "promotion"]
    spent, since = _spent(promoted, ledger)
    undone = _undone(promoted, reigns)
    promotions = [_promotion(event, merged, spent, undone) for event in promoted]
    episodes = _episodes(ledger.looks)
    return Delivery(
        promotions=promotions,
        lead=_median(one.lead for one in promotions),
        per_month=len(promoted) / len(_calendar([promoted[0].tag.at, newest]))
        if promoted
        else None,
        rolled_back=len(undone),
        rolled_back_share=_share(len(undone), len(promoted)),
        pulls=_pulls(ledger.pulls),
        merges=_merges(ledger.merges),
        episodes=episodes,
        recovery=_median(one.seconds for one in episodes),
        minutes=_minutes(ledger, spent, since),
        months=list(_months(events, ledger)),
    )


def _promotion(
    event: Assigned, merged: dict[str, datetime], spent: dict[int, float], undone: set[int]
) -> Promotion:
    at, began = event.tag.at, merged.get(event.tag.commit)
    return Promotion(
        number=event.number,
        version=event.version,
        merged=began,
        champion=at,
        lead=round((at - began).total_seconds()) if began else None,
        minutes=spent[event.number],
        rolled_back=event.number in undone,
    )


def _undone(promoted: Sequence[Assigned], reigns: Sequence[Reign]) -> set[int]:
    """The numbers of the promotions whose version lost the stage to a rollback."""
    found = set()
    for reign in reigns:
        if reign.ended == "rollback":
            made = [
                one.number
                for one in promoted
                if one.version == reign.version and one.number <= reign.number
            ]
            found |= set(made[-1:])
    return found


def _spent(promoted: Sequence[Assigned], ledger: Ledger) -> tuple[dict[int, float], float]:
    """Minutes by the promotion that they led to, and those that led to none yet.

    A merge that became a version counts for that one, any other line for the next promotion.
    """
    spent = {event.number: 0.0 for event in promoted}
    first = {event.version: event.number for event in reversed(promoted)}
    since = 0.0
    for line in chain(ledger.pulls, ledger.merges, ledger.looks):
        became = line.version if isinstance(line, Merge) and line.ending == "promoted" else None
        number = first.get(became or "")
        if number is None:
            number = next((one.number for one in promoted if one.tag.at >= line.at), None)
        if number is None:
            since += line.minutes or 0.0
        else:
            spent[number] += line.minutes or 0.0
    return spent, since


def _pulls(lines: Sequence[Judged]) -> Pulls:
    newest = {line.pull or f"line {place}": line for place, line in enumerate(lines)}
    decided = Counter(line.decision for line in newest.values())
    return Pulls(
        judged=len(newest),
        accepted=decided["accepted"],
        refused=decided["refused"],
        inconclusive=decided["inconclusive"],
        refused_share=_share(decided["refused"], len(newest)),
        verdicts=len(lines),
    )


def _merges(lines: Sequence[Merge]) -> Merges:
    newest = {line.commit: line for line in lines}
    endings = Counter(line.ending for line in newest.values())
    return Merges(
        merged=len(newest),
        endings=dict(endings),
        refused_share=_share(endings["refused"], len(newest)),
    )


def _episodes(looks: Sequence[Look]) -> list[Episode]:
    """A look that told nothing neither begins nor ends one."""
    found: list[list[Look]] = []
    going = False
    for look in looks:
        if look.outcome == "alarm" and not going:
            found.append([])
        if look.outcome == "alarm" or (look.outcome == "steady" and going):
            found[-1].append(look)
            going = look.outcome == "alarm"
    return [_episode(looks) for looks in found]


def _episode(looks: Sequence[Look]) -> Episode:
    alarms = [look for look in looks if look.outcome == "alarm"]
    since = looks[0].at
    until = next((look.at for look in looks if look.outcome == "steady"), None)
    return Episode(
        since=since,
        until=until,
        seconds=round((until - since).total_seconds()) if until else None,
        alarms=len(alarms),
        sections=list(dict.fromkeys(chain.from_iterable(look.reasons for look in alarms))),
        drifted=list(dict.fromkeys(chain.from_iterable(look.drifted for look in alarms))),
    )


def _minutes(ledger: Ledger, spent: dict[int, float], since: float) -> Minutes:
    pulls, merges, looks = _sum(ledger.pulls), _sum(ledger.merges), _sum(ledger.looks)
    lines: list[Event] = [*ledger.pulls, *ledger.merges, *ledger.looks]
    return Minutes(
        pulls=pulls,
        merges=merges,
        looks=looks,
        total=pulls + merges + looks,
        unknown=sum(line.minutes is None for line in lines),
        per_version=sum(spent.values()) / len(spent) if spent else None,
        since=since,
    )


def _months(events: Sequence[Assigned], ledger: Ledger) -> Iterator[Month]:
    """Every month from the first one to the last one of which something is known."""
    times = [event.tag.at for event in events]
    times += [line.at for line in chain(ledger.pulls, ledger.merges, ledger.looks)]
    for month in _calendar(times):
        kinds = Counter(kind(event) for event in events if _month(event.tag.at) == month)
        minutes = [
            _sum([line for line in lines if _month(line.at) == month])
            for lines in (ledger.pulls, ledger.merges, ledger.looks)
        ]
        yield Month(
            month=month,
            promotions=kinds["promotion"],
            rollbacks=kinds["rollback"],
            pulls=minutes[0],
            merges=minutes[1],
            looks=minutes[2],
        )


def _calendar(times: Sequence[datetime]) -> list[str]:
    """All months from the first to the last of these times."""
    if not times:
        return []
    ends = [at.astimezone(UTC) for at in (min(times), max(times))]
    first, last = (at.year * 12 + at.month - 1 for at in ends)
    return [f"{month // 12:04}-{month % 12 + 1:02}" for month in range(first, last + 1)]


def _month(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m}"


def _sum(lines: Sequence[Event]) -> float:
    return sum(line.minutes or 0.0 for line in lines)


def _median(values: Iterable[int | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
