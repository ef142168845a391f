"""What a stranger has: a clone of the last commit, an empty home, and none of our tools."""

import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT

MACHINES = {
    "one": {"OMP_NUM_THREADS": "1", "PYTHONHASHSEED": "1", "OPENBLAS_CORETYPE": "Haswell"},
    "the other": {"OMP_NUM_THREADS": "2", "PYTHONHASHSEED": "2", "OPENBLAS_CORETYPE": "Prescott"},
}
"""Each must give, bit for bit, what is committed: the stranger works on the one."""
PYTHON = Path(sys.base_prefix) / "bin" / "python3"
OURS = ("VIRTUAL_ENV", "PYTHONPATH", "MLFLOW", "DVC", "COV", "UV_", "XDG", "CI", "MAKE", "MFLAGS")
"""What the names of variables begin with that a stranger does not have."""


def clone(target: Path) -> Path:
    subprocess.run(["git", "clone", "-q", str(ROOT), str(target)], check=True)
    return target


def environment(home: Path) -> dict[str, str]:
    """Variables of somebody with an empty home and no tool of ours on PATH."""
    ours = str(Path(sys.executable).parent)
    path = os.pathsep.join(p for p in os.environ["PATH"].split(os.pathsep) if p != ours)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    return kept | {"HOME": str(home), "PATH": path, **MACHINES["one"]}
