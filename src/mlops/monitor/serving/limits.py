"""What the servers counted: errors, refusals, odd values and latency."""

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
from scipy import stats

from mlops.evaluation.predict import Array
from mlops.monitor.result import Check, Serving, State, number
from mlops.monitor.rows import Problem
from mlops.monitor.serving.counters import Counters, collect
from mlops.report.untrusted import clean

ASKED = ("/invocations", "/infer")  # how the addresses that predict end; probes are none of these
SERVER, CLIENT = "5", "4"  # what a status begins with
REASONS = 5  # reasons that are told
ALMOST_ALL = 0.99


def serving(problem: Problem, sources: Sequence[str]) -> Serving:
    """The predictions that servers were asked for, beside the limits in `monitor.serving`.

    sources: as `counters.collect` takes them. A limit is broken when the count lies beyond it, and
    would do so with a chance of at most `monitor.alpha` if each request kept to the limit: of three
    requests one may fail.

    Raises MonitorFailed that names a source which cannot be had.
    """
    if not sources:
        return Serving(state="untold", why_not="no metrics were given")
    counters, source = collect(sources)
    statuses: Counter[str] = Counter()
    for labels, times in counters.of("serving_requests_total"):
        if _predicts(labels):
            statuses[labels.get("status", "")[:1]] += round(times)
    requests = sum(statuses.values())
    rows = round(sum(times for _, times in counters.of("serving_rows_total")))
    if not requests:
        why = "the servers have not been asked for a prediction"
        return Serving(state="untold", why_not=why, source=source[:200], rows=rows)
    flagged = round(sum(times for _, times in counters.of("serving_flagged_values_total")))
    limits, alpha = problem.knobs.monitor.serving, problem.knobs.monitor.alpha
    rejected = Check(name="rejected", value=0, note=_reasons(counters))
    checks = [
        _share(Check(name="errors", value=0), statuses[SERVER], requests, limits.errors, alpha),
        _share(rejected, statuses[CLIENT], requests, limits.rejected, alpha),
        _per_row(flagged, rows, limits.flagged, alpha),
        *_latency(counters, limits.p99_ms, alpha),
    ]
    return Serving(
        state="alarm" if any(check.state == "alarm" for check in checks) else "steady",
        source=source[:200],
        requests=requests,
        rows=rows,
        checks=checks,
    )


def _predicts(labels: dict[str, str]) -> bool:
    return labels.get("address", "").endswith(ASKED)


def _share(check: Check, count: int, of: int, limit: float, alpha: float) -> Check:
    """A share of requests; the chance of so many is binomial."""
    sure = float(stats.binom.sf(count - 1, of, limit)) <= alpha
    state: State = "alarm" if count > limit * of and sure else "steady"
    return check.model_copy(update={"value": count / of, "limit": limit, "state": state})


def _per_row(flagged: int, rows: int, limit: float, alpha: float) -> Check:
    """Values per row, of which there may be several; the chance of so many is Poisson's."""
    if not rows:
        note = "no row was predicted"
        return Check(name="flagged", value=None, limit=limit, state="untold", note=note)
    sure = float(stats.poisson.sf(flagged - 1, limit * rows)) <= alpha
    state: State = "alarm" if flagged > limit * rows and sure else "steady"
    return Check(name="flagged", value=flagged / rows, limit=limit, state=state)


def _reasons(counters: Counters) -> str:
    """Why requests were turned away, at any address, the most frequent reason first."""
    counts: Counter[str] = Counter()
    for labels, times in counters.of("serving_rejections_total"):
        counts[clean(labels.get("reason", ""), 40)] += round(times)
    told = [f"{reason} {times:,}" for reason, times in counts.most_common(REASONS) if times]
    return f"by reason: {', '.join(told)}" if told else ""


def _latency(counters: Counters, limit_ms: float, alpha: float) -> list[Check]:
    buckets: dict[float, float] = defaultdict(float)
    for labels, times in counters.of("serving_request_seconds_bucket"):
        if _predicts(labels):
            buckets[float(labels["le"])] += times  # "+Inf" is a number as well
    bounds = np.array(sorted(buckets))
    counts = np.array([buckets[bound] for bound in bounds])
    if not len(bounds) or not counts[-1]:
        return []
    half, last = (_quantile(bounds, counts, share) for share in (0.5, ALMOST_ALL))
    slower = counts[-1] - float(np.interp(limit_ms / 1000, *_finite(bounds, counts)))
    sure = stats.binom.sf(round(slower) - 1, round(counts[-1]), 1 - ALMOST_ALL) <= alpha
    beyond = 1000 * last[0] > limit_ms and bool(sure)
    return [
        Check(name="p50_ms", value=number(1000 * half[0]), note=half[1]),
        Check(
            name="p99_ms",
            value=number(1000 * last[0]),
            limit=limit_ms,
            state="alarm" if beyond else "steady",
            note=last[1],
        ),
    ]


def _quantile(bounds: Array, counts: Array, share: float) -> tuple[float, str]:
    """Seconds within which `share` of the requests were answered, as Prometheus' own function
    histogram_quantile has it, and a note where that is only a lower end.

    bounds: upper ends of the buckets, the last one infinite. counts: up to each of them.
    """
    rank = share * counts[-1]
    at = int(np.searchsorted(counts, rank))
    if not np.isfinite(bounds[at]):
        lowest = float(bounds[at - 1]) if at else 0.0
        return lowest, f"over {lowest:g} s"
    below, before = (bounds[at - 1], counts[at - 1]) if at else (0.0, 0.0)
    return float(below + (bounds[at] - below) * (rank - before) / (counts[at] - before)), ""


def _finite(bounds: Array, counts: Array) -> tuple[Array, Array]:
    """The buckets that have an end, from 0 on."""
    there = np.isfinite(bounds)
    return np.append(0.0, bounds[there]), np.append(0.0, counts[there])
