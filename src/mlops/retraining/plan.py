"""Whether to retrain now: is there newer data, and was nothing proposed just before?"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from mlops import params
from mlops.arrivals import newer
from mlops.contract import Source, load
from mlops.data import pin
from mlops.errors import DataError
from mlops.github import issues, pulls
from mlops.github.api import Api, DisabledError
from mlops.github.job import output, say
from mlops.retraining import wording

MONTH = timedelta(days=30)


@dataclass(frozen=True)
class Plan:
    """What is to be done, and why."""

    go: bool
    why: str
    through: str = ""
    """The period to bring; empty where the source has no periods: then it is asked for all."""


@dataclass(frozen=True)
class _Proposal:
    """A pull request, or the issue that stands in for one."""

    number: int
    open: bool
    ours: bool
    """Whether the machinery made it, and so it counts for cool-down and cap."""
    created: datetime


def main(api: Api | None, *, by_hand: bool, through: str | None = None) -> Plan:
    """As `plan`, and say so; sets the step's outputs go, through and why."""
    decided = plan(api, by_hand=by_hand, through=through)
    output("go", "true" if decided.go else "false")
    output("through", decided.through)
    output("why", decided.why)
    say(f"{'retraining' if decided.go else 'not retraining'}: {decided.why}")
    return decided


def plan(api: Api | None, *, by_hand: bool, through: str | None = None) -> Plan:
    """Decide whether to retrain, with data through the period `through` or the next one.

    An open proposal is always brought up to date. A new one waits `retrain.cooldown_days` after the
    last, and there are `retrain.most` in thirty days, unless somebody asks for it by hand. Without
    `api` there is nobody to ask about proposals.

    Raises DataError when the source has no period `through`, GitHubError when GitHub refuses.
    """
    period, why = _period(through or None)
    if period is None:
        return Plan(False, why)
    if by_hand or api is None:
        return Plan(True, f"{why}; asked by hand" if by_hand else why, period)
    knobs = params.load()
    proposals = _proposals(api, knobs.serving.name)
    standing = next((one for one in proposals if one.open), None)
    if standing:
        return Plan(True, f"{why}; #{standing.number} is open and is brought up to date", period)
    made = sorted(one.created for one in proposals if one.ours)
    now, pause = datetime.now(UTC), timedelta(days=knobs.retrain.cooldown_days)
    if made and now < made[-1] + pause:
        return Plan(
            False,
            f"the last proposal was made on {made[-1]:%Y-%m-%d}, and for "
            f"{knobs.retrain.cooldown_days} days (retrain.cooldown_days) there is no other, unless "
            f"by hand",
        )
    recent = [moment for moment in made if now < moment + MONTH]
    if len(recent) >= knobs.retrain.most:
        return Plan(
            False,
            f"{len(recent)} proposals were made within thirty days, and {knobs.retrain.most} may "
            f"be (retrain.most), unless by hand; look why they do not help",
        )
    return Plan(True, why, period)


def _period(through: str | None) -> tuple[str | None, str]:
    """The period to bring, None for none, and a word on it."""
    periods = list(load(Source).PERIODS)
    had = pin.read().through
    if through and through not in periods:
        there = f"{periods[0]} to {periods[-1]}" if periods else "none: it does not come in parts"
        raise DataError(f"the source has no period {through!r}; it has {there}")
    if not periods:
        return "", "the source is asked for what it has now"
    arrived = newer()
    if through and through not in arrived:
        return None, f"nothing newer: {pin.PATH} has the data through {had} already"
    if not arrived:
        return None, f"nothing newer: {pin.PATH} has all that the source has, through {had}"
    period = through or arrived[0]
    return period, f"{period} has arrived, and {pin.PATH} has the data through {had or 'no period'}"


def _proposals(api: Api, model: str) -> list[_Proposal]:
    marked = wording.mark(model)
    found = [
        _Proposal(pull.number, pull.open, pull.body.startswith(marked), pull.created)
        for pull in pulls.of_branch(api, wording.branch(model))
    ]
    try:
        standing_in = issues.find(api, marked)
    except DisabledError:
        standing_in = []
    return found + [
        _Proposal(issue.number, issue.state == "open", True, issue.created) for issue in standing_in
    ]
