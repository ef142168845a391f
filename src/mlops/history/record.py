"""A pull request that was judged, a merge and how it ended, a look of the monitor: a line each."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter

from mlops.judge.verdict import Count, Decision, Hash, Name, Number, Outcome, Text, Verdict
from mlops.monitor.result import Outcome as Seen
from mlops.monitor.result import Result, SectionName

Ending = Literal["promoted", "unchanged", "superseded", "undelivered", "held", "refused", "stopped"]
SHORT = 300  # characters of a sentence
MOST = 50  # names of drifted columns
_TIME: TypeAdapter[datetime] = TypeAdapter(AwareDatetime)

Minutes = Annotated[float, Field(ge=0)]
Sentence = Annotated[str, Field(max_length=SHORT)]


class Line(BaseModel):
    """A line; what a later version adds to it is passed over."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Score(Line):
    """A metric of the challenger, and how much better it is than the champion's."""

    value: Number = None
    champion: Number = None
    difference: Number = None
    """Below 0 the challenger is worse, whichever way the metric points."""
    low: Number = None
    high: Number = None


class Event(Line):
    """Something that happened, in a workflow run that took `minutes` of runners, all jobs added."""

    at: AwareDatetime
    minutes: Minutes | None = None
    run: Text = ""
    """The address of the workflow run."""


class Judged(Event):
    """A verdict: what the gates said, without what they measured."""

    commit: Hash | None
    lock: Hash | None
    data: Hash | None
    estimator: Name
    champion: Name | None = None
    """The version that it was judged against."""
    decision: Decision
    summary: Sentence
    gates: Annotated[dict[str, Outcome], Field(max_length=40)]
    overridden: Annotated[dict[str, Name], Field(max_length=40)] = {}
    """By whom a gate's outcome was accepted all the same."""
    reasons: Annotated[dict[str, Sentence], Field(max_length=40)] = {}
    """Why, in their words."""
    metrics: Annotated[dict[str, Score], Field(max_length=40)] = {}
    pull: Annotated[int, Field(ge=1)] | None = None

    @classmethod
    def of(
        cls,
        verdict: Verdict,
        at: str | datetime,
        *,
        pull: int | None = None,
        minutes: float | None = None,
        run: str = "",
    ) -> Self:
        """The line of a verdict."""
        return cls(
            at=_TIME.validate_python(at),
            minutes=minutes,
            run=run,
            commit=verdict.candidate.commit,
            lock=verdict.candidate.lock,
            data=verdict.candidate.data,
            estimator=verdict.candidate.estimator,
            champion=verdict.champion.version,
            decision=verdict.decision,
            summary=verdict.summary[:SHORT],
            gates={gate.name: gate.outcome for gate in verdict.gates},
            overridden={g.name: g.override.by for g in verdict.gates if g.override},
            reasons={g.name: g.override.reason[:SHORT] for g in verdict.gates if g.override},
            metrics={
                metric.name: Score.model_validate(metric.model_dump()) for metric in verdict.metrics
            },
            pull=pull,
        )


class Merge(Event):
    """A commit of the default branch, and what became of it."""

    commit: Hash
    ending: Ending
    why: Sentence
    version: Name | None = None
    """The version that it became."""
    verdict: Judged | None = None
    """What the gates said on main; None where they were not asked."""


class Look(Event):
    """A look of the monitor at what had arrived."""

    outcome: Seen
    summary: Sentence
    reasons: Annotated[list[SectionName], Field(max_length=20)] = []
    """The sections that raised the alarm."""
    champion: Name = ""
    """The version that was looked after; empty before the first promotion."""
    first: Name = ""
    last: Name = ""
    """The first and the last block of the batch."""
    rows: Count = 0
    drifted: Annotated[list[Name], Field(max_length=MOST)] = []
    """Columns, the furthest moved first."""
    metrics: Annotated[dict[str, Number], Field(max_length=20)] = {}
    """On the batch, where its outcomes are known."""
    held_out: Annotated[dict[str, Number], Field(max_length=20)] = {}
    """The same metrics on the champion's held-out rows."""
    retrain: bool = False
    """Whether it called for a new model."""

    @classmethod
    def of(cls, result: Result, *, minutes: float | None = None) -> Self:
        """The line of a look."""
        batch, drift, known = result.batch, result.drift, result.performance
        metrics = known.metrics if known else []
        return cls(
            at=_TIME.validate_python(result.made),
            minutes=minutes,
            run=result.run,
            outcome=result.outcome,
            summary=result.summary[:SHORT],
            reasons=list(dict.fromkeys(reason.section for reason in result.reasons)),
            champion=result.champion.version if result.champion else "",
            first=batch.first if batch else "",
            last=batch.last if batch else "",
            rows=batch.rows if batch else 0,
            drifted=[c.name for c in (drift.columns if drift else []) if c.drifted][:MOST],
            metrics={metric.name: metric.value for metric in metrics},
            held_out={metric.name: metric.held_out for metric in metrics},
            retrain=result.outcome == "alarm" and result.retrain,
        )
