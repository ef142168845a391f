"""The command line: found from anywhere in the repository, honest about how it ended."""

import json
import shutil
from pathlib import Path

import pytest

from mlops.judge import verdict
from tests.conftest import ROOT, Run


def test_help_lists_every_command_and_the_exit_codes(run: Run) -> None:
    shown = run("mlops", "--help", COLUMNS="120").stdout

    for command in ("data", "run", "show", "plots", "track", "pr", "judge", "report", "adopt"):
        assert f" {command} " in shown
    assert "130 interrupted" in shown


def test_it_works_from_a_folder_inside(
    finished: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(finished / "src" / "problem")

    shown = run("mlops", "show", PYTHONPATH=str(finished / "src"))

    assert shown.returncode == 0
    assert "roc_auc" in shown.stdout


def test_outside_a_repository_it_says_so(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    shown = run("mlops", "show", PYTHONPATH=str(ROOT / "src"))

    assert shown.returncode == 5
    assert shown.stderr.startswith("error: no dvc.yaml in ")
    assert "Traceback" not in shown.stderr


@pytest.mark.usefixtures("repository")
def test_show_before_the_first_run_says_what_to_run(run: Run) -> None:
    Path("metrics/test.json").unlink()

    shown = run("mlops", "show")

    assert shown.returncode == 3
    assert "run `make run` first" in shown.stderr


def test_an_unknown_option_is_wrong_usage(run: Run) -> None:
    assert run("mlops", "data", "--trough", "2013-09").returncode == 2


@pytest.mark.usefixtures("repository")
def test_data_says_where_it_came_from(run: Run) -> None:
    shown = run("mlops", "data")

    assert shown.returncode == 0
    assert "data/ is what data.dvc pins, through 2013-08 (in place)" in shown.stdout


@pytest.mark.usefixtures("finished")
def test_track_in_ci_without_a_server_has_nothing_to_log(run: Run) -> None:
    assert "nothing new to log" in run("mlops", "track").stdout


def test_plots_are_drawn_where_asked(finished: Path, run: Run) -> None:
    shown = run("mlops", "plots", "--output", "pictures")

    assert shown.returncode == 0
    assert sorted(p.name for p in (finished / "pictures").iterdir()) == [
        "calibration.png",
        "confusion.png",
        "importance.png",
        "precision_recall.png",
        "roc.png",
    ]


@pytest.mark.usefixtures("finished")
def test_pr_leaves_the_verdict_the_comment_the_summary_and_the_page(run: Run) -> None:
    summary = Path("step-summary.md").absolute()

    done = run("mlops", "pr", GITHUB_STEP_SUMMARY=str(summary))

    assert done.returncode == 0, done.stdout + done.stderr
    left = sorted(path.name for path in verdict.FOLDER.iterdir())
    assert left == ["report.html", "report.md", "summary.md", "verdict.json"]
    assert "Accepted" in summary.read_text()

    shown = run("mlops", "report")
    assert shown.stdout == (verdict.FOLDER / "report.md").read_text()

    _judging_again_runs_no_stage_and_says_the_same(run)


def _judging_again_runs_no_stage_and_says_the_same(run: Run) -> None:
    first = verdict.latest()

    again = run("mlops", "judge")

    assert again.returncode == 0
    assert "Stage" not in again.stdout
    assert [(g.name, g.outcome) for g in verdict.latest().gates] == [
        (g.name, g.outcome) for g in first.gates
    ]


@pytest.mark.usefixtures("repository")
def test_a_report_before_any_verdict_says_what_to_run(run: Run) -> None:
    shown = run("mlops", "report")

    assert shown.returncode == 5
    assert "run `make pr` first" in shown.stderr


@pytest.mark.usefixtures("repository")
def test_an_unknown_base_says_how_to_bring_it(run: Run) -> None:
    shown = run("mlops", "pr", "--base", "origin/develop")

    assert shown.returncode == 5
    assert "git fetch origin" in shown.stderr


def test_the_schema_is_printed_as_json(run: Run) -> None:
    printed = run("mlops", "judge", "--schema").stdout

    assert json.loads(printed) == verdict.schema()


def test_adopt_takes_a_folder_of_results(finished: Path, run: Run, tmp_path: Path) -> None:
    results = tmp_path / "results"
    results.mkdir()
    shutil.copy(finished / "dvc.lock", results)
    (finished / "dvc.lock").write_text("stale\n")

    taken = run("mlops", "adopt", str(results))

    assert taken.returncode == 0
    assert taken.stdout.splitlines()[0] == "dvc.lock"
    assert (finished / "dvc.lock").read_text() == (results / "dvc.lock").read_text()


def test_adopt_of_what_is_no_run_says_so(finished: Path, run: Run) -> None:
    refused = run("mlops", "adopt", "elsewhere")

    assert refused.returncode == 3
    assert "elsewhere has no dvc.lock" in refused.stderr
