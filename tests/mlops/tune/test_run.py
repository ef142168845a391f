"""A whole search on the diabetes patients, beside scikit-learn and a grid."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge
from sklearn.model_selection import KFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from typer.testing import CliRunner

from mlops.cli import app
from mlops.errors import DataError, DeclarationError
from mlops.tune import result, run
from mlops.tune.decide import ranked
from mlops.tune.result import Search, Tuned
from mlops.tune.run import Options

RIDGE = Options(trials=16, estimator="ridge")


@pytest.fixture(autouse=True)
def _forgetful_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.fsync", lambda _: None)


def rows() -> pd.DataFrame:
    return pd.read_parquet("artifacts/train.parquet")


def by_scikit_learn(alpha: float) -> Any:
    """Every patient is a block of its own, so that folds of blocks are folds of patients."""
    table = rows().sort_values("patient")
    X, y = table.drop(columns=["patient", "progression"]), table["progression"]
    model = make_pipeline(StandardScaler(), Ridge(alpha=alpha))
    return cross_val_score(model, X, y, cv=KFold(5, shuffle=True, random_state=2004), scoring="r2")


def start_far_off(folder: Path) -> str:
    """The text of params.yaml with an alpha that is much too large."""
    path = folder / "params.yaml"
    path.write_text(path.read_text().replace("alpha: 10.0 #", "alpha: 900.0 #"))
    return path.read_text()


def test_the_scores_are_those_of_scikit_learn_and_the_best_is_that_of_a_grid(
    diabetes: Path,
) -> None:
    assert not Path("artifacts/test.parquet").exists()  # nothing of the held-out rows is needed
    start_far_off(diabetes)
    search = run.of_rows(rows(), RIDGE)

    for trial in search.trials:
        if trial.state == "complete":
            expected = by_scikit_learn(float(str(trial.settings["alpha"])))
            assert trial.scores == pytest.approx(expected, abs=2e-5)
    best = max(by_scikit_learn(alpha).mean() for alpha in np.logspace(-3, 3, 13))
    assert ranked(search)[0].value == pytest.approx(best, abs=5e-3)
    assert search.trials[0].settings == {"alpha": 900.0}
    assert search.trials[0].value < best - 0.05


def test_a_winner_is_written_with_its_record(
    diabetes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = start_far_off(diabetes)
    search = run.of_rows(rows(), RIDGE)

    run.finish(search, dry_run=True)
    assert (diabetes / "params.yaml").read_text() == bad
    assert not (diabetes / "reports").exists()
    tuned = run.finish(search)

    assert tuned.better
    now = (diabetes / "params.yaml").read_text()
    assert now == bad.replace("alpha: 900.0 #", f"alpha: {tuned.best['alpha']} #")
    assert result.read(Path("reports/tuning.json"), Tuned) == tuned
    page = (diabetes / "reports/tuning.md").read_text()
    assert f"| {tuned.best['alpha']:g} |" in page
    assert "The best takes over, better beyond noise" in page
    assert "xychart-beta" in page
    assert "params.yaml has the winner" in capsys.readouterr().out


def test_the_present_values_stay_unless_something_is_better(diabetes: Path) -> None:
    before = (diabetes / "params.yaml").read_text()
    tuned = run.finish(run.of_rows(rows(), Options(trials=2, estimator="ridge")))

    assert not tuned.better
    assert (diabetes / "params.yaml").read_text() == before
    assert "The present values stay" in (diabetes / "reports/tuning.md").read_text()


def test_other_data_other_code_and_another_space_begin_another_study(diabetes: Path) -> None:
    options = Options(trials=2, estimator="ridge", folds=2)
    first = run.of_rows(rows(), options)
    keys = [first.study]
    edits = {
        "src/problem/model.py": ("Scaled", "scaled"),
        "params.yaml": ("seed: 2004", "seed: 2005"),
    }
    assert run.of_rows(rows(), options) == first
    for name, (before, after) in edits.items():
        path = diabetes / name
        path.write_text(path.read_text().replace(before, after) + "\n# a word\n")
        keys.append(run.of_rows(rows(), options).study)
    rows().iloc[1:].to_parquet("artifacts/train.parquet", index=False)
    keys.append(run.of_rows(rows(), options).study)

    assert len(set(keys)) == 4


@pytest.mark.usefixtures("diabetes")
def test_shares_divide_the_trials_among_them() -> None:
    sizes = [
        len(run.of_rows(rows(), Options(7, None, "ridge", 2, share, 3)).trials)
        for share in (1, 2, 3)
    ]

    assert sizes == [3, 2, 2]


def test_a_problem_without_a_space_is_told(diabetes: Path) -> None:
    (diabetes / "src/problem/tuning.py").unlink()

    with pytest.raises(DeclarationError, match=r"^src/problem/tuning.py is missing\. docs/your-pr"):
        run.of_rows(rows(), RIDGE)


@pytest.mark.usefixtures("diabetes")
def test_an_estimator_that_is_not_there_is_told() -> None:
    with pytest.raises(DeclarationError, match="unknown estimator 'forest'"):
        run.of_rows(rows(), Options(estimator="forest"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"study": "short"}, r"study: String should match"),
        ({"more": 1}, r"more: Extra inputs are not permitted"),
        ({"present": {"<b>": 1}}, r"present.<b>.*: String should match"),
        ({"trials": [{"share": 1}]}, r"trials.0.number: Field required"),
    ],
)
def test_what_is_no_search_is_refused(diabetes: Path, change: dict[str, Any], said: str) -> None:
    search = run.of_rows(rows(), Options(2, None, "ridge", 2))
    Path("share.json").write_text(json.dumps(search.model_dump(mode="json") | change))

    with pytest.raises(DataError, match=said):
        result.read(Path("share.json"), Search)


@pytest.mark.parametrize("share", ["3/2", "0/2", "half", "1/"])
def test_a_share_that_is_none_is_wrong_usage(share: str) -> None:
    asked = CliRunner().invoke(app, ["tune", "--share", share])

    assert asked.exit_code == 2
    assert f"expected I/N with I up to N, found {share}" in asked.output


def test_the_command_searches_the_training_rows_and_leaves_a_share(
    diabetes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reproduced: list[list[str]] = []
    monkeypatch.setattr("mlops.pipeline.reproduce", reproduced.append)
    (diabetes / "dvc.yaml").touch()

    command = ["tune", "--share", "1/2", "--trials", "5", "--folds", "2", "--estimator", "ridge"]
    asked = CliRunner().invoke(app, [*command, "-o", "mine.json"])

    assert asked.exit_code == 0, asked.output
    assert reproduced == [["split"]]
    assert len(result.read(diabetes / "mine.json", Search).trials) == 3
    assert "for `mlops tune merge`" in asked.output
