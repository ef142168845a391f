"""Write the model card: what the model is for, how good it is, and for whom it is less good."""

import hashlib
import json

from mlops import params
from mlops.contract import SHIPPED, Features, Task, load
from mlops.errors import DeclarationError
from mlops.evaluation.names import BETTER, headline
from mlops.files import read_json, write_text
from mlops.params import misplaced, unknown_key
from mlops.report.card import render
from mlops.stages import METRICS, REPORTS, run


def main() -> None:
    """Write reports/model_card.md from the metrics.

    Raises DeclarationError without card.md, or for a metric in `gates` that does not fit the task.
    """
    prose = SHIPPED / "card.md"
    if not prose.is_file():
        raise DeclarationError(
            f"{prose} is missing: it says what the model is meant for, and for what it is not",
            file=str(prose),
        )
    knobs, task = params.load(), load(Features).TASK
    _check_names(knobs.gates, task)
    card = render(
        task=task,
        params=knobs,
        params_hash=_hash(knobs),
        prose=prose.read_text(encoding="utf-8").strip(),
        metrics={
            name: read_json(METRICS / f"{name}.json")
            for name in ("data", "test", "baselines", "slices", "behaviour")
        },
    )
    write_text(REPORTS / "model_card.md", card)


def _check_names(gates: params.Gates, task: Task) -> None:
    """DeclarationError for a metric that the task has not, or a headline metric without margin."""
    for key in ("floors", "margins", "slice_margins"):
        for name in getattr(gates, key):
            if name not in BETTER[task]:
                raise misplaced(("gates", key, name), unknown_key(name, list(BETTER[task])))
    if headline(task) not in gates.margins:
        known = ", ".join(gates.margins)
        raise misplaced(
            ("gates", "margins"), f"expected also {headline(task)}, the headline; found {known}"
        )


def _hash(knobs: params.Params) -> str:
    """Of the values that make and judge a model: comments and the order of keys change nothing."""
    values = knobs.model_dump(exclude={"monitor", "retrain"})
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


if __name__ == "__main__":
    run(main)
