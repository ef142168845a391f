"""The words and numbers in which an explanation is told, in the terminal and on the page."""

from collections.abc import Sequence
from dataclasses import dataclass

from mlops.explain.result import Contribution, Overall, Result, Row, Value
from mlops.report import wording

SENSITIVE = "not shown"
GAP = "missing"

METHODS = {
    "linear": "The model is linear: an input adds its weight times its distance from the mean of "
    "the training rows.",
    "trees": "The model is made of trees: exact Shapley values against training rows, by TreeSHAP.",
    "sampled": "Of this model nothing is known but its answers: Shapley values against training "
    "rows, estimated from permutations of the inputs.",
}


@dataclass(frozen=True)
class Line:
    """A step on the way from the base to the score."""

    name: str
    value: str
    adds: float


def lines(row: Row, output: int, most: int) -> list[Line]:
    """The largest contributions, and the others, if there are two or more, as one line."""
    ranked = sorted(row.contributions, key=lambda one: -abs(one.adds[output]))
    most += len(ranked) == most + 1
    shown = [Line(one.input, value_of(one), one.adds[output]) for one in ranked[:most]]
    rest = [one.adds[output] for one in ranked[most:]]
    return [*shown, Line(f"{len(rest)} other inputs", "", sum(rest))] if rest else shown


def value_of(contribution: Contribution) -> str:
    """The input's value."""
    if contribution.sensitive:
        return SENSITIVE
    return GAP if contribution.value is None else shown(contribution.value)


def shown(value: Value) -> str:
    """A value as a person would write it."""
    if isinstance(value, float):
        return f"{value:.6g}".replace("-", "−")
    return wording.NONE if value is None else str(value)


def name(row: Row) -> str:
    """What identifies the row: its key, or its number in the source."""
    key = [f"{column} {shown(value)}" for column, value in row.key.items()]
    return ", ".join(key) or f"row {row.row:,}"


def output(result: Result, output: int) -> str:
    """What an output is about: the target, or a class of it."""
    label = f" is {shown(result.classes[output])}" if result.classes else ""
    return f"{result.target}{label}"


def said(result: Result, prediction: Sequence[float], output: int) -> str:
    """A prediction in words."""
    value = wording.number(prediction[output], wording.decimals(prediction))
    return value if result.task == "regression" else f"probability {value}"


def anothers(result: Result, row: Row) -> str:
    """A warning where the recorded answer is another model's."""
    if row.recorded is None or not row.is_anothers:
        return ""
    return (
        f"The answer recorded was {said(result, row.recorded, row.likeliest)}: another model's, of "
        f"which this is no explanation."
    )


def means(result: Result, prediction: Sequence[float], output: int) -> str:
    """What a score says, where that is another number."""
    return said(result, prediction, output) if result.scale in ("log-odds", "logits") else ""


def unit(result: Result) -> str:
    """What contributions are counted in."""
    return result.target if result.scale == "value" else result.scale


def sizes(overall: Overall) -> int:
    """Decimals that suit the mean contributions."""
    return wording.decimals([one.contribution for one in overall.inputs])


def places(result: Result) -> int:
    """Decimals that suit the scores."""
    sizes = [*result.base.score, *(score for row in result.rows for score in row.score)]
    return wording.decimals(sizes)
