"""Write the model card and the data card: what is for what, how good, and for whom less so."""

import hashlib
import json
from typing import Any

from mlops import params
from mlops.contract import SHIPPED, Features, Task, load
from mlops.errors import DeclarationError
from mlops.evaluation.names import BETTER, headline
from mlops.files import read_json, write_text
from mlops.params import misplaced, unknown_key
from mlops.report import card, data_card
from mlops.stages import METRICS, REPORTS, run


def main() -> None:
    """Write reports/model_card.md and reports/data_card.md from the metrics.

    Raises DeclarationError without card.md or data_card.md, or for a metric in `gates` that does
    not fit the task.
    """
    of_model = _words("card.md", "what the model is meant for, and for what it is not")
    of_data = _words("data_card.md", "where the data is from, under what licence, and its faults")
    knobs, problem = params.load(), load(Features)
    _check_names(knobs.gates, problem.TASK)
    model = card.render(
        task=problem.TASK,
        params=knobs,
        params_hash=_hash(knobs),
        prose=of_model,
        metrics=_metrics("data", "test", "baselines", "slices", "behaviour"),
    )
    data = data_card.render(
        task=problem.TASK,
        target=problem.TARGET,
        words=of_data,
        **_metrics("data", "columns", "split"),
    )
    write_text(REPORTS / "model_card.md", model)
    write_text(REPORTS / "data_card.md", data)


def _words(name: str, says: str) -> str:
    """What the problem's author wrote."""
    file = SHIPPED / name
    if not file.is_file():
        raise DeclarationError(f"{file} is missing: it says {says}", file=str(file))
    return file.read_text(encoding="utf-8").strip()


def _metrics(*names: str) -> dict[str, Any]:
    return {name: read_json(METRICS / f"{name}.json") for name in names}


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
