"""The whole look: the batch beside what the champion knows, and what follows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from mlops import params
from mlops.arrivals import newer
from mlops.contract import Features, Schemas, Slices, Source, load
from mlops.data import pin
from mlops.errors import DataError, Failure
from mlops.github import job
from mlops.judge.workplace import Fetch
from mlops.monitor import result
from mlops.monitor.batch import file as reading
from mlops.monitor.batch.scored import needs_model, scored
from mlops.monitor.champion import Seat, champion
from mlops.monitor.drift.moved import drift
from mlops.monitor.performance.estimate import estimate
from mlops.monitor.performance.known import performance
from mlops.monitor.quality import known_share, quality
from mlops.monitor.result import (
    Alarm,
    Drift,
    Looked,
    MonitorFailed,
    NoData,
    Outcome,
    Quality,
    Reason,
    Result,
    SectionName,
)
from mlops.monitor.rows import Batch, Problem, Reference
from mlops.monitor.serving.limits import serving
from mlops.progress import step
from mlops.report.monitor import look as told


@dataclass(frozen=True)
class Options:
    """What is looked at."""

    file: Path | None = None
    """Rows; without, what the source has beyond data.dvc."""
    labels: Path | None = None
    metrics: Sequence[str] = ()
    """What servers counted: files or addresses."""
    folder: Path = field(default=result.FOLDER)
    through: str = ""
    """Up to this period of the source, where there is no file; else the next one."""


def main(options: Options, *, fetch: Fetch | None, exit_zero: bool = False) -> None:
    """Look, write reports/monitor/, show it, and end as it came out.

    Raises Alarm and NoData, unless `exit_zero`, and MonitorFailed when it could not be looked.
    """
    found = look(options, fetch)
    result.write(found, options.folder / "monitor.json")
    job.summarise(told.write(found, options.folder))
    job.output("result", found.outcome)
    told.show(found)
    if found.outcome == "failed":
        raise MonitorFailed(found.summary)
    if found.outcome == "alarm" and not exit_zero:
        raise Alarm(found.summary)
    if found.outcome == "no data" and not exit_zero:
        raise NoData(found.summary)


def look(options: Options, fetch: Fetch | None) -> Result:
    """The result, whatever happens on the way."""
    found = Result(
        outcome="steady",
        summary="",
        model=params.load().serving.name,
        block=load(Features).BLOCK,
        made=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        run=job.address(),
    )
    try:
        if options.metrics:
            found = found.model_copy(update={"serving": serving(_problem(), options.metrics)})
        try:
            found = _rows(found, options, fetch)
            nothing = ""
        except NoData as reason:
            nothing = str(reason)
    except Failure as reason:
        failed = {"outcome": "failed", "summary": f"the monitor could not look: {reason}"[:2000]}
        return found.model_copy(update=failed)
    return conclude(found, nothing)


def _rows(found: Result, options: Options, fetch: Fetch | None) -> Result:
    """With every section that rows tell; NoData when there are none that are new."""
    period = "" if options.file else upcoming(options.through)
    file = options.file.resolve() if options.file else None
    labels = options.labels.resolve() if options.labels else None
    with champion(fetch) as seat:
        if file is None:
            reference, batch = seat.arrived(period)
        else:
            batch = reading.read(seat.problem, file, labels)
            reference = seat.reference()
            if known_share(seat.problem, reference, batch) == 1:
                raise NoData(f"{batch.source}: the champion knows every row of it already")
            if needs_model(seat.problem, batch):
                batch = scored(seat.problem, batch, seat.export())
        return _sections(found, seat, reference, batch)


def _sections(found: Result, seat: Seat, reference: Reference | None, batch: Batch) -> Result:
    problem = seat.problem
    looked = {"batch": _about(batch, problem)}
    if reference is None:  # the pipeline refused the raw files, so there are no rows to compare
        told = Quality(state="alarm", findings=list(batch.findings), failed=len(batch.findings))
        return found.model_copy(update=looked | {"quality": told})
    with step(f"looking at {len(batch.rows):,} rows beside {len(reference.rows):,}"):
        return found.model_copy(
            update=looked
            | {
                "champion": seat.about(reference),
                "quality": quality(problem, reference, batch),
                "drift": drift(problem, reference, batch.rows),
                "performance": performance(problem, reference, batch.rows),
                "estimate": estimate(problem, reference, batch.rows),
            }
        )


def _about(batch: Batch, problem: Problem) -> Looked:
    features = problem.features
    there = list(batch.rows[features.BLOCK].astype("str")) if len(batch.rows) else []
    known = batch.rows[features.TARGET].notna().sum() if features.TARGET in batch.rows else 0
    return Looked(
        source=batch.source,
        period=batch.period,
        first=min(there, default=""),
        last=max(there, default=""),
        rows=len(batch.rows),
        blocks=len(set(there)),
        labelled=int(known),
    )


def conclude(found: Result, nothing: str) -> Result:
    """The outcome that the sections give; `nothing` says why there are no rows, if there are none.

    An alarm anywhere is an alarm. Without one, it takes a section that could tell something of the
    model to call it steady.
    """
    reasons = _reasons(found)
    if reasons:
        what = "; ".join(reason.what for reason in reasons)
        return _ended(found, "alarm", what, reasons)
    model = [found.drift, found.performance, found.estimate, found.serving]
    if not any(section and section.state == "steady" for section in model):
        why = nothing or (found.drift.why_not if found.drift else "")
        return _ended(found, "no data", why or "there is nothing to look at")
    what = "nothing has moved further than it usually does"
    if nothing:
        what = f"the servers count nothing unusual; {nothing}"
    return _ended(found, "steady", what)


def _ended(found: Result, outcome: Outcome, summary: str, reasons: Sequence[Reason] = ()) -> Result:
    ended = {"outcome": outcome, "summary": summary[:2000], "reasons": list(reasons)}
    return found.model_copy(update=ended)


def _reasons(found: Result) -> list[Reason]:
    """A sentence for each section that alarms."""
    reasons: list[tuple[SectionName, str]] = []
    if found.quality and found.quality.state == "alarm":
        first = found.quality.findings[0] if found.quality.findings else "rows came before"
        more = f", and {found.quality.failed - 1} more" if found.quality.failed > 1 else ""
        reasons.append(("quality", f"the rows break rules: {first}{more}"))
    if found.drift and found.drift.state == "alarm":
        reasons.append(("drift", f"drift of {_drifted(found.drift)}"))
    if found.performance and found.performance.state == "alarm":
        worse = [metric for metric in found.performance.metrics if metric.state == "alarm"]
        if worse:
            names = ", ".join(metric.name for metric in worse)
            why = f": {worse[0].note}" if worse[0].note else ""
            reasons.append(("performance", f"the model does worse, by {names}{why}"))
    concept = found.performance.concept if found.performance else None
    if concept and concept.state == "alarm" and concept.shift is not None:
        way = "more" if concept.shift > 0 else "less"
        reasons.append(("concept", f"{way} comes true than the model forecasts"))
    if found.estimate and found.estimate.state == "alarm":
        below = [metric.name for metric in found.estimate.metrics if metric.state == "alarm"]
        reasons.append(("estimate", f"expected to be worse, by {', '.join(below)}"))
    if found.serving and found.serving.state == "alarm":
        over = [check.name for check in found.serving.checks if check.state == "alarm"]
        reasons.append(("serving", f"servers count too much: {', '.join(over)}"))
    return [Reason(section=section, what=what[:2000]) for section, what in reasons]


def _drifted(found: Drift) -> str:
    """The furthest first, each once."""
    moved = [c for c in found.columns if c.drifted]
    names = list(dict.fromkeys(c.name for c in moved))
    names += [f"the {c.name}" for c in found.prediction if c.drifted]
    names += ["the outcome"] if found.label and found.label.drifted else []
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(names[:5]) + more


def _problem() -> Problem:
    return Problem(load(Features), load(Schemas), load(Slices), params.load(), [])


def upcoming(through: str = "") -> str:
    """The period through which the source is looked at: the next after data.dvc, if none is named.

    Raises NoData when the source has nothing newer, DataError when it has no period `through`.
    """
    if not load(Source).PERIODS:
        raise NoData("the source does not come in periods; name a file: `mlops monitor FILE`")
    later = newer()
    if not later:
        through = pin.read().through
        raise NoData(
            f"nothing has arrived: data.dvc has all that the source has, through {through}"
        )
    if through and through not in later:
        raise DataError(
            f"{through!r} is not a period that is newer than data.dvc; the source has "
            f"{later[0]} to {later[-1]}"
        )
    return through or later[0]
