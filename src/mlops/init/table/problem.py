"""From a CSV to every file that a problem consists of."""

from dataclasses import dataclass
from pathlib import Path

from mlops.contract import Task
from mlops.init.table import csvfile
from mlops.init.table.columns import columns
from mlops.init.table.knobs import edited
from mlops.init.table.limits import leaks, limits
from mlops.init.table.papers import papers
from mlops.init.table.render import modules
from mlops.init.table.roles import Roles, roles
from mlops.init.table.trial import Trial, tried
from mlops.init.table.values import settings, values
from mlops.init.table.wording import findings
from mlops.init.table.workbench import Bench, at_work, tidied

TABLE = "src/problem/table.csv"


@dataclass(frozen=True)
class Problem:
    """A problem made from a table, before anything is written.

    files: content by path, relative to the repository's root. found: lines for a person: what was
    inferred, left out, and why. sensitive: columns that may hold personal data, by their names.
    """

    files: dict[str, bytes]
    task: Task
    target: str
    key: str
    block: str
    inputs: tuple[str, ...]
    sensitive: tuple[str, ...]
    found: list[str]


def problem_from(
    csv: Path,
    target: str,
    *,
    name: str,
    example: str,
    kind: Task | None = None,
    key: str | None = None,
    block: str | None = None,
    time: str | None = None,
) -> Problem:
    """The problem of predicting the column `target` of the file `csv` from its other columns.

    name: of the model, for serving.name. example: the text of the repository's params.yaml, which
    is edited. kind: the task, instead of the one that the target suggests. key, block, time:
    columns as the file's header has them. Nothing is written, but in a temporary folder.

    Raises DataError for a file that is no table or cannot be learned from, and DeclarationError
    for a column that is not there or cannot be what it is to be.
    """
    file = csvfile.read(csv)
    found = roles(file, columns(file), target, kind=kind, key=key, block=block, time=time)
    bench, trial = _try(file, found)
    telling = leaks(trial)
    if set(telling) < set(found.inputs):
        for column, value in telling.items():
            found.leave_out(column, f"alone tells the target ({value:.3f})")
        bench, trial = _try(file, found) if telling else (bench, trial)
    else:  # whatever one asks, it is the answer
        telling = {}
    bounds = limits(trial)
    knobs = edited(example, values(found, trial, bounds, name))
    written = papers(file, found, bench, trial, telling=telling, smallest=bounds.minimum_slice)
    return Problem(
        files=_modules(file, found) | tidied(written) | {"params.yaml": knobs.encode()},
        task=found.task,
        target=found.target.name,
        key=found.key_name,
        block=found.block_name,
        inputs=found.inputs,
        sensitive=found.sensitive,
        found=findings(file, found, trial, bounds, telling),
    )


def _try(file: csvfile.File, found: Roles) -> tuple[Bench, Trial]:
    bench = at_work(file.name, _modules(file, found))
    return bench, tried(file.name, bench, settings(found))


def _modules(file: csvfile.File, found: Roles) -> dict[str, bytes]:
    code = {f"src/problem/{name}": text for name, text in modules(file, found).items()}
    return tidied(code) | {TABLE: file.content}
