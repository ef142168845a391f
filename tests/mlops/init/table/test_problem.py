"""A problem of a table: files that work, gates that bite, names that cannot become code."""

import csv
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn import metrics as sk

from mlops.init.table import Problem, problem_from
from mlops.init.table.workbench import Bench, at_work
from mlops.params import Params, load
from mlops.training.split import held_out
from tests.conftest import ROOT

PENGUINS = ROOT / "src/mlops/init/tables/penguins.csv"
EXAMPLE = (ROOT / "params.yaml").read_text()
INJECTED = '"""); open("pwned", "w"); """{{ 7 * 7 }}'


@pytest.fixture(scope="module")
def penguins() -> Problem:
    return problem_from(PENGUINS, "sex", name="penguin-sex", example=EXAMPLE)


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Problem:
    """Semicolons, decimal commas, a leak, and a header and cells that would like to be code."""
    draw = random.Random(3)
    path = tmp_path_factory.mktemp("odd") / "odd.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(["Größe (m²)", INJECTED, "class", "afterwards", "total"])
        for _ in range(150):
            size, kind = draw.gauss(50, 20), draw.choice([INJECTED, "O'Brien", "日本", ""])
            total = size + 30 * (kind == "日本") + draw.gauss(0, 10)
            cells = (size, total * 2, total)
            size_, afterwards, total_ = (f"{cell:.2f}".replace(".", ",") for cell in cells)
            writer.writerow([size_, kind, draw.choice([1, 2]), afterwards, total_])
    return problem_from(path, "total", name="odd", example=EXAMPLE)


def knobs(problem: Problem, folder: Path) -> Params:
    (folder / "params.yaml").write_bytes(problem.files["params.yaml"])
    return load(folder / "params.yaml")


def test_every_file_that_a_problem_consists_of_is_there(penguins: Problem) -> None:
    problem = {"__init__", "source", "schema", "features", "model", "tuning", "slices", "behaviour"}

    assert {f"src/problem/{name}.py" for name in problem} <= set(penguins.files)
    assert penguins.files["src/problem/table.csv"] == PENGUINS.read_bytes()
    for card, heading in (("card", "## Known limits"), ("data_card", "## Personal data")):
        assert heading in penguins.files[f"src/problem/{card}.md"].decode()
    assert "tests/problem/test_features.py" in penguins.files


def test_what_was_inferred_is_told(penguins: Problem) -> None:
    assert (penguins.task, penguins.key, penguins.block) == ("binary", "row", "row")
    assert set(penguins.inputs) == {
        *("bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g", "year"),
        *("species", "island"),
    }
    assert "rows left out: 11 of 344, which have no sex" in penguins.found


def test_the_knobs_are_the_repositorys_with_other_values(penguins: Problem, tmp_path: Path) -> None:
    found = knobs(penguins, tmp_path)

    assert found.serving.name == "penguin-sex"
    assert found.split.rule == "random"
    assert found.replay == load(ROOT / "params.yaml").replay
    comments = [line.partition(" # ")[2] for line in EXAMPLE.splitlines()]
    kept = penguins.files["params.yaml"].decode()
    assert sum(comment in kept for comment in comments) > 0.9 * len(comments)


def held_out_scores(bench: Bench, found: Params, learn: Callable[[Any], Any]) -> dict[str, float]:
    """scikit-learn's metrics on held-out rows of a model fitted on what `learn` makes of labels."""
    features, frame = bench.features, bench.frame
    test = held_out(frame[features.BLOCK], found.split)
    build = bench.model.ESTIMATORS[found.model.estimator]
    model: Any = build(found.seed, **found.model.settings(found.model.estimator))
    labels = learn(frame.loc[~test, features.TARGET].to_numpy())
    p = model.fit(frame.loc[~test, bench.inputs], labels).predict_proba(
        frame.loc[test, bench.inputs]
    )[:, 1]
    y = frame.loc[test, features.TARGET]
    scores = {"roc_auc": sk.roc_auc_score, "brier": sk.brier_score_loss, "log_loss": sk.log_loss}
    return {name: float(score(y, p)) for name, score in scores.items()}


def test_the_first_model_reaches_the_floors_and_none_of_shuffled_labels_does(
    penguins: Problem, tmp_path: Path
) -> None:
    found, bench = knobs(penguins, tmp_path), at_work("penguins", penguins.files)
    floors = found.gates.floors

    def reaches_all(scores: dict[str, float]) -> bool:
        ranks = scores["roc_auc"] >= floors["roc_auc"]
        return ranks and all(scores[name] <= floors[name] for name in ("brier", "log_loss"))

    rng = np.random.default_rng(5)
    shuffled = [held_out_scores(bench, found, rng.permutation) for _ in range(10)]

    assert set(floors) == {"roc_auc", "brier", "log_loss"}
    assert reaches_all(held_out_scores(bench, found, lambda labels: labels))
    assert not any(reaches_all(scores) for scores in shuffled)


def test_no_margin_lets_a_constant_replace_the_model(penguins: Problem, tmp_path: Path) -> None:
    found, bench = knobs(penguins, tmp_path), at_work("penguins", penguins.files)

    honest = held_out_scores(bench, found, lambda labels: labels)

    assert found.gates.margins["roc_auc"] < honest["roc_auc"] - 0.5
    assert found.gates.margins["brier"] < 0.25 - honest["brier"]


def test_names_and_cells_of_the_table_never_become_code(odd: Problem) -> None:
    bench = at_work("odd", odd.files)

    assert not Path("pwned").exists()
    assert INJECTED in set(bench.frame["open_pwned_w_7_7"])
    assert repr(INJECTED) in odd.files["src/problem/source.py"].decode()


def test_the_bytes_of_data_are_a_plain_table(odd: Problem, tmp_path: Path) -> None:
    frame = at_work("odd", odd.files).frame

    assert odd.task == "regression"
    assert frame["total"].between(-50, 200).all()
    assert frame["groe_m2"].mean() == pytest.approx(50, abs=10)


def test_an_input_that_is_the_answer_is_left_out_aloud(odd: Problem) -> None:
    assert "afterwards" not in odd.inputs
    (warning,) = [line for line in odd.found if line.startswith("WARNING: afterwards alone tells")]
    assert "put it back" in warning


@pytest.mark.parametrize("name", ["penguins", "odd"])
def test_the_code_is_as_the_repository_wants_it(
    name: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    problem: Problem = request.getfixturevalue(name)
    for path, content in problem.files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)
    (tmp_path / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())

    ours = ["--no-cache", "--config", f'src = ["{ROOT}/src"]']
    for verb in (["check"], ["format", "--check"]):
        ruff = [sys.executable, "-m", "ruff", *verb, *ours, "src", "tests"]
        done = subprocess.run(ruff, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


def test_a_table_of_noise_is_told_to_be_one(tmp_path: Path) -> None:
    draw = random.Random(1)
    rows = [f"{draw.random():.3f},{draw.choice(['yes', 'no'])}" for _ in range(120)]
    path = tmp_path / "noise.csv"
    path.write_text("\n".join(["x,y", *rows]) + "\n")

    problem = problem_from(path, "y", name="noise", example=EXAMPLE)

    assert [line for line in problem.found if "tell nothing of the target" in line]
    assert knobs(problem, tmp_path).gates.floors["roc_auc"] > 0.5
