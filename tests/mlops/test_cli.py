"""The command line: found from anywhere in the repository, honest about how it ended."""

from pathlib import Path

import pytest

from tests.conftest import ROOT, Run


def test_help_lists_every_command_and_the_exit_codes(run: Run) -> None:
    shown = run("mlops", "--help", COLUMNS="120").stdout

    for command in ("data", "run", "show", "plots", "track"):
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
