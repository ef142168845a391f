"""The command line: found from anywhere in the repository, honest about how it ended."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from typer.core import TyperGroup as Group
from typer.main import get_command
from typer.testing import CliRunner, Result

from mlops.cli import app
from mlops.judge import verdict
from mlops.stages import journal
from tests.conftest import Run

COMMANDS = cast(Group, get_command(app))


def test_help_lists_every_command_and_the_exit_codes(run: Run) -> None:
    shown = run("mlops", "--help", COLUMNS="120").stdout

    for command in COMMANDS.commands:
        assert f"│ {command} " in shown
    assert "130 interrupted" in shown


def test_it_works_from_a_folder_inside(
    finished: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(finished / "src" / "problem")

    shown = run("mlops", "show", PYTHONPATH=str(finished / "src"))

    assert shown.returncode == 0
    assert "roc_auc" in shown.stdout


def every_command(group: Group = COMMANDS, above: tuple[str, ...] = ()) -> Iterator[list[str]]:
    """As typed, with something for each argument that has to be there."""
    for name, command in group.commands.items():
        if isinstance(command, Group):
            if command.invoke_without_command:
                yield [*above, name]
            yield from every_command(command, (*above, name))
            continue
        words = [*above, name]
        for needed in (of for of in command.params if of.required):
            by_name = [needed.opts[0]] if needed.param_type_name == "option" else []
            words += [*by_name, "x.csv"]
        yield words


@pytest.mark.parametrize("words", list(every_command()), ids=" ".join)
def test_outside_a_repository_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)

    shown = CliRunner().invoke(app, words)

    assert shown.exit_code == 5, shown.output
    assert shown.stderr.startswith(f"error: no dvc.yaml in {tmp_path} or above it; change into ")
    assert "Traceback" not in shown.stderr
    assert not list(tmp_path.iterdir())


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


def here(*arguments: str) -> Result:
    """`mlops …` in this process."""
    return CliRunner().invoke(app, list(arguments))


@pytest.mark.usefixtures("finished")
def test_pr_leaves_the_verdict_the_comment_the_summary_and_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))

    done = here("pr")

    assert done.exit_code == 0, done.output
    left = sorted(path.name for path in verdict.FOLDER.iterdir())
    assert left == ["report.html", "report.md", "summary.md", "verdict.json"]
    assert "Accepted" in (tmp_path / "summary.md").read_text()
    assert here("report").stdout == (verdict.FOLDER / "report.md").read_text()

    first = verdict.latest()
    journal.PATH.write_text("judging again clears no journal, since it runs nothing")
    assert here("judge").exit_code == 0
    assert [(g.name, g.outcome) for g in verdict.latest().gates] == [
        (g.name, g.outcome) for g in first.gates
    ]
    assert journal.PATH.read_text().startswith("judging again")


def test_a_refused_pull_request_ends_with_its_gate_and_the_code_of_a_refusal(
    finished: Path,
) -> None:
    gates = finished / "src/mlops/judge/gates/__init__.py"
    gates.write_text("GATES = {}\n")

    done = here("judge")

    assert done.exit_code == 8
    assert "error: refused by protected: this pull request changes how" in done.stderr
    assert "→ a maintainer other than the author" in done.stdout.replace("\n", " ")


@pytest.mark.usefixtures("finished")
def test_what_a_maintainer_accepts_is_said_in_the_terminal(tmp_path: Path) -> None:
    Path("Makefile").write_text("run:\n")
    accepted = [{"label": "gates-approved", "by": "lead", "reason": "one target is enough"}]
    (tmp_path / "overrides.json").write_text(json.dumps(accepted))

    done = here("judge", "--overrides", str(tmp_path / "overrides.json"))

    assert done.exit_code == 0
    assert "accepted by lead" in done.stdout


@pytest.mark.usefixtures("repository")
def test_a_report_before_any_verdict_says_what_to_run() -> None:
    shown = here("report")

    assert shown.exit_code == 5
    assert "run `make pr` first" in shown.stderr


@pytest.mark.usefixtures("repository")
def test_an_unknown_base_says_how_to_bring_it() -> None:
    shown = here("pr", "--base", "origin/develop")

    assert shown.exit_code == 5
    assert "git fetch origin" in shown.stderr


@pytest.mark.usefixtures("repository")
def test_the_schema_is_printed_as_json() -> None:
    assert json.loads(here("judge", "--schema").stdout) == verdict.schema()


def test_adopt_takes_a_folder_of_results(finished: Path, tmp_path: Path) -> None:
    results = tmp_path / "results"
    results.mkdir()
    shutil.copy(finished / "dvc.lock", results)
    (finished / "dvc.lock").write_text("stale\n")

    assert here("adopt", str(results)).exit_code == 0
    assert (finished / "dvc.lock").read_text() == (results / "dvc.lock").read_text()


@pytest.mark.usefixtures("repository")
def test_adopt_of_what_is_no_run_says_so() -> None:
    refused = here("adopt", "elsewhere")

    assert refused.exit_code == 3
    assert "elsewhere has no dvc.lock" in refused.stderr


@pytest.mark.usefixtures("repository")
@pytest.mark.parametrize("run", ["77", "https://github.com/o/r/actions/runs/77/job/5"])
def test_adopt_downloads_the_results_of_a_workflow_run(
    run: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The download itself is tested beside its module."""

    def download(name: str, run_id: int, into: Path) -> None:
        into.mkdir(parents=True)
        (into / "dvc.lock").write_text(f"{name} {run_id}\n")

    monkeypatch.setattr("mlops.github.artifact.download", download)

    assert here("adopt", run).exit_code == 0
    assert Path("dvc.lock").read_text() == "run 77\n"


@pytest.mark.usefixtures("repository")
@pytest.mark.parametrize(
    ("command", "function"),
    [
        (["comment"], "mlops.github.comment.main"),
        (["count"], "mlops.github.count.main"),
        (["overrides", "-o", "o.json"], "mlops.github.labels.main"),
    ],
)
def test_commands_of_the_workflows_do_what_they_are_named_after(
    command: list[str], function: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    monkeypatch.setattr(function, lambda *arguments: asked.append(arguments))

    assert here(*command).exit_code == 0
    assert len(asked) == 1
