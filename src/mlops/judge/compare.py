"""One model against another on the same rows, in the same resamples."""

from collections.abc import Collection

from mlops.evaluation.bootstrap import draw
from mlops.evaluation.metrics import Codes
from mlops.judge.rows import Rows
from mlops.judge.statistics import Difference, paired, part
from mlops.params import Params


def compare(
    rows: Rows, other: str, names: Collection[str], knobs: Params, chosen: Codes | None = None
) -> dict[str, Difference]:
    """The challenger against the role `other`, by metric; on the `chosen` rows, or on all."""
    mine, theirs = rows.sample("challenger"), rows.sample(other)
    counts = draw(mine.blocks, knobs.gates.resamples, knobs.seed)
    if chosen is not None:
        mine, theirs = part(mine, chosen), part(theirs, chosen)
    return paired(rows.task, mine, theirs, counts, names)
