"""A replay from its beginning to its result."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from mlops import params
from mlops.errors import DeclarationError, Refused, Undecided
from mlops.params import Params
from mlops.progress import step
from mlops.replay import checks, route, send, sides, traffic
from mlops.replay.checks import Heard
from mlops.replay.result import Check, Endpoint, Replay, Role, Server, Step, Traffic
from mlops.replay.sides import Side
from mlops.replay.statistics import Bootstrap
from mlops.replay.traffic import Question
from mlops.stages import ARTIFACTS
from serving.manifest import FILE, Manifest

EXPORT = ARTIFACTS / "export"


@dataclass(frozen=True)
class Options:
    """How to replay."""

    challenger: str
    champion: str | None = None
    """Addresses or export folders; without a champion the challenger is held against the record."""
    recorded: Path | None = None
    """A file that `--capture` wrote; None for held-out rows."""
    requests: int | None = None
    """Of each side, or of each step of a canary; None for what params.yaml says."""
    rate: float | None = None
    """Requests per second; None for as fast as answers come."""
    connections: int = 2
    canary: bool = False


def replay(options: Options) -> Replay:
    """Ask, compare and judge. A server that fails is judged; Failure for what cannot be asked."""
    knobs = params.load()
    if options.canary and options.champion is None:
        raise DeclarationError("--canary needs a champion to take requests from; name it second")
    if options.connections < 1 or (options.rate is not None and options.rate <= 0):
        raise DeclarationError("--connections and --rate must be above 0")
    places: dict[Role, str] = {"challenger": options.challenger}
    if options.champion is not None:
        places = {"champion": options.champion, **places}
    known = _known(options)
    asked = questions(options, known[0] if known else None, knobs)
    hidden = frozenset(i.name for about in known for i in about.inputs if i.sensitive)
    how = Bootstrap(len(asked), knobs.replay.resamples, knobs.replay.level, knobs.seed)
    with ExitStack() as servers:
        with step("reaching the servers"):
            there = {
                role: servers.enter_context(sides.running(place, role))
                for role, place in places.items()
            }
            beside = {role: send.endpoints(side) for role, side in there.items()}
            send.warm(there, asked, options.connections)
        ahead = checks.endpoints(
            beside["champion"][0] if "champion" in beside else None, beside["challenger"][0]
        )
        steps: list[Step] = []
        if options.canary:
            heard, steps = _canary(there, asked, hidden, options, knobs=knobs, how=how)
        else:
            turns = route.shadow(asked, knobs.seed) if options.champion else route.alone(asked)
            with step(f"asking {len(asked):,} requests of {' and '.join(there)}"):
                found = send.exchange(there, asked, turns, options.connections, options.rate)
            heard = checks.hear(asked, found, hidden)
    alone = options.champion is None
    paired = checks.pair_with_record(heard) if alone else checks.pair(heard, knobs.replay)
    judged = [ahead, *judge(heard, alone, knobs, how)]
    outcome = checks.worst(judged)
    return Replay(
        outcome=outcome,
        summary=_summary(outcome, judged, steps),
        mode="smoke" if alone else "canary" if options.canary else "shadow",
        traffic=Traffic(
            origin=str(options.recorded or ARTIFACTS / "test.parquet")[:300],
            requests=len(asked),
            rows=sum(len(question.rows) for question in asked),
            hash=traffic.digest(asked),
        ),
        champion=None if alone else _server(there["champion"], heard, beside["champion"]),
        challenger=_server(there["challenger"], heard, beside["challenger"]),
        checks=judged,
        agreement=checks.summary(paired, how),
        disagreements=checks.disagreements(heard, paired),
        steps=steps,
    )


def questions(options: Options, about: Manifest | None, knobs: Params) -> list[Question]:
    """The requests to ask: recorded ones if a file is named, else held-out rows.

    `about` is what is known of the model; held-out rows need it, recorded ones are named by it.
    """
    wanted = knobs.replay.requests if options.requests is None else options.requests
    if not 1 <= wanted <= 100_000:
        raise DeclarationError(f"--requests: expected 1 to 100,000, found {wanted:,}")
    if options.recorded is not None:
        rows = traffic.recorded(options.recorded, traffic.identifiers(about) if about else [])
    elif about is not None:
        rows = traffic.held_out(about, max(2000, 2 * wanted), knobs.seed)
    else:
        raise DeclarationError(
            f"{EXPORT} is missing, which says what the model is asked; run `mlops run`, or replay "
            f"recorded requests with --traffic"
        )
    return traffic.questions(rows, wanted, knobs.replay.batch_share, knobs.seed)


def judge(heard: Heard, alone: bool, knobs: Params, how: Bootstrap) -> list[Check]:
    """Every check of the replies."""
    limits = knobs.replay
    if alone:
        paired = checks.pair_with_record(heard)
        answered = len(heard.answers["challenger"])
        return [checks.errors(heard, limits), checks.recorded(paired, answered, limits, how)]
    paired = checks.pair(heard, limits)
    index = checks.stability(heard, paired, limits, how)
    times = [checks.latency(heard, "single", q, limits, how) for q in (0.5, 0.99)]
    if any(len(question.rows) > 1 for question in heard.asked):
        times.append(checks.latency(heard, "batch", 0.5, limits, how))
    found = [checks.errors(heard, limits), checks.agreement(heard, paired, limits, how)]
    return [*found, *([index] if index else []), *times]


def ending(result: Replay) -> None:
    """Raise what a result that is no pass ends the command with."""
    if result.outcome == "fail":
        raise Refused(f"refused by {result.summary}")
    if result.outcome == "inconclusive":
        raise Undecided(f"inconclusive by {result.summary}")


def _canary(
    there: Mapping[Role, Side],
    asked: Sequence[Question],
    hidden: frozenset[str],
    options: Options,
    *,
    knobs: Params,
    how: Bootstrap,
) -> tuple[Heard, list[Step]]:
    """Step by step more requests to the challenger; judged by all replies so far.

    Times are compared within a step, the last one that asked both: a machine has better minutes.
    """
    replies: list[send.Reply] = []
    timed: list[send.Reply] = []
    steps: list[Step] = []
    for share in route.SHARES:
        turns = route.canary(asked, share)
        with step(f"{share:.0%} of {len(asked):,} requests to the challenger"):
            newest = send.exchange(there, asked, turns, options.connections, options.rate)
        replies += newest
        timed = newest if share < 1 else timed
        heard = checks.hear(asked, replies, hidden, timed)
        judged = judge(heard, False, knobs, how)
        outcome = checks.worst(judged)
        mine = sum("challenger" in order for _, order in turns)
        reason = _blame(outcome, judged) or "every check passes"
        steps.append(Step(share=share, requests=mine, outcome=outcome, reason=reason))
        if outcome == "fail":
            break
    return heard, steps


def _server(side: Side, heard: Heard, beside: tuple[list[Endpoint], str]) -> Server:
    return Server(
        name=side.name[:300],
        version=beside[1],
        answered=heard.replies.get(side.role, 0) - len(heard.failed[side.role]),
        failing=heard.failing[side.role],
        endpoints=beside[0],
        latency=checks.latencies(heard, side.role),
    )


def _summary(outcome: str, judged: Sequence[Check], steps: Sequence[Step]) -> str:
    text = _blame(outcome, judged) or "every check passes"
    if steps and steps[-1].share < 1:
        text = f"{text}; stopped at {steps[-1].share:.0%} of the requests"
    return text[:2000]


def _blame(outcome: str, judged: Sequence[Check]) -> str:
    """The checks with this outcome, unless it is good, and what they found."""
    if outcome == "pass":
        return ""
    first, *others = [check for check in judged if check.outcome == outcome]
    also = f"; also {', '.join(check.name for check in others)}" if others else ""
    return f"{first.name} ({first.reason}){also}"[:2000]


def _known(options: Options) -> list[Manifest]:
    """What the folders to be served say of their models; else what the pipeline left here says."""
    places = [place for place in (options.challenger, options.champion) if place is not None]
    found = [about for about in map(sides.manifest, places) if about is not None]
    if not found and (EXPORT / FILE).is_file():
        found.append(sides.described(EXPORT))
    return found
