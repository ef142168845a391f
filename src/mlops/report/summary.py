"""The short table that ends `make run`."""

from typing import Any

from rich.table import Table
from rich.text import Text

from mlops import params
from mlops.errors import DataError
from mlops.evaluation.names import BETTER
from mlops.files import read_json
from mlops.params import Params
from mlops.progress import console
from mlops.stages import METRICS

NEXT = """Where to look next
  reports/model_card.md     how good it is, and for whom less so
  reports/data_quality.md   what the data is like, and what has shifted
  dvc plots show            the curves in a browser; `make plots` draws them as PNG
  make ui                   every run side by side
  params.yaml               change a line, `make run` again, `dvc metrics diff`"""


def show() -> None:
    """Print each metric with its interval, baselines and floor; DataError before the first run."""
    if not (METRICS / "test.json").is_file():
        raise DataError(f"{METRICS / 'test.json'} is missing; run `make run` first")
    knobs = params.load()
    console.print(
        table(read_json(METRICS / "test.json"), read_json(METRICS / "baselines.json"), knobs)
    )
    console.print(NEXT)


def table(test: dict[str, Any], baselines: dict[str, dict[str, float]], knobs: Params) -> Table:
    """A row per metric; a value on the wrong side of its floor stands out."""
    level = f"{knobs.evaluate.level * 100:g} % interval"
    shown = Table(
        title=f"{knobs.model.estimator} on {test['rows']:,} held-out rows, {test['blocks']} blocks"
    )
    shown.add_column("metric")
    for heading in ("value", level, "linear", "constant", "floor"):
        shown.add_column(heading, justify="right")
    for name, ends in test["interval"].items():
        value, floor = test[name], knobs.gates.floors.get(name)
        missed = _misses(name, value, floor)
        shown.add_row(
            name,
            _number(value, style="bold red" if missed else ""),
            f"{_number(ends['low'])} to {_number(ends['high'])}",
            _number(baselines["linear"][name]),
            _number(baselines["dummy"][name]),
            _number(floor, "g"),
        )
    return shown


def _misses(name: str, value: float | None, floor: float | None) -> bool:
    if floor is None:
        return False
    better = next(of_task[name] for of_task in BETTER.values() if name in of_task)
    return value is None or (value < floor if better == "higher" else value > floor)


def _number(value: object, form: str = ".4f", style: str = "") -> Text:
    return Text("–" if value is None else format(value, form), style)
