"""The whole pipeline on the sample, as `make run` runs it."""

import json
import platform
import re
from pathlib import Path

import pytest

from mlops import pipeline
from tests.conftest import Run


@pytest.mark.usefixtures("finished")
def test_a_second_run_runs_no_stage_and_leaves_the_tree_clean(run: Run) -> None:
    again = run("mlops", "run")

    assert again.returncode == 0
    assert "Running stage" not in again.stdout
    assert run("git", "status", "--porcelain").stdout == ""


def test_the_result_is_shown_with_interval_baselines_and_floor(finished: Path, run: Run) -> None:
    shown = run("mlops", "show", COLUMNS="120").stdout

    test = json.loads((finished / "metrics/test.json").read_text())
    linear = json.loads((finished / "metrics/baselines.json").read_text())["linear"]
    row = next(line for line in shown.splitlines() if "roc_auc" in line)
    assert f"{test['roc_auc']:.4f}" in row
    assert f"{test['interval']['roc_auc']['low']:.4f}" in row
    assert f"{linear['roc_auc']:.4f}" in row
    assert "0.66" in row


def test_a_page_reruns_nothing_and_a_model_parameter_reruns_train_and_later(
    finished: Path, run: Run
) -> None:
    page, knobs = finished / "docs/data.md", finished / "params.yaml"
    page.write_text(page.read_text() + "More.\n")
    assert "Running stage" not in run("mlops", "run").stdout

    knobs.write_text(knobs.read_text().replace("max_iter: 150", "max_iter: 9"))
    stages = re.findall(r"Running stage '(\w+)'", run("mlops", "run").stdout)

    assert stages == ["train", "evaluate", "export", "audit", "card"]


@pytest.mark.usefixtures("finished")
def test_elsewhere_it_says_that_only_six_decimals_agree(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CI", "true")
    pipeline.run([])
    assert "six decimals" not in capfd.readouterr().out

    monkeypatch.setattr(platform, "machine", lambda: "arm64")
    pipeline.run([])
    assert "Metrics agree with it to six decimals" in capfd.readouterr().out


def test_the_exit_code_is_that_of_the_stage_that_failed(finished: Path, run: Run) -> None:
    knobs = (finished / "params.yaml").read_text()
    (finished / "params.yaml").write_text(knobs.replace("max_iter: 150", "max_iter: many"))

    stopped = run("mlops", "run")

    assert stopped.returncode == 5
    assert "key model.gradient_boosting.max_iter: expected a valid integer" in stopped.stderr
