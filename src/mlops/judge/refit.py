"""Training once more, to see whether it gives the same bytes."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from mlops.data.pin import md5_of
from mlops.judge.changes import LOCK, Base, lock_here, stage, stage_outputs
from mlops.judge.evidence import Refit
from mlops.progress import step
from mlops.stages import ARTIFACTS

AGAIN = Path(".mlops/again")
NEEDED = ("params.yaml", "src")


def refit(base: Base) -> Refit:
    """Run the train stage a second time, in a folder of its own, and compare hashes.

    Not tried when nothing that training depends on differs from the base, where it was tried.
    """
    if base.commit and stage(base.text(LOCK), "train") == stage(lock_here(), "train"):
        return Refit("unchanged", "training and its result are as at the base")
    shutil.rmtree(AGAIN, ignore_errors=True)
    (AGAIN / ARTIFACTS).mkdir(parents=True)
    for path in (*map(Path, NEEDED), ARTIFACTS / "train.parquet"):
        (AGAIN / path).symlink_to(path.absolute())
    with step("training once more"):
        done = subprocess.run(
            [sys.executable, "-m", "mlops.stages.train"],
            cwd=AGAIN,
            env=os.environ | {"PYTHONHASHSEED": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason was given"])[-1]
        return Refit("failed", f"training went well once and failed the second time: {last[:500]}")
    first = stage_outputs(lock_here())
    fitted = sorted((AGAIN / ARTIFACTS).glob("*.joblib"))
    differs = [p.name for p in fitted if first.get(str(ARTIFACTS / p.name)) != md5_of(p)]
    shutil.rmtree(AGAIN)
    if differs:
        return Refit("different", f"trained again, {', '.join(differs)} has another hash")
    return Refit("same", "trained again, every model has the same hash")
