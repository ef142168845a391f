"""The stage `train` on the sample."""

from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.pipeline import Pipeline

from mlops.errors import DeclarationError, TrainingError
from mlops.stages import train
from tests.mlops.stages.knobs import hurry, turn

MODEL, BASELINES = Path("artifacts/model.joblib"), Path("artifacts/baselines.joblib")


@pytest.mark.usefixtures("finished")
def test_the_model_is_a_pipeline_that_takes_the_features_as_they_are() -> None:
    model = joblib.load(MODEL)
    test = pd.read_parquet("artifacts/test.parquet")

    assert isinstance(model, Pipeline)
    p = model.predict_proba(test[list(model.feature_names_in_)])
    assert p.shape == (len(test), 2)
    assert "late" not in model.feature_names_in_
    assert "date" not in model.feature_names_in_


@pytest.mark.usefixtures("finished")
def test_the_baselines_are_the_linear_model_and_the_share_of_late_flights() -> None:
    baselines = joblib.load(BASELINES)

    assert list(baselines) == ["linear", "dummy"]
    assert hasattr(baselines["linear"][-1], "coef_")
    assert isinstance(baselines["dummy"], DummyClassifier)
    late = pd.read_parquet("artifacts/train.parquet")["late"].mean()
    assert baselines["dummy"].class_prior_ == pytest.approx([1 - late, late])


@pytest.mark.usefixtures("finished")
def test_parameters_reach_the_estimator() -> None:
    hurry()
    turn("max_leaf_nodes: 15", "max_leaf_nodes: 7", "learning_rate: 0.05", "learning_rate: 0.3")

    train.main()

    trees = joblib.load(MODEL)[-1]
    assert (trees.n_iter_, trees.max_leaf_nodes, trees.learning_rate) == (5, 7, 0.3)
    assert trees.random_state == 2013


@pytest.mark.usefixtures("finished")
def test_the_same_rows_and_parameters_give_the_same_bytes() -> None:
    hurry()

    train.main()
    once = MODEL.read_bytes(), BASELINES.read_bytes()
    train.main()

    assert (MODEL.read_bytes(), BASELINES.read_bytes()) == once


@pytest.mark.usefixtures("finished")
def test_the_linear_model_can_be_the_model_itself() -> None:
    turn("estimator: gradient_boosting", "estimator: logistic_regression")

    train.main()

    model, linear = joblib.load(MODEL), joblib.load(BASELINES)["linear"]
    assert (model[-1].coef_ == linear[-1].coef_).all()
    assert (model[-1].coef_ == np.round(model[-1].coef_, 6)).all()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("estimator: gradient_boosting", "estimator: oracle"), "unknown estimator 'oracle'"),
        (("max_leaf_nodes: 15", "max_leaves: 15"), "max_leaves: unknown key"),
        (("C: 0.01", "C: strong"), "model.logistic_regression.C: expected a valid number"),
    ],
)
def test_a_wrong_parameter_is_named_before_anything_is_fitted(
    finished: Path, change: tuple[str, str], said: str
) -> None:
    before = MODEL.read_bytes()
    Path("artifacts/train.parquet").unlink()  # nothing is read either
    turn(*change)

    with pytest.raises(DeclarationError, match=said):
        train.main()

    assert MODEL.read_bytes() == before


@pytest.mark.usefixtures("finished")
def test_rows_that_cannot_be_learned_from_leave_the_old_model() -> None:
    before = MODEL.read_bytes()
    path = Path("artifacts/train.parquet")
    pd.read_parquet(path).assign(late=1).to_parquet(path)
    turn("estimator: gradient_boosting", "estimator: logistic_regression")

    with pytest.raises(TrainingError, match=r"model cannot be fitted: .*class"):
        train.main()

    assert MODEL.read_bytes() == before
