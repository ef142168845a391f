"""What a stranger sees: a clone of the last commit, an empty home, and the README's commands."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.conftest import ROOT, execute

pytestmark = pytest.mark.slow

MACHINES = {
    "one": {"OMP_NUM_THREADS": "1", "PYTHONHASHSEED": "1", "OPENBLAS_CORETYPE": "Haswell"},
    "the other": {"OMP_NUM_THREADS": "2", "PYTHONHASHSEED": "2", "OPENBLAS_CORETYPE": "Prescott"},
}
"""Each must give, bit for bit, what is committed: the stranger works on the one."""


def clone(target: Path) -> Path:
    subprocess.run(["git", "clone", "-q", str(ROOT), str(target)], check=True)
    return target


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A fresh clone, and an environment with an empty home and no tool of ours on PATH."""
    home = tmp_path_factory.mktemp("home")
    ours = str(Path(sys.executable).parent)
    kept = [p for p in os.environ["PATH"].split(os.pathsep) if p != ours]
    unwanted = (
        "VIRTUAL_ENV",
        "PYTHONPATH",
        "MLFLOW",
        "DVC",
        "COV",
        "UV_",
        "XDG",
        "CI",
        "MAKE",
        "MFLAGS",
    )
    environment = {k: v for k, v in os.environ.items() if not k.startswith(unwanted)}
    environment |= {"HOME": str(home), "PATH": os.pathsep.join(kept), **MACHINES["one"]}
    return clone(tmp_path_factory.mktemp("clone") / "copy"), environment


def make(stranger: tuple[Path, dict[str, str]], target: str) -> subprocess.CompletedProcess[str]:
    folder, environment = stranger
    python = Path(sys.base_prefix) / "bin" / "python3"
    return subprocess.run(
        ["make", target, f"PYTHON={python}"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_make_run_trains_on_real_data_and_leaves_the_tree_clean(
    stranger: tuple[Path, dict[str, str]],
) -> None:
    folder, _ = stranger

    first = make(stranger, "run")

    assert first.returncode == 0, first.stdout + first.stderr
    status = execute(folder, "git", "status", "--porcelain").stdout
    assert status == "", "the committed dvc.lock, metrics/ or reports/ are not what the code gives"
    shown = re.search(r"roc_auc\D+([\d.]+)", first.stdout)
    measured = json.loads((folder / "metrics/test.json").read_text())["roc_auc"]
    assert shown is not None
    assert float(shown.group(1)) == pytest.approx(measured, abs=5e-5)
    assert 0.66 <= measured <= 0.78

    second = make(stranger, "run")

    assert second.returncode == 0
    assert "Running stage" not in second.stdout


def test_the_same_commit_gives_the_same_bits_on_other_threads_kernels_and_paths(
    tmp_path: Path,
) -> None:
    folder = clone(tmp_path / "elsewhere")

    done = execute(folder, "mlops", "run", "--force", **MACHINES["the other"])

    assert done.returncode == 0, done.stdout + done.stderr
    assert execute(folder, "git", "status", "--porcelain").stdout == ""
