"""Training once more, to see whether it gives the same bytes."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from mlops.data.pin import md5_of
from mlops.judge.changes import LOCK, Base, lock_here, stage, stage_outputs
from mlops.judge.evidence import Refit
from mlops.progress import step
from mlops.stages import ARTIFACTS
from mlops.threads import side_by_side

AGAIN = Path(".mlops/again")
NEEDED = ("params.yaml", "src")


@contextmanager
def refitting(base: Base) -> Iterator[Callable[[], Refit]]:
    """Run the train stage a second time, in a folder of its own, while something else is done.

    What is yielded waits for it, and compares hashes. It is not tried when nothing that training
    depends on differs from the base, where it was tried.
    """
    if base.commit and stage(base.text(LOCK), "train") == stage(lock_here(), "train"):
        yield lambda: Refit("unchanged", "training and its result are as at the base")
        return
    shutil.rmtree(AGAIN, ignore_errors=True)
    (AGAIN / ARTIFACTS).mkdir(parents=True)
    for path in (*map(Path, NEEDED), ARTIFACTS / "train.parquet"):
        (AGAIN / path).symlink_to(path.absolute())
    with (AGAIN / "said").open("wb") as said:
        training = subprocess.Popen(
            [sys.executable, "-m", "mlops.stages.train"],
            cwd=AGAIN,
            env=os.environ | side_by_side(2) | {"PYTHONHASHSEED": "1"},
            stdout=subprocess.DEVNULL,
            stderr=said,
        )
    try:
        yield lambda: _ended(training)
    finally:
        training.kill()  # of one that has ended, nothing
        training.wait()
        shutil.rmtree(AGAIN)


def _ended(training: "subprocess.Popen[bytes]") -> Refit:
    with step("training once more"):
        code = training.wait()
    if code:
        said = (AGAIN / "said").read_text(encoding="utf-8", errors="replace").strip().splitlines()
        last = (said or ["no reason was given"])[-1]
        return Refit("failed", f"training went well once and failed the second time: {last[:500]}")
    first = stage_outputs(lock_here())
    fitted = sorted((AGAIN / ARTIFACTS).glob("*.joblib"))
    differs = [p.name for p in fitted if first.get(str(ARTIFACTS / p.name)) != md5_of(p)]
    if differs:
        return Refit("different", f"trained again, {', '.join(differs)} has another hash")
    return Refit("same", "trained again, every model has the same hash")
