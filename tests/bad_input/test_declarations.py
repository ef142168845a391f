"""params.yaml and src/problem/ that declare what does not exist: told before a file is written."""

from pathlib import Path

import pytest

from problem import slices
from tests.bad_input.conftest import Stage, changed, snapshot
from tests.conftest import Run


def edit(file: str, before: str, after: str) -> int:
    """Replace text in a file; returns the number of its line."""
    text = Path(file).read_text()
    assert before in text
    Path(file).write_text(text.replace(before, after, 1))
    return text[: text.index(before)].count("\n") + 1


@pytest.mark.parametrize("name", ["validate", "split", "train", "evaluate", "audit", "card"])
def test_a_mistyped_key_stops_every_stage_that_reads_params(
    finished: Path, stage: Stage, name: str
) -> None:
    line = edit("params.yaml", "test_months", "test_month")
    before = snapshot(finished)

    said = stage(name).refused(5)

    assert said.startswith(f"error: params.yaml, line {line}, key split.test_month: unknown key.")
    assert "Did you mean 'test_months'?" in said
    assert changed(before, snapshot(finished)) == set()


@pytest.mark.usefixtures("in_actions")
@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("  test_share:", "  colour: red\n  test_share:", "split.colour: unknown key. Known here:"),
        ("threshold: 0.3", "threshold: 3", "evaluate.threshold: expected less than 1, found 3"),
        ("resamples: 2000", "resamples: many", "evaluate.resamples: expected a valid integer"),
        ("learning_rate:", "learning_rat:", "Did you mean 'learning_rate'?"),
        (
            "estimator: gradient_boosting",
            "estimator: gradient_bosting",
            "key model.estimator: unknown estimator 'gradient_bosting'; src/problem/model.py has ",
        ),
    ],
)
def test_params_that_do_not_fit_stop_the_training_before_it_begins(
    finished: Path, stage: Stage, before: str, after: str, expected: str
) -> None:
    line = edit("params.yaml", before, after)
    files = snapshot(finished)

    ended = stage("train")

    said = ended.refused(5)
    assert said.startswith(f"error: params.yaml, line {line}, key ")
    assert expected in said
    assert ended.out.startswith(f"::error file=params.yaml,line={line}::")
    assert "fitting" not in ended.out
    assert changed(files, snapshot(finished)) == set()


@pytest.mark.usefixtures("finished")
def test_an_unknown_key_stops_the_whole_run_with_code_5(run: Run) -> None:
    edit("params.yaml", "seed:", "sede:")

    stopped = run("mlops", "run")

    assert stopped.returncode == 5
    assert stopped.stderr.startswith("error: params.yaml, line 3, key sede: unknown key.")
    assert "Traceback" not in stopped.stderr
    assert "Running stage" not in stopped.stdout
    assert run("git", "status", "--porcelain").stdout == " M params.yaml\n"


def test_a_slice_of_a_column_that_is_not_there_is_told_and_no_metric_is_written(
    finished: Path, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slices, "slices", lambda frame: frame[["carrier", "colour"]])
    before = snapshot(finished)

    said = stage("evaluate").refused(5)

    assert said.startswith("error: src/problem/slices.py: slices() asks for the column ")
    assert "colour" in said
    assert "which the feature table lacks; it has " in said
    assert changed(before, snapshot(finished)) == set()


def test_a_slice_that_is_declared_and_not_made_is_told(
    finished: Path, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slices, "SLICES", ("carrier", "season"))
    before = snapshot(finished)

    said = stage("evaluate").refused(5)

    assert "src/problem/slices.py: SLICES declares 'season', but slices() returns carrier," in said
    assert changed(before, snapshot(finished)) == set()
