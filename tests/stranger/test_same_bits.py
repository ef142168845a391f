"""The same commit gives the same bits on other threads, kernels and paths."""

from pathlib import Path

import pytest

from tests.conftest import execute
from tests.stranger.home import MACHINES, clone

pytestmark = pytest.mark.slow


def test_the_same_commit_gives_the_same_bits_on_other_threads_kernels_and_paths(
    tmp_path: Path,
) -> None:
    folder = clone(tmp_path / "elsewhere")

    done = execute(folder, "mlops", "run", "--force", **MACHINES["the other"])

    assert done.returncode == 0, done.stdout + done.stderr
    assert execute(folder, "git", "status", "--porcelain").stdout == ""
