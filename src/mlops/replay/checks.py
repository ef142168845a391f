"""Pass, fail or inconclusive: what the replies say against the limits in params.yaml.

A check passes when its interval lies within the limit, fails when it lies beyond, and is
inconclusive between, or when too few requests were answered.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from mlops.params import Replay as Limits
from mlops.replay import statistics
from mlops.replay.answers import Answer, Unanswered, answer
from mlops.replay.result import (
    Agreement,
    Check,
    Disagreement,
    Endpoint,
    Failing,
    Latency,
    Outcome,
    Role,
)
from mlops.replay.send import Reply
from mlops.replay.statistics import Bootstrap, Estimate, Timed
from mlops.replay.traffic import Question
from mlops.report.untrusted import clean

BATCHES = 20  # answered requests of many rows under which their latency is not judged
SHOWN = 10  # rows that differ most
EXACT = 1e-4  # scores are the same up to this; of large values this part of them

Kind = Literal["single", "batch"]


@dataclass(frozen=True)
class Heard:
    """All replies so far, read."""

    asked: Sequence[Question]
    timed: Mapping[tuple[Role, Kind], Timed]
    """Of answered requests, asked of both at the same time."""
    answers: Mapping[Role, Mapping[int, Answer]]
    """The last one to each question."""
    failing: Mapping[Role, list[Failing]]
    failed: Mapping[Role, list[int]]
    """The questions without an answer, one entry a reply."""
    replies: Mapping[Role, int]

    @property
    def both(self) -> list[int]:
        """The questions that both have answered."""
        return sorted(self.answers["champion"].keys() & self.answers["challenger"].keys())


@dataclass(frozen=True)
class Paired:
    """The rows that both answered, or that one answered and a record holds."""

    before: statistics.Array
    """Scores (n, k)."""
    after: statistics.Array
    same: np.ndarray[tuple[int], np.dtype[np.bool_]]
    """Whether the decision is the same, or in smoke mode the score."""
    request: statistics.Integers
    row: statistics.Integers
    shown: tuple[list[str], list[str]]

    @property
    def difference(self) -> statistics.Array:
        """(n,): of probabilities the largest of any class."""
        return np.abs(self.before - self.after).max(axis=1)


def hear(
    asked: Sequence[Question],
    replies: Sequence[Reply],
    hidden: frozenset[str] = frozenset(),
    timed: Sequence[Reply] | None = None,
) -> Heard:
    """Read the replies; what is no prediction counts as failed. Times are from `timed`, or all.

    A message that names a `hidden` column may quote its value, and is not kept.
    """
    times: dict[tuple[Role, Kind], list[tuple[float, int]]] = {}
    clocked = {id(reply) for reply in (replies if timed is None else timed)}
    answers: dict[Role, dict[int, Answer]] = {"champion": {}, "challenger": {}}
    failed: dict[Role, list[int]] = {"champion": [], "challenger": []}
    reasons: dict[Role, Counter[int | None]] = {"champion": Counter(), "challenger": Counter()}
    said: dict[tuple[Role, int | None], str] = {}
    for reply in sorted(replies, key=lambda reply: reply.question):
        rows = len(asked[reply.question].rows)
        try:
            answers[reply.role][reply.question] = answer(reply, rows)
        except Unanswered as why:
            failed[reply.role].append(reply.question)
            reasons[reply.role][reply.status] += 1
            said.setdefault((reply.role, reply.status), _discreet(str(why), hidden))
            continue
        if id(reply) in clocked:
            kind: Kind = "single" if rows == 1 else "batch"
            times.setdefault((reply.role, kind), []).append((reply.milliseconds, reply.question))
    failing = {
        role: [
            Failing(status=status, requests=count, said=said[role, status])
            for status, count in counted.most_common(20)
        ]
        for role, counted in reasons.items()
    }
    found = {
        key: Timed(np.array([ms for ms, _ in pairs]), np.array([at for _, at in pairs]))
        for key, pairs in times.items()
    }
    return Heard(asked, found, answers, failing, failed, Counter(reply.role for reply in replies))


def endpoints(champion: Sequence[Endpoint] | None, challenger: Sequence[Endpoint]) -> Check:
    """Whether the challenger answers beside the predictions wherever the champion does."""
    needed = {e.path for e in champion or challenger if _fine(e) or champion is None}
    missing = [e for e in challenger if e.path in needed and not _fine(e)]
    told = ", ".join(f"{e.path} {e.status or 'without an answer'}" for e in missing)
    good = f"{len(needed)} of {len(needed)} addresses answer" if needed else "none is compared"
    return Check(
        name="endpoints",
        question="Do the addresses for health, version and metadata answer, as the champion's do?",
        outcome="fail" if missing else "pass",
        reason=f"not so: {told}" if missing else good,
    )


def errors(heard: Heard, limits: Limits) -> Check:
    """Whether requests fail that do not fail at the champion."""
    forgiven = set(heard.failed["champion"])
    beyond = [at for at in heard.failed["challenger"] if at not in forgiven]
    asked = heard.replies.get("challenger", 0)
    share = len(beyond) / asked if asked else 0.0
    enough = _enough(asked, limits.minimum)
    if share > limits.errors:
        outcome: Outcome = "fail"
        reason = f"{len(beyond):,} of {asked:,} requests fail{_worst(heard.failing['challenger'])}"
    else:
        outcome = "inconclusive" if enough else "pass"
        reason = enough or f"{len(beyond) or 'none'} of {asked:,} requests fails"
    return Check(
        name="errors",
        question="Does every request get an answer that gets one from the champion?",
        outcome=outcome,
        reason=reason,
        value=share,
        limit=limits.errors,
    )


def latency(heard: Heard, kind: Kind, q: float, limits: Limits, how: Bootstrap) -> Check:
    """Whether a quantile of the latency is no more than a multiple of the champion's."""
    check = Check(
        name=f"latency_{'batch_' if kind == 'batch' else ''}p{round(100 * q)}",
        question=f"Are {'single rows' if kind == 'single' else 'many rows'} answered as fast?",
        outcome="inconclusive",
        reason="",
    )
    champion = heard.timed.get(("champion", kind))
    challenger = heard.timed.get(("challenger", kind))
    least = limits.minimum if kind == "single" else BATCHES
    few = _few(champion, challenger, least)
    if champion is None or challenger is None or few:
        return check.model_copy(update={"reason": few})
    before, after = (
        float(statistics.quantile(t, q, _once(heard))[0]) for t in (champion, challenger)
    )
    limit = max(limits.latency_ratio, 1 + limits.latency_slack_ms / before)
    found = statistics.latency_ratio(champion, challenger, q, how)
    text = f"{after:.2f} ms, the champion {before:.2f} ms: {_times(found)}"
    return _at_most(check, found, limit, text)


def agreement(heard: Heard, paired: Paired | None, limits: Limits, how: Bootstrap) -> Check:
    """Whether both decide the same in most rows."""
    check = Check(
        name="agreement",
        question="Do both decide the same?",
        outcome="inconclusive",
        reason=_enough(len(heard.both), limits.minimum, "both answered"),
        limit=limits.agreement,
    )
    if check.reason:
        return check
    if paired is None:
        reason = "their answers are of different forms, so they cannot be compared"
        return check.model_copy(update={"outcome": "fail", "reason": reason})
    found = statistics.agreement(paired.same, paired.request, how)
    return _at_least(check, found, _share(found, len(paired.same)))


def stability(heard: Heard, paired: Paired | None, limits: Limits, how: Bootstrap) -> Check | None:
    """Whether the scores are distributed alike; None where there is nothing to compare."""
    if paired is None:
        return None
    check = Check(
        name="psi",
        question="Are the scores distributed alike? (Population stability index)",
        outcome="inconclusive",
        reason=_enough(len(heard.both), limits.minimum, "both answered"),
    )
    if check.reason:
        return check
    found = statistics.stability(paired.before, paired.after, paired.request, how)
    return _at_most(
        check, found, limits.psi, f"{found.value:.3f} ({found.low:.3f} to {found.high:.3f})"
    )


def recorded(paired: Paired | None, answered: int, limits: Limits, how: Bootstrap) -> Check:
    """Whether scores come out as they were recorded, or as the pipeline predicted them."""
    check = Check(
        name="recorded",
        question="Are the scores those that were recorded, or that the pipeline predicted?",
        outcome="inconclusive",
        reason=_enough(answered, limits.minimum),
        limit=limits.same,
    )
    if paired is None:
        reason = "the traffic holds no scores that can be compared with these"
        return check.model_copy(update={"outcome": "not applicable", "reason": reason})
    if check.reason:
        return check
    found = statistics.agreement(paired.same, paired.request, how)
    return _at_least(check, found, _share(found, len(paired.same)))


def pair(heard: Heard, limits: Limits) -> Paired | None:
    """The rows that both answered; None when there are none, or the answers have other forms."""
    both = heard.both
    mine, theirs = heard.answers["challenger"], heard.answers["champion"]
    if not both or any(mine[at].form != theirs[at].form for at in both):
        return None
    before = np.concatenate([theirs[at].scores for at in both])
    after = np.concatenate([mine[at].scores for at in both])
    decided = [
        [label for at in both for label in answers[at].decisions] for answers in (theirs, mine)
    ]
    if mine[both[0]].form:
        same = np.array([a == b for a, b in zip(*decided, strict=True)])
    else:
        same = np.abs(before - after)[:, 0] <= limits.tolerance * before.std()
    shown = ([_shown(theirs[at], n) for at in both for n in range(len(theirs[at].decisions))],)
    also = [_shown(mine[at], n) for at in both for n in range(len(mine[at].decisions))]
    return Paired(before, after, same, *_places(heard, both), (shown[0], also))


def pair_with_record(heard: Heard) -> Paired | None:
    """The challenger's rows beside what the traffic says was answered before."""
    mine = heard.answers["challenger"]
    known = [
        at for at in sorted(mine) if all(row.score is not None for row in heard.asked[at].rows)
    ]
    if not known:
        return None
    after = np.concatenate([mine[at].scores for at in known])
    rows = [row for at in known for row in heard.asked[at].rows]
    before = [row.score if isinstance(row.score, list) else [row.score] for row in rows]
    if {len(score) for score in before} != {after.shape[1]}:
        return None
    scores = np.array(before, dtype=np.float64)
    same = (np.abs(scores - after) <= EXACT * np.maximum(1, np.abs(scores))).all(axis=1)
    shown = [_number(score) for score in scores], [_number(score) for score in after]
    return Paired(scores, after, same, *_places(heard, known), shown)


def summary(paired: Paired | None, how: Bootstrap) -> Agreement | None:
    """The differences in numbers."""
    if paired is None:
        return None
    difference = paired.difference
    plain = replace(how, resamples=1)
    psi = statistics.stability(paired.before, paired.after, paired.request, plain)
    return Agreement(
        rows=len(difference),
        equal=float(paired.same.mean()),
        mean=float(difference.mean()),
        p95=float(np.quantile(difference, 0.95)),
        largest=float(difference.max()),
        psi=psi.value,
    )


def disagreements(heard: Heard, paired: Paired | None) -> list[Disagreement]:
    """The rows with the largest differences, by name, each once."""
    found: dict[str, Disagreement] = {}
    if paired is None:
        return []
    difference = paired.difference
    for at in np.argsort(-difference, kind="stable"):
        if difference[at] == 0 or len(found) == SHOWN:
            break
        name = heard.asked[paired.request[at]].rows[paired.row[at]].name
        found.setdefault(
            name,
            Disagreement(
                row=name,
                champion=paired.shown[0][at],
                challenger=paired.shown[1][at],
                difference=float(difference[at]),
            ),
        )
    return list(found.values())


def latencies(heard: Heard, role: Role) -> list[Latency]:
    """Quantiles of the latency of a side, by kind of request."""
    kinds: tuple[Kind, ...] = ("single", "batch")
    once = _once(heard)
    return [
        Latency(
            kind=kind,
            requests=len(timed.milliseconds),
            p50=float(statistics.quantile(timed, 0.5, once)[0]),
            p95=float(statistics.quantile(timed, 0.95, once)[0]),
            p99=float(statistics.quantile(timed, 0.99, once)[0]),
        )
        for kind in kinds
        if (timed := heard.timed.get((role, kind)))
    ]


def worst(checks: Sequence[Check]) -> Literal["pass", "fail", "inconclusive"]:
    """The outcome of all together."""
    outcomes = {check.outcome for check in checks}
    return (
        "fail" if "fail" in outcomes else "inconclusive" if "inconclusive" in outcomes else "pass"
    )


def _at_most(check: Check, found: Estimate, limit: float, text: str) -> Check:
    outcome: Outcome = "inconclusive"
    if found.high <= limit:
        outcome = "pass"
    elif found.low > limit:
        outcome = "fail"
    return _told(check, found, limit, text, outcome)


def _at_least(check: Check, found: Estimate, text: str) -> Check:
    limit = check.limit or 0.0
    outcome: Outcome = "inconclusive"
    if found.low >= limit:
        outcome = "pass"
    elif found.high < limit:
        outcome = "fail"
    return _told(check, found, limit, text, outcome)


def _told(check: Check, found: Estimate, limit: float, text: str, outcome: Outcome) -> Check:
    ends = {"value": found.value, "low": found.low, "high": found.high, "limit": limit}
    numbers = {key: value if np.isfinite(value) else None for key, value in ends.items()}
    return check.model_copy(update={"outcome": outcome, "reason": text, **numbers})


def _enough(found: int, least: int, what: str = "were answered") -> str:
    """Why nothing can be said yet; empty when something can."""
    return "" if found >= least else f"{found:,} requests {what}, and it takes {least:,} to tell"


def _few(champion: Timed | None, challenger: Timed | None, least: int) -> str:
    found = min(len(side.milliseconds) if side else 0 for side in (champion, challenger))
    return _enough(found, least, "have a time from each side")


def _worst(failing: Sequence[Failing]) -> str:
    if not failing:
        return ""
    first = failing[0]
    status = f"with status {first.status}" if first.status else "without an answer"
    return f", most {status}: {first.said}"


def _discreet(text: str, hidden: frozenset[str]) -> str:
    about = sorted(name for name in hidden if name in text)
    return f"something about {', '.join(about)}, which is sensitive" if about else text


def _fine(endpoint: Endpoint) -> bool:
    return endpoint.status is not None and 200 <= endpoint.status < 300


def _times(found: Estimate) -> str:
    return f"{found.value:.2f} times ({found.low:.2f} to {found.high:.2f})"


def _share(found: Estimate, rows: int) -> str:
    return f"in {found.value:.2%} of {rows:,} rows ({found.low:.2%} to {found.high:.2%})"


def _once(heard: Heard) -> statistics.Integers:
    return np.ones((1, len(heard.asked)), dtype=np.int64)


def _places(heard: Heard, at: Sequence[int]) -> tuple[statistics.Integers, statistics.Integers]:
    rows = [len(heard.asked[question].rows) for question in at]
    return np.repeat(np.array(at), rows), np.concatenate([np.arange(n) for n in rows])


def _shown(answer: Answer, row: int) -> str:
    scores = _number(answer.scores[row])
    return clean(f"{answer.decisions[row]} ({scores})", 100) if answer.form else scores


def _number(scores: statistics.Array) -> str:
    return clean(", ".join(f"{score:.4g}" for score in scores), 100)
