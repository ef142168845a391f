"""Honest pull requests are accepted, whatever they touch."""

from pathlib import Path

import pytest

from mlops.judge.changes import stage_outputs
from tests.conftest import ROOT
from tests.planted.change import Change, data_through, edit, every, line_after, parameters
from tests.planted.conftest import commit, git, submit

pytestmark = pytest.mark.slow

TITLE = (ROOT / "README.md").read_text().partition("\n")[0]
README: Change = edit("README.md", (f"{TITLE}\n", f"{TITLE} of ours\n"))
COMPARISONS = {"same_rows", "champion", "slices"}


def outputs(folder: Path) -> dict[str, str]:
    """The hash of everything that the pipeline wrote."""
    return stage_outputs((folder / "dvc.lock").read_text(encoding="utf-8"))


def test_the_base_itself_is_accepted_and_there_is_nothing_to_compare_with(repository: Path) -> None:
    git(repository, "switch", "--quiet", "main")

    judged = submit(repository)

    assert judged.code == 0, judged.said
    assert judged.verdict.champion.origin == "none"
    assert judged.gates("not applicable") == COMPARISONS | {"protected"}
    assert judged.gates("pass") == {g.name for g in judged.verdict.gates} - judged.gates(
        "not applicable"
    )


def test_documentation_runs_no_stage(repository: Path) -> None:
    README(repository)
    commit(repository, "Our own title")

    judged = submit(repository)

    assert judged.code == 0, judged.said
    assert judged.stages("cached") == [stage.name for stage in judged.verdict.stages]
    assert "Running stage" not in judged.said
    assert judged.verdict.champion.obtained == "its predictions are in the DVC cache"
    assert judged.gate("reproducible").reason == "training and its result are as at the base"
    assert judged.gates("pass") == {gate.name for gate in judged.verdict.gates}


def test_a_refactoring_gives_the_same_bytes(repository: Path) -> None:
    before = outputs(repository)
    edit(
        "src/problem/features.py",
        ('    frame["date"] = _dates(flights)\n', '    late = ~(flights["arr_delay"] < LATE)\n'),
        (
            '    frame["late"] = (flights["arr_delay"] >= LATE).astype("int8")\n    return frame\n',
            '    return frame.assign(date=_dates(flights), late=late.astype("int8"))\n',
        ),
    )(repository)

    judged = submit(repository)

    assert judged.code == 0, judged.said
    assert {"features", "train"} <= set(judged.stages("ran"))
    assert outputs(repository) == before
    assert {metric.difference for metric in judged.verdict.metrics} == {0}


def test_a_better_model_is_accepted(repository: Path) -> None:
    parameters({"model.gradient_boosting.min_samples_leaf": 1000})(repository)

    judged = submit(repository)

    assert judged.code == 0, judged.said
    assert judged.gates("pass") == {gate.name for gate in judged.verdict.gates}
    assert judged.stages("cached") == ["validate", "features", "split"]
    assert judged.verdict.champion.obtained == "its predictions are in the DVC cache"
    compared = [metric.difference for metric in judged.verdict.metrics if metric.margin]
    assert all(difference is not None and difference > 0 for difference in compared)
    assert len(compared) == 4


NEW_INPUT = every(
    edit("src/problem/features.py", ('"year", "seats"]]', '"year", "seats", "engines"]]')),
    edit(
        "src/problem/schema.py",
        line_after(
            '        "seats": number(1, 900, missing=0.3, kind="float32"),',
            '        "engines": number(1, 8, missing=0.3, kind="float32"),',
        ),
    ),
)


def test_a_new_input_is_compared_by_the_predictions_of_the_champion(repository: Path) -> None:
    NEW_INPUT(repository)

    judged = submit(repository)

    assert judged.code == 0, judged.said
    assert judged.gates("pass") == {gate.name for gate in judged.verdict.gates}
    assert judged.verdict.champion.obtained == "its predictions are in the DVC cache"


def test_a_new_month_is_answered_by_the_champion_too_with_its_own_packages(
    repository: Path,
) -> None:
    data_through("2013-09")(repository)
    pins = repository / "requirements" / "run.txt"
    pins.write_text(f"# Pinned anew.\n{pins.read_text(encoding='utf-8')}", encoding="utf-8")

    judged = submit(repository)

    assert judged.code == 0, judged.said
    assert judged.gates("pass") == {gate.name for gate in judged.verdict.gates}
    assert judged.verdict.champion.obtained == (
        "its model came from the DVC cache, and answered on the new data"
    )
    assert len(list((repository / ".mlops").glob("environments/*/made"))) == 1
    holdout = judged.verdict.holdout
    assert holdout is not None
    assert (holdout.first, holdout.last, holdout.blocks) == ("2013-08-01", "2013-09-30", 61)
    assert holdout.excluded == 0
    periods = {change.name: (change.old, change.new) for change in judged.verdict.data.periods}
    longer = ("2013-01 to 2013-08, 8 in all", "2013-01 to 2013-09, 9 in all")
    assert periods == {"flights": longer, "weather": longer}
