"""Two months of real flights, every tenth of them, replayed by the command."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import joblib
import jsonschema
import pandas as pd
import pytest
from sklearn.metrics import brier_score_loss, roc_auc_score

from mlops.backtest import result as results
from mlops.backtest.result import Result
from mlops.backtest.scratch import FOLDER
from mlops.contract import Schemas, load
from tests.conftest import THINNING, commit, execute, once
from tests.planted.change import edit

pytestmark = pytest.mark.slow

MONTHS = ["2013-04", "2013-05"]
BEGIN = "2013-03"


@pytest.fixture(scope="session")
def replayed(tmp_path_factory: pytest.TempPathFactory, pristine: Path) -> Path:
    """The sample repository after the command; read only."""

    def make(folder: Path) -> None:
        shutil.copytree(pristine, folder, dirs_exist_ok=True)
        thin = f'rows[period][:: {THINNING} if table == "flights" else 1])'
        edit("src/problem/source.py", ("rows[period])", thin))(folder)
        commit(folder)
        done = execute(folder, "mlops", "backtest", "--through", MONTHS[-1])
        (folder / "said").write_text(done.stdout + done.stderr)
        assert done.returncode == 0, done.stdout + done.stderr

    return once(tmp_path_factory, "replayed", make)


@pytest.fixture
def found(replayed: Path, monkeypatch: pytest.MonkeyPatch) -> Result:
    """Its result; the current directory is where it was asked for."""
    monkeypatch.chdir(replayed)
    return results.read()


def git(*arguments: str) -> str:
    """What git says in the scratch repository."""
    asked = ["git", *arguments]
    folder = FOLDER / "repository"
    return subprocess.run(
        asked, cwd=folder, capture_output=True, text=True, check=True
    ).stdout.strip()


def flights(month: str) -> pd.DataFrame:
    """The month's rows, from the feature table that the last retraining has left."""
    rows = pd.read_parquet(FOLDER / "repository/artifacts/features.parquet")
    return rows[rows["date"].str.startswith(month)]


def model_of(revision: str) -> Any:
    """The model that the dvc.lock of a commit names, from the cache."""
    lock = git("show", f"{revision}:dvc.lock")
    entry = lock[lock.index("- path: artifacts/model.joblib") :]
    md5 = entry[entry.index("md5: ") + 5 :].splitlines()[0]
    return joblib.load(FOLDER / "repository/.dvc/cache/files/md5" / md5[:2] / md5[2:])


def test_the_result_is_what_its_schema_says(found: Result) -> None:
    content = json.loads((results.FOLDER / "backtest.json").read_text())

    jsonschema.validate(content, results.schema())
    assert [period.name for period in found.periods] == MONTHS
    assert (found.begin, found.first_estimator) == (BEGIN, "logistic_regression")
    assert found.estimator == "gradient_boosting"
    assert (found.periods[0].first, found.periods[0].last) == ("2013-04-01", "2013-04-30")


def test_the_first_model_alone_is_never_retrained(found: Result) -> None:
    """Its scores, from the model in git's history and scikit-learn."""
    first = git("log", "--format=%H", "--grep", "^The first model", "origin/main")
    model, inputs = model_of(first), list(load(Schemas).FEATURES.columns)

    for period in found.periods:
        rows = flights(period.name)
        p = model.predict_proba(rows[inputs])[:, 1]
        assert period.rows == len(rows)
        assert period.scores["never"]["roc_auc"] == pytest.approx(
            roc_auc_score(rows["late"], p), abs=2e-6
        )
        assert period.scores["never"]["brier"] == pytest.approx(
            brier_score_loss(rows["late"], p), abs=2e-6
        )


def test_what_the_gates_promoted_does_as_the_monitor_measured(found: Result) -> None:
    """Of the last period the monitor, which asks the champion's own pipeline, says the same."""
    look = json.loads((FOLDER / "monitor/reports/monitor/monitor.json").read_text())
    measured = {metric["name"]: metric["value"] for metric in look["performance"]["metrics"]}
    last = found.periods[-1]

    accepted = found.periods[0].judgement.decision == "accepted"
    assert (last.serving == found.periods[0].judgement.promoted) == accepted
    if accepted:  # else the batch holds the refused month, too
        assert measured["roc_auc"] == pytest.approx(last.scores["gated"]["roc_auc"], abs=2e-6)
        assert measured["brier"] == pytest.approx(last.scores["gated"]["brier"], abs=2e-6)
    assert last.look.outcome == look["outcome"]


def test_promotions_are_tags_and_refusals_are_not(found: Result) -> None:
    promoted = [p.judgement.promoted for p in found.periods if p.judgement.promoted]
    first = [found.first_model.promoted] if found.first_model.promoted else []

    versions = git("tag", "--list", "late-arrival@*", "--sort=creatordate").splitlines()
    assert versions == [f"late-arrival@v{version}" for version in [*first, *promoted]]
    for version, period in zip(
        promoted, (p for p in found.periods if p.judgement.promoted), strict=True
    ):
        assert f"through: '{period.name}'" in git("show", f"late-arrival@v{version}:data.dvc")
    for period in found.periods:
        assert (period.judgement.decision == "accepted") == bool(period.judgement.promoted)
        assert bool(period.judgement.blocking) == (period.judgement.decision != "accepted")


def test_time_goes_on_as_the_months_do(found: Result) -> None:
    times = git("log", "--format=%cI", "--reverse", "--first-parent", "origin/main").splitlines()
    assert times[-1] >= "2013-04-01"
    looked = [
        json.loads(line)["at"] for line in git("show", "origin/history:looks.jsonl").split("\n")
    ]
    assert [at[:7] for at in looked] == ["2013-05", "2013-06"]
    judged = [json.loads(line) for line in git("show", "origin/history:pulls.jsonl").split("\n")]
    assert [one["decision"] for one in judged] == [p.judgement.decision for p in found.periods]
    assert [one["pull"] for one in judged] == [1, 2]


def test_nothing_of_it_is_left_in_the_repository_itself(found: Result, replayed: Path) -> None:
    status = subprocess.run(
        ["git", "status", "--porcelain"], capture_output=True, text=True, check=True
    ).stdout
    assert status.split() in ([], ["??", "said"])
    assert not subprocess.run(["git", "tag"], capture_output=True, check=True).stdout
    said = (replayed / "said").read_text()
    assert "replaying 2 periods, 2013-04 to 2013-05" in said
    assert "about" in said
    assert "min left" in said


def test_the_dashboard_shows_the_replay(found: Result) -> None:
    here = FOLDER / "repository"
    done = execute(
        here.resolve(), "mlops", "dashboard", OMP_NUM_THREADS=os.environ["OMP_NUM_THREADS"]
    )

    assert done.returncode == 0, done.stdout + done.stderr
    page = (here / "reports/dashboard/index.html").read_text()
    for period in found.periods:
        if period.judgement.promoted:
            assert period.judgement.promoted in page
