"""A small run of the benchmark of batch scoring, so that it cannot rot."""

import json
import os
import sys
from pathlib import Path

import pytest

from tests.conftest import execute


@pytest.mark.slow
def test_batch_scoring_writes_what_the_bare_loop_writes(tmp_path: Path, ran: Path) -> None:
    found = tmp_path / "batch.json"
    path = os.pathsep.join([str(ran / "src"), str(ran / "benchmarks")])

    done = execute(ran, sys.executable, "-m", "batch.bench", "--quick", str(found), PYTHONPATH=path)

    assert done.returncode in (0, 1), done.stdout + done.stderr  # 1: a busy machine misses a rate
    result = json.loads(found.read_text(encoding="utf-8"))
    assert set(result["rates"]) == {".csv", ".parquet"}
    small, large = (size["peak_mb"] for size in result["memory"].values())
    assert large <= 1.25 * small
