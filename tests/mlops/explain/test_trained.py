"""What the last run left, or what is to be done about it."""

from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mlops.contract import Schemas, load
from mlops.errors import DataError, TrainingError
from mlops.explain.trained import Trained, read, sample
from tests.mlops.explain.models import flights, one_hot, trained

INPUTS = list(load(Schemas).FEATURES.columns)


@pytest.fixture
def artifacts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model and its training rows, in the current directory."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "artifacts"
    folder.mkdir()
    rows = pd.DataFrame({name: np.arange(6.0) for name in [*INPUTS[::-1], "late"]})
    rows.to_parquet(folder / "train.parquet")
    model = DummyClassifier().fit(rows[INPUTS], rows["late"] > 2)
    joblib.dump(model, folder / "model.joblib")
    return folder


def test_the_inputs_come_in_the_order_of_the_schema(artifacts: Path) -> None:
    found = read(3)

    assert found.inputs == INPUTS
    assert (len(found.rows), found.task, found.seed) == (6, "binary", 3)
    assert found.answers(found.rows.head(2)).tolist() == [[0.5], [0.5]]


@pytest.mark.parametrize("name", ["model.joblib", "train.parquet"])
def test_without_a_run_it_says_what_to_do(artifacts: Path, name: str) -> None:
    (artifacts / name).unlink()

    with pytest.raises(DataError, match=f"artifacts/{name} is missing; run `mlops run` first"):
        read(0)


def test_a_model_that_is_cut_off_is_told(artifacts: Path) -> None:
    whole = (artifacts / "model.joblib").read_bytes()
    (artifacts / "model.joblib").write_bytes(whole[: len(whole) // 2])

    with pytest.raises(TrainingError, match=r"model\.joblib cannot be loaded .* run `mlops run`"):
        read(0)


class Gone:
    """A class of the problem's that was renamed since."""


def test_a_model_of_other_code_is_told(artifacts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    joblib.dump(Gone(), artifacts / "model.joblib")
    monkeypatch.delattr(f"{__name__}.Gone")

    with pytest.raises(TrainingError, match=r"cannot be loaded \(AttributeError: .*Gone"):
        read(0)


@pytest.mark.parametrize("lacks", ["model", "rows"])
def test_a_model_of_other_inputs_is_told(artifacts: Path, lacks: str) -> None:
    rows = pd.read_parquet(artifacts / "train.parquet")
    fewer = [name for name in INPUTS if name not in ("temp", "dest")]
    if lacks == "model":
        joblib.dump(DummyClassifier().fit(rows[fewer], rows["late"]), artifacts / "model.joblib")
    else:
        rows[fewer].to_parquet(artifacts / "train.parquet")

    with pytest.raises(TrainingError, match="was trained without dest, temp, which FEATURES"):
        read(0)


def test_rows_are_encoded_as_the_pipeline_does_it() -> None:
    inner = make_pipeline(StandardScaler(), Ridge())
    known = trained(make_pipeline(one_hot(None)[:-1], inner), "regression")
    rows = flights(5, seed=5)

    assert isinstance(known.last, Ridge)
    answers: Any = known.last.predict(known.encoded(rows))
    np.testing.assert_allclose(answers, known.estimator.predict(rows))


def test_an_estimator_that_is_no_pipeline_is_given_the_rows() -> None:
    model = Ridge().fit(flights()[["distance"]], flights()["departure"])
    known = Trained(model, "regression", flights()[["distance"]], 0)

    assert known.last is model
    assert known.encoded(known.rows) is known.rows


def test_a_sample_keeps_the_order_and_the_seed() -> None:
    rows = pd.DataFrame({"n": range(100)})

    drawn = sample(rows, 10, seed=1)

    assert len(drawn) == len(set(drawn["n"])) == 10
    assert list(drawn["n"]) == sorted(drawn["n"])
    assert drawn.equals(sample(rows, 10, seed=1))
    assert not drawn.equals(sample(rows, 10, seed=2))
    assert sample(rows, 1000, seed=1).equals(rows)
