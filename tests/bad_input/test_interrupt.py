"""Ctrl-C in the middle of a stage: the terminal signals the whole process group."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from problem.features import TABLES
from tests.bad_input.conftest import changed, snapshot
from tests.conftest import Run

OUTPUTS = {
    "features": {
        "artifacts/features.parquet",
        *(f"artifacts/tables/{name}.parquet" for name in TABLES),
    },
    "evaluate": {"artifacts/predictions.parquet"},
    "audit": set(),
}
"""What DVC removes before it starts a stage; all else must stay."""

MIDDLE = {
    "features": "making features",
    "train": "fitting gradient_boosting",
    "evaluate": "resamples of whole blocks",
    "audit": "fitting gradient_boosting with seed",
}


def _hears_the_signal() -> None:
    """A shell has its background jobs ignore it, and what they start inherits that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def interrupted(folder: Path, stage: str) -> subprocess.CompletedProcess[str]:
    """A run of one stage, with Ctrl-C as soon as it is in the middle of its work."""
    at = MIDDLE[stage]
    programs = str(Path(sys.executable).parent)
    process = subprocess.Popen(
        ["mlops", "run", "--force", "--single-item", stage],
        cwd=folder,
        env=os.environ
        | {
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(folder / "src"),
            "CI": "true",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=_hears_the_signal,  # noqa: PLW1509 - no other thread is at work here
    )
    assert process.stdout is not None
    seen = []
    for line in process.stdout:
        seen.append(line)
        if at in line:
            os.killpg(process.pid, signal.SIGINT)
            break
    out, err = process.communicate(timeout=60)
    assert at in seen[-1], err
    return subprocess.CompletedProcess(process.args, process.returncode, "".join(seen) + out, err)


@pytest.mark.parametrize(
    "stage", ["evaluate", *(pytest.param(s, marks=pytest.mark.slow) for s in ("features", "audit"))]
)
def test_it_is_130_and_nothing_is_half_written(finished: Path, run: Run, stage: str) -> None:
    before = snapshot(finished)

    ended = interrupted(finished, stage)

    assert ended.returncode == 130
    assert "nothing half-written was left behind" in ended.stderr
    assert "Traceback" not in ended.stdout + ended.stderr
    gone = changed(before, snapshot(finished))
    assert gone <= OUTPUTS[stage]
    assert not any((finished / name).exists() for name in gone)
    assert run("git", "status", "--porcelain").stdout == ""


def test_the_next_run_completes_what_was_interrupted(finished: Path, run: Run) -> None:
    before = snapshot(finished)
    assert interrupted(finished, "train").returncode == 130
    assert not Path("artifacts/model.joblib").exists()

    again = run("mlops", "run")

    assert again.returncode == 0, again.stderr
    assert changed(before, snapshot(finished)) == set()
    assert run("git", "status", "--porcelain").stdout == ""
