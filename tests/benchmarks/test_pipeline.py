"""The bare script that the pipeline is measured against does the same work, written anew."""

import json
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, Run


@pytest.mark.slow
def test_the_bare_script_reaches_the_scores_of_the_pipeline(
    ran: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ran)

    done = run(sys.executable, str(ROOT / "benchmarks/pipeline/bare.py"), "0")

    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    written = json.loads(Path("metrics/baselines.json").read_text("utf-8"))
    written["model"] = json.loads(Path("metrics/test.json").read_text("utf-8"))
    for model in ("model", "linear", "dummy"):
        scores = {name: written[model][name] for name in found[model]}
        assert found[model] == pytest.approx(scores, abs=2e-5), model
