"""The whole command, on the sample repository after a run, and on two other problems."""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, softmax

from mlops.contract import Schemas, load
from mlops.errors import TrainingError
from mlops.explain import explain, trees
from mlops.explain.explain import Options
from mlops.explain.result import Result
from mlops.files import rounded
from tests.conftest import ROOT, Run, execute

KEY = ["time_hour", "carrier", "flight"]
SENT = ["carrier", "origin", "dest", "sched_dep_time", "sched_arr_time", "distance"]
LOOKED_UP_BY = ["date", "time_hour", "tailnum"]
ROUNDING = 28 * 0.5e-6  # of as many contributions as there are inputs, written with six decimals


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """A smaller background, and fewer rows for the overall picture."""
    monkeypatch.setattr(trees, "BACKGROUND", 50)
    monkeypatch.setattr(trees, "OVERALL", 10)


def newest(rows: int) -> pd.DataFrame:
    """The newest held-out rows, with what the pipeline predicted."""
    test = pd.read_parquet("artifacts/test.parquet").sort_values("date", kind="stable")
    predicted = pd.read_parquet("artifacts/predictions.parquet")
    return test.tail(rows).merge(predicted[[*KEY, "prediction"]], on=KEY, validate="1:1")


def adds(row: Any, output: int = 0) -> float:
    return float(sum(one["adds"][output] for one in row["contributions"]))


def test_the_newest_held_out_rows_are_explained_with_all_that_follows(
    finished: Path, run: Run
) -> None:
    done = run("mlops", "explain", "--rows", "2")

    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads((finished / "reports/explain/explain.json").read_text())
    inputs, expected = list(load(Schemas).FEATURES.columns), newest(2)
    assert (found["method"], found["scale"], found["task"]) == ("trees", "log-odds", "binary")
    assert [row["key"] for row in found["rows"]] == expected[KEY].to_dict("records")
    assert [row["actual"] for row in found["rows"]] == list(expected["late"])
    model = joblib.load("artifacts/model.joblib")
    decided = model.decision_function(expected[inputs])
    for row, score, said in zip(found["rows"], decided, expected["prediction"], strict=True):
        assert {one["input"] for one in row["contributions"]} == set(inputs)
        assert row["score"][0] == pytest.approx(score, abs=1e-6)
        assert found["base"]["score"][0] + adds(row) == pytest.approx(score, abs=ROUNDING)
        assert row["prediction"][0] == pytest.approx(said, abs=1e-6)
        assert expit(row["score"][0]) == pytest.approx(said, abs=1e-6)
        sizes = [abs(one["adds"][0]) for one in row["contributions"]]
        assert sizes == sorted(sizes, reverse=True)
    losses = pd.read_csv("reports/plots/importance.csv").set_index("feature")["loss"]
    overall = found["overall"]["inputs"]
    assert {one["input"]: one["loss"] for one in overall} == losses.to_dict()
    assert overall[0]["contribution"] > overall[-1]["contribution"]

    _the_page_says_what_the_json_says(finished, found)
    assert f"flight {expected['flight'].iloc[-1]}" in done.stdout
    assert f"probability {expected['prediction'].iloc[-1]:.4f}" in done.stdout
    assert run("git", "status", "--porcelain").stdout == ""


def _the_page_says_what_the_json_says(folder: Path, found: Any) -> None:
    page = (folder / "reports/explain/explain.html").read_text()
    for row in found["rows"]:
        assert f"probability {row['prediction'][0]:.4f}" in page
        for one in row["contributions"][:12]:
            assert f"{one['adds'][0]:+.4f}".replace("-", "−") in page
            assert one["input"] in page
    for one in found["overall"]["inputs"]:
        assert f"{one['contribution']:.4f}" in page


@pytest.mark.usefixtures("few", "finished")
def test_the_overall_picture_is_the_mean_of_single_ones() -> None:
    """Of as many rows as there are, so that none is drawn."""
    pd.read_parquet("artifacts/test.parquet").tail(8).to_parquet("artifacts/test.parquet")

    found = explain.explained(Options(rows=8))

    assert (len(found.rows), found.overall.rows) == (8, 8)
    sizes = {
        name: np.mean([abs(adds) for row in found.rows for adds in of(row, name)])
        for name in (one.input for one in found.overall.inputs)
    }
    assert {one.input: one.contribution for one in found.overall.inputs} == pytest.approx(sizes)


def of(row: Any, name: str) -> list[float]:
    return next(one.adds for one in row.contributions if one.input == name)


@pytest.mark.usefixtures("few", "finished")
def test_a_request_is_explained_as_the_server_sees_it(tmp_path: Path) -> None:
    """Table features are looked up; what a server recorded is held against what is explained."""
    rows = newest(2)
    request = rows[list(dict.fromkeys([*KEY, *SENT, *LOOKED_UP_BY]))]
    request.to_csv(tmp_path / "request.csv", index=False)
    lines = [
        {"columns": columns, "prediction": said}
        for columns, said in zip(
            request.to_dict("records"), [rows["prediction"][0], 0.9], strict=True
        )
    ]
    (tmp_path / "seen.jsonl").write_text("\n".join(map(json.dumps, lines)) + "\n")

    whole = explain.explained(Options(rows=2))
    asked = explain.explained(Options(tmp_path / "request.csv"))
    seen = explain.explained(Options(tmp_path / "seen.jsonl"))

    assert (asked.source, seen.source) == ("request.csv", "seen.jsonl")
    for other in (asked, seen):
        for row, expected in zip(other.rows, whole.rows, strict=True):
            assert row.key == expected.key
            assert row.score == pytest.approx(expected.score, abs=1e-6)
            for one in expected.contributions:
                assert of(row, one.input) == pytest.approx(one.adds, abs=1e-6)
    assert [row.is_anothers for row in asked.rows] == [False, False]
    assert [row.is_anothers for row in seen.rows] == [False, True]
    assert seen.rows[1].recorded == [0.9]


@pytest.mark.usefixtures("few", "finished")
def test_rows_are_chosen_by_their_key() -> None:
    names = ["/".join(map(str, key)) for key in newest(9)[KEY].to_numpy()]

    found = explain.explained(Options(keys=[names[0], names[4]]))

    assert ["/".join(map(str, row.key.values())) for row in found.rows] == [names[0], names[4]]


@pytest.mark.usefixtures("few", "finished")
def test_what_is_sensitive_is_explained_and_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    column = load(Schemas).FEATURES.columns["carrier"]
    monkeypatch.setattr(column, "metadata", {"sensitive": True})

    found = explain.explained(Options(rows=1))

    row = found.rows[0]
    carrier = next(one for one in row.contributions if one.input == "carrier")
    assert (carrier.value, carrier.sensitive, row.key["carrier"]) == (None, True, None)
    assert carrier.adds != [0.0]
    assert sum(one.sensitive for one in row.contributions) == 1


@pytest.mark.usefixtures("few", "finished")
def test_without_importances_there_are_no_losses() -> None:
    shutil.rmtree("reports/plots")

    found = explain.explained(Options(rows=1))

    assert {one.loss for one in found.overall.inputs} == {None}


def test_a_repository_before_any_run_is_told_what_to_do(repository: Path, run: Run) -> None:
    done = run("mlops", "explain")

    assert done.returncode == 3
    assert "artifacts/model.joblib is missing; run `mlops run` first" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (repository / "reports/explain").exists()


OTHER = """
from pathlib import Path
from mlops.explain import explain, sampled
from mlops.stages import features, split, train
from problem import source

raw = Path("data/raw")
raw.mkdir(parents=True)
source.materialise(raw, "")
for stage in (features, split, train):
    stage.main()
sampled.OVERALL = 5
explain.main(explain.Options(rows=3))
"""


def other(folder: Path, problem: str) -> Result:
    """Another problem, trained and explained by the machinery as it is."""
    (folder / "src").mkdir()
    for room in ("mlops", "serving"):
        (folder / "src" / room).symlink_to(ROOT / "src" / room)
    shutil.copytree(ROOT / "tests/problems" / problem, folder / "src/problem")
    (folder / "src/problem/params.yaml").replace(folder / "params.yaml")
    done = execute(folder, sys.executable, "-c", OTHER)
    assert done.returncode == 0, done.stdout + done.stderr
    text = (folder / "reports/explain/explain.json").read_text()
    return Result.model_validate_json(text)


def test_several_classes_are_explained_one_by_one(tmp_path: Path) -> None:
    found = other(tmp_path, "wine")

    assert (found.method, found.scale, found.metric) == ("linear", "logits", "roc_auc")
    assert found.classes == ["class_0", "class_1", "class_2"]
    held_out = pd.read_parquet(tmp_path / "artifacts/test.parquet").set_index("wine")
    for row in found.rows:
        assert softmax(row.score) == pytest.approx(row.prediction, abs=1e-5)
        for output, base in enumerate(found.base.score):
            total = base + sum(one.adds[output] for one in row.contributions)
            assert total == pytest.approx(row.score[output], abs=ROUNDING)
        assert row.actual == held_out["cultivar"][str(row.key["wine"])]
    page = (tmp_path / "reports/explain/explain.html").read_text()
    assert page.count("The other classes") == 3
    for label in found.classes:
        assert f"cultivar is {label}" in page


def test_a_regression_is_explained_in_the_unit_of_its_target(tmp_path: Path) -> None:
    """By its answers: its columns are products of inputs."""
    found = other(tmp_path, "diabetes")

    assert (found.method, found.scale, found.metric) == ("sampled", "value", "r2")
    held_out = pd.read_parquet(tmp_path / "artifacts/test.parquet").set_index("patient")
    assert 100 < found.base.score[0] < 200
    for row in found.rows:
        total = found.base.score[0] + sum(one.adds[0] for one in row.contributions)
        assert total == pytest.approx(row.prediction[0], abs=ROUNDING)
        assert row.actual == held_out["progression"][str(row.key["patient"])]
        assert {one.input: one.value for one in row.contributions} == rounded(
            held_out.loc[str(row.key["patient"])].drop("progression").to_dict()
        )


@pytest.mark.usefixtures("few", "finished")
def test_a_model_that_does_not_say_how_likely_is_not_explained() -> None:
    model = joblib.load("artifacts/model.joblib")
    joblib.dump(model[:-1], "artifacts/model.joblib")

    with pytest.raises(TrainingError, match="no predict_proba"):
        explain.explained(Options(rows=1))
