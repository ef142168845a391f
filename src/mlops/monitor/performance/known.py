"""How well the champion does on rows whose outcome is known, beside its held-out rows."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from mlops.evaluation.bootstrap import FEWEST_BLOCKS
from mlops.monitor.performance.calibration import calibration
from mlops.monitor.performance.concept import concept
from mlops.monitor.performance.measured import Resampled, measured
from mlops.monitor.performance.outcomes import known, labels, matured
from mlops.monitor.performance.slices import slices
from mlops.monitor.result import Metric, Performance, State
from mlops.monitor.rows import Problem, Reference
from mlops.params import Params


def performance(problem: Problem, reference: Reference, batch: pd.DataFrame) -> Performance:
    """Metrics, slices, calibration and concept on the labelled rows of mature blocks.

    Untold with fewer than FEWEST_BLOCKS such blocks, on either side.
    """
    knobs, classes = problem.knobs, labels(problem, reference)
    has = matured(problem, batch)
    counted: dict[str, Any] = {
        "labelled": has.labelled,
        "mature": has.mature,
        "waiting": has.waiting,
        "level": knobs.evaluate.level,
    }
    if not len(has.rows):
        return Performance(state="untold", why_not=_immature(has.labelled, knobs), **counted)
    now = known(problem, has.rows, classes)
    then = known(problem, reference.predictions, classes)
    if not len(now.block) or not len(then.block):
        whose = "labelled rows of the batch" if len(then.block) else "held-out rows"
        why = f"none of the {whose} has both a prediction and an outcome that the champion knows"
        return Performance(state="untold", why_not=why, **counted)

    draws = knobs.evaluate.resamples
    sides = Resampled(now, draws, knobs.seed), Resampled(then, draws, knobs.seed + 1)
    metrics = measured(*sides, knobs)
    state = _state(metrics, all(side.enough for side in sides))
    return Performance(
        state=state,
        why_not="" if state != "untold" else _too_few(sides),
        metrics=metrics,
        slices=slices(problem, reference, has.rows, classes),
        calibration=calibration(now, knobs.gates),
        concept=concept(problem, now, then),
        **counted,
    )


def _immature(labelled: float, knobs: Params) -> str:
    if labelled == 0:
        return "no outcome is known yet"
    return (
        f"the outcomes of {labelled:.0%} of the rows are known; a block counts from "
        f"{knobs.monitor.mature:.0%} of its rows on (monitor.mature)"
    )


def _state(metrics: Sequence[Metric], enough: bool) -> State:
    """An alarm of a floor needs no held-out rows; that all is well needs both."""
    told = {m.state for m in metrics if m.margin is not None or m.floor is not None}
    if "alarm" in told:
        return "alarm"
    return "steady" if enough and "steady" in told else "untold"


def _too_few(sides: tuple[Resampled, Resampled]) -> str:
    for side, whose in zip(sides, ("the batch", "the held-out rows"), strict=True):
        if not side.enough:
            return (
                f"{whose}: the outcomes of {side.blocks} blocks are known, {FEWEST_BLOCKS} are "
                f"needed"
            )
    return "no metric that a gate has can be told on these rows"
