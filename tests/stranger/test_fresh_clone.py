"""What a stranger sees: a clone of the last commit, an empty home, and the README's commands."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.conftest import execute
from tests.stranger.home import PYTHON, clone, environment

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A fresh clone, and an environment with an empty home and no tool of ours on PATH."""
    folder = clone(tmp_path_factory.mktemp("clone") / "copy")
    return folder, environment(tmp_path_factory.mktemp("home"))


def make(stranger: tuple[Path, dict[str, str]], target: str) -> subprocess.CompletedProcess[str]:
    folder, variables = stranger
    return subprocess.run(
        ["make", target, f"PYTHON={PYTHON}"],
        cwd=folder,
        env=variables,
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
