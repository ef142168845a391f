"""The new model: newer data, the pipeline, and its results in a folder for the proposal."""

import math
import shutil
from pathlib import Path
from typing import Any

from mlops import git, pipeline
from mlops.contract import Features, load
from mlops.data import obtain, pin
from mlops.errors import DeclarationError
from mlops.evaluation.names import BETTER
from mlops.files import read_json, replacing
from mlops.github.job import output, say
from mlops.progress import console
from mlops.retraining import retrained
from mlops.retraining.plan import plan
from mlops.retraining.retrained import FOLDER, Metric, Retrained

LOCK = Path("dvc.lock")
TEST = Path("metrics/test.json")


def here(through: str | None = None) -> None:
    """Bring the next period, or the one that is named, and run the pipeline as `mlops run` does.

    For a person to look at, and to commit. Raises what stopped it.
    """
    found = plan(None, by_hand=True, through=through)
    console.print(found.why, markup=False)
    if found.go:
        obtain.advance(found.through or None)
        pipeline.run([])
        console.print("now commit data.dvc, dvc.lock, metrics/ and reports/, on a branch")


def main(through: str = "") -> Path:
    """As `run`, and say so; sets the step's output `changed` (true or false)."""
    folder = run(through)
    changed = folder.is_dir()
    output("changed", "true" if changed else "false")
    say(
        f"{folder} has what `mlops retrain propose` takes"
        if changed
        else f"nothing changed: the pipeline gives the same {LOCK} as before"
    )
    return folder


def run(through: str = "") -> Path:
    """Bring the data up to the period `through`, run the pipeline, and leave the results.

    They stand in the work tree as after `mlops data --through` and `mlops run`, and what a proposal
    needs of them in the folder that is returned; there is none when the same dvc.lock came out. An
    empty `through` brings what the source has.

    Raises what stopped it, such as QualityError for data that break a rule: then nothing is left to
    propose.
    """
    base = git.head()
    if base is None:
        raise DeclarationError("there is no commit to start from; `git commit` one")
    shutil.rmtree(FOLDER, ignore_errors=True)
    had, lock, before = pin.read().through, _bytes(LOCK), _metrics()
    obtain.advance(through or None)
    pipeline.reproduce([])
    if _bytes(LOCK) != lock:
        _leave(
            Retrained(through=pin.read().through, before=had, base=base, metrics=_beside(before))
        )
    return FOLDER


def _leave(found: Retrained) -> None:
    with replacing(FOLDER) as scratch:
        for pattern in retrained.FILES:
            for path in sorted(Path().glob(pattern)):
                (scratch / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, scratch / path)
        retrained.write(found, scratch)


def _beside(before: dict[str, Any]) -> list[Metric]:
    after = _metrics()
    return [
        Metric(name=name, better=better, before=_number(before, name), after=_number(after, name))
        for name, better in BETTER[load(Features).TASK].items()
        if name in after
    ]


def _number(metrics: dict[str, Any], name: str) -> float | None:
    value = metrics.get(name)
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else None


def _metrics() -> dict[str, Any]:
    return dict(read_json(TEST)) if TEST.is_file() else {}


def _bytes(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""
