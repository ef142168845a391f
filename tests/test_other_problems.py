"""The promise to who copies this: replace src/problem/, params.yaml and data.dvc, and nothing else.

tests/problems/ holds a multi-class problem and a regression on other data; each passes the flow.
"""

import json
import runpy
import shutil
import subprocess
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from sklearn import metrics as sk
from sklearn.datasets import load_diabetes, load_wine
from sklearn.linear_model import Lasso, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

from mlops.evaluation.metrics import Truth, scores
from mlops.report.figures import draw
from tests.conftest import ROOT, commit, copy_of_the_repository, execute
from tests.test_documentation import script

Bring = Callable[[Path, Path], subprocess.CompletedProcess[str]]
"""Put a problem into a folder and run it; the second one is the sample repository after a run."""

CHANGED_BY_HAND = ("src/problem/", "params.yaml", "data.dvc")
WRITTEN_BY_A_RUN = ("dvc.lock", "metrics/", "reports/")


@dataclass(frozen=True)
class Other:
    """A problem of tests/problems/, and how scikit-learn alone would go about it."""

    key: str
    target: str
    X: pd.DataFrame
    y: NDArray[Any]
    estimator: Any
    plots: set[str]

    def metrics(self, y: Any, p: Any) -> dict[str, float]:
        if p.shape[1] == 1:
            return {
                "r2": sk.r2_score(y, p[:, 0]),
                "rmse": sk.root_mean_squared_error(y, p[:, 0]),
                "mae": sk.mean_absolute_error(y, p[:, 0]),
            }
        called = np.unique(self.y)[p.argmax(axis=1)]
        return {
            "roc_auc": sk.roc_auc_score(y, p, multi_class="ovr", average="macro"),
            "log_loss": sk.log_loss(y, p),
            "accuracy": sk.accuracy_score(y, called),
            "f1": sk.f1_score(y, called, average="macro"),
        }


def wine() -> Other:
    data = load_wine(as_frame=True)
    return Other(
        key="wine",
        target="cultivar",
        X=data.data,
        y=data.target_names[data.target],
        estimator=make_pipeline(StandardScaler(), LogisticRegression(tol=1e-8, max_iter=1000)),
        plots={"calibration", "confusion", "importance", "roc"},
    )


def diabetes() -> Other:
    data = load_diabetes(as_frame=True, scaled=False)
    return Other(
        key="patient",
        target="progression",
        X=data.data,
        y=data.target.to_numpy(),
        estimator=make_pipeline(
            StandardScaler(), PolynomialFeatures(2, include_bias=False), Lasso(alpha=3.0)
        ),
        plots={"calibration", "importance", "residuals"},
    )


def git(folder: Path, *arguments: str) -> str:
    return execute(folder, "git", *arguments).stdout


def wine_by_hand(folder: Path, _: Path) -> subprocess.CompletedProcess[str]:
    """Wine in a copy in which nothing was run before."""
    copy_of_the_repository(folder)
    commit(folder)
    shutil.rmtree(folder / "src/problem")
    (folder / "data.dvc").unlink()
    cache = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "tests/problems/wine", folder / "src/problem", ignore=cache)
    (folder / "src/problem/params.yaml").replace(folder / "params.yaml")
    raw = folder / "data/raw"
    raw.mkdir(parents=True)
    runpy.run_path(str(folder / "src/problem/source.py"))["materialise"](raw, "")
    added = execute(folder, "dvc", "add", "-q", "data")
    assert added.returncode == 0, added.stderr
    return execute(folder, "mlops", "run")


def diabetes_by_the_page(folder: Path, ran: Path) -> subprocess.CompletedProcess[str]:
    """Diabetes by the commands of docs/your-problem.md, where the example was run before."""
    shutil.copytree(ran, folder, dirs_exist_ok=True)
    (folder / ".venv").symlink_to(ROOT / ".venv")
    (folder / ".git/info/exclude").write_text(".venv\n")
    return execute(folder, "bash", "-euo", "pipefail", "-c", script(ROOT / "docs/your-problem.md"))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("other", "bring"),
    [(wine, wine_by_hand), (diabetes, diabetes_by_the_page)],
    ids=["wine", "diabetes"],
)
def test_another_problem_passes_the_whole_flow(
    other: Any, bring: Bring, tmp_path: Path, ran: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem: Other = other()
    monkeypatch.chdir(tmp_path)

    first = bring(tmp_path, ran)

    assert first.returncode == 0, first.stdout + first.stderr
    assert "Warning:" not in first.stderr
    touched = git(tmp_path, "status", "--porcelain", "--untracked-files=all").splitlines()
    assert all(line[3:].startswith(CHANGED_BY_HAND + WRITTEN_BY_A_RUN) for line in touched)
    assert {path.stem for path in (tmp_path / "reports/plots").iterdir()} == problem.plots

    _the_scores_are_those_of_scikit_learn(tmp_path, problem)
    _it_is_better_than_a_constant(tmp_path)
    assert all(e["holds"] for e in read(tmp_path, "behaviour").values())
    for name, card in (("card.md", "model_card.md"), ("data_card.md", "data_card.md")):
        words = (ROOT / "tests/problems" / other.__name__ / name).read_text().strip()
        assert words in (tmp_path / "reports" / card).read_text()
    _groups_are_held_side_by_side(tmp_path)

    commit(tmp_path)
    again = execute(tmp_path, "mlops", "run")
    assert again.returncode == 0
    assert "Running stage" not in again.stdout
    assert git(tmp_path, "status", "--porcelain") == ""
    _it_is_served_as_it_was_trained(tmp_path)
    _what_comes_later_is_monitored(tmp_path, problem)
    _its_pull_requests_are_judged(tmp_path)
    _there_are_metrics_and_plots_to_look_at(tmp_path, problem)


def read(folder: Path, name: str) -> Any:
    return json.loads((folder / f"metrics/{name}.json").read_text())


def _the_scores_are_those_of_scikit_learn(folder: Path, problem: Other) -> None:
    kept = pd.read_parquet(folder / "artifacts/predictions.parquet")
    place = kept[problem.key].str[-3:].astype(int).to_numpy() - 1
    columns = [c for c in kept if str(c).startswith("prediction")]
    assert (kept[problem.target].to_numpy() == problem.y[place]).all()

    predicted = kept[columns].to_numpy()
    for name, value in problem.metrics(problem.y[place], predicted).items():
        assert read(folder, "test")[name] == pytest.approx(value, abs=2e-6), name

    rest = np.setdiff1d(np.arange(len(problem.y)), place)
    assert 0.5 < len(rest) / len(problem.y) < 0.8
    model = problem.estimator.fit(problem.X.iloc[rest], problem.y[rest])
    answer = model.predict_proba if len(columns) > 1 else model.predict
    expected = answer(problem.X.iloc[place]).reshape(predicted.shape)
    np.testing.assert_allclose(predicted, expected, rtol=1e-4, atol=1e-5)


def _it_is_better_than_a_constant(folder: Path) -> None:
    test, dummy = read(folder, "test"), read(folder, "baselines")["dummy"]
    headline = next(iter(test))
    assert test["interval"][headline]["low"] > dummy[headline] + 0.2


def _groups_are_held_side_by_side(folder: Path) -> None:
    for found in read(folder, "fairness").values():
        assert len(found["groups"]) > 1
        for difference in found["differences"].values():
            assert difference["low"] <= difference["value"] <= difference["high"]
            assert {difference["largest"], difference["smallest"]} <= set(found["groups"])


def _there_are_metrics_and_plots_to_look_at(folder: Path, problem: Other) -> None:
    """dvc.yaml names the plots of every task; DVC draws those that are there."""
    metrics = execute(folder, "dvc", "metrics", "show", "--json")
    assert metrics.returncode == 0
    shown = json.loads(metrics.stdout)[""]["data"]["metrics/test.json"]["data"]
    assert shown == read(folder, "test")

    plots = execute(folder, "dvc", "plots", "show", "--json")
    assert plots.returncode == 0
    drawn = {name for name, plot in json.loads(plots.stdout)["data"].items() if plot}
    assert drawn == problem.plots - {"residuals"}

    pictures = draw(Path("png"))
    assert {path.stem for path in pictures} == problem.plots
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in pictures)


def _it_is_served_as_it_was_trained(folder: Path) -> None:
    parity = read(folder, "parity")
    assert parity["largest_difference"] <= 1e-5
    assert (parity["flipped"], parity["looked_up_otherwise"]) == (0, 0)
    replayed = execute(folder, "mlops", "replay", "--requests", "300")
    assert replayed.returncode == 0, replayed.stdout + replayed.stderr


def _what_comes_later_is_monitored(folder: Path, problem: Other) -> None:
    """More rows of the same kind are steady; with one input stuck at its greatest they are not."""
    known = pd.read_parquet(folder / "artifacts/features.parquet")
    later = known.sample(80, random_state=1).reset_index(drop=True)
    later[problem.key] = [f"later-{row:03d}" for row in range(len(later))]
    numbers = known.drop(columns=problem.target).select_dtypes("number")
    name = str(numbers.columns[-1])
    stuck = later.assign(**{name: numbers[name].max()})
    for rows, code, outcome in ((later, 0, "steady"), (stuck, 13, "alarm")):
        rows.to_parquet(folder / ".mlops/later.parquet")

        looked = execute(folder, "mlops", "monitor", ".mlops/later.parquet")

        assert looked.returncode == code, looked.stdout + looked.stderr
        found = json.loads((folder / "reports/monitor/monitor.json").read_text())
        assert found["outcome"] == outcome
        assert found["performance"]["metrics"]
        drifted = [column["name"] for column in found["drift"]["columns"] if column["drifted"]]
        assert drifted[:1] == ([name] if outcome == "alarm" else [])


def _its_pull_requests_are_judged(folder: Path) -> None:
    """First without a champion, then a page against the champion, with which it ties."""
    first = execute(folder, "mlops", "pr")
    assert first.returncode == 0, first.stdout + first.stderr
    assert "there is no champion to compare with" in first.stdout

    (folder / "docs/data.md").write_text("a page\n")
    page = execute(folder, "mlops", "pr")
    assert page.returncode == 0, page.stdout + page.stderr
    judged = json.loads((folder / "reports/pull_request/verdict.json").read_text())
    assert judged["champion"]["origin"] == "base"
    assert {gate["outcome"] for gate in judged["gates"]} <= {"pass", "not applicable"}
    assert all(metric["difference"] in (0, None) for metric in judged["metrics"])


def test_probabilities_of_single_precision_are_scored_without_a_warning() -> None:
    """As gradient boosting libraries give them: each row sums to 1 within 1e-7."""
    rng = np.random.default_rng(0)
    p = rng.dirichlet(np.ones(5), 400).astype(np.float32).astype(np.float64)
    y = rng.integers(5, size=400).astype(np.float64)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = scores("multiclass", Truth(y, 5, 0.5), p)["log_loss"]

    assert found == pytest.approx(-np.log(p[np.arange(400), y.astype(int)]).mean(), abs=1e-6)
