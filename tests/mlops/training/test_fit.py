"""Fitting: what cannot be fitted is named, and what can be has reproducible bytes."""

import io
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestRegressor, VotingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler
from sklearn.svm import LinearSVC
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from mlops.errors import TrainingError
from mlops.evaluation.predict import predict
from mlops.training.fit import canonical, dummy, fitted
from problem.model import gradient_boosting, logistic_regression
from tests.problem.test_model import inputs, late

RNG = np.random.default_rng(0)
N = 500
ROWS = pd.DataFrame({"a": RNG.normal(3, 2, N), "b": RNG.normal(size=N), "c": RNG.normal(size=N)})
ROWS["late"] = (ROWS["a"] - 3 + ROWS["b"] + RNG.normal(size=N) > 0).astype("int8")
ROWS["value"] = 2 * ROWS["a"] - ROWS["b"] + 0.1 * RNG.normal(size=N)
INPUTS = ["a", "b", "c"]


def flights(rows: int) -> pd.DataFrame:
    """Random inputs of the flights' estimators, and which flights were late."""
    frame = inputs(rows)
    return frame.assign(late=late(frame))


def content(model: Any) -> bytes:
    buffer = io.BytesIO()
    joblib.dump(model, buffer)
    return buffer.getvalue()


def rounded(values: Any) -> bool:
    """To six decimals (coefficients)."""
    return bool((np.asarray(values) == np.round(values, 6)).all())


def shortened(values: Any) -> bool:
    """To nine digits (means, scales)."""
    return all(float(value) == float(f"{value:.8e}") for value in np.ravel(values))


def test_coefficients_are_rounded_inside_pipelines_and_column_transformers() -> None:
    numbers = make_pipeline(SimpleImputer(), make_pipeline(StandardScaler()))
    encode = ColumnTransformer([("numbers", numbers, INPUTS)])
    model = make_pipeline(encode, LogisticRegression())

    fitted("model", model, ROWS, INPUTS, "late")

    inner = encode.named_transformers_["numbers"]
    scaler = inner[1][0]
    assert rounded(model[-1].coef_)
    assert rounded(model[-1].intercept_)
    assert shortened(inner[0].statistics_)
    assert shortened(scaler.mean_)
    assert shortened(scaler.scale_)
    assert np.abs(scaler.scale_ - ROWS[INPUTS].std(ddof=0)).max() < 1e-8
    assert (np.abs(model[-1].coef_) > 0.1).any()


@pytest.mark.parametrize(
    ("model", "linear"),
    [
        (VotingClassifier([("lr", LogisticRegression())]), lambda m: m.estimators_[0]),
        (OneVsRestClassifier(LogisticRegression()), lambda m: m.estimators_[0]),
        (
            make_pipeline(
                FeatureUnion([("scaled", StandardScaler()), ("powers", PolynomialFeatures())]),
                LogisticRegression(C=0.1),
            ),
            lambda m: m[-1],
        ),
    ],
)
def test_coefficients_are_rounded_inside_ensembles(model: Any, linear: Any) -> None:
    fitted("model", model, ROWS, INPUTS, "late")

    assert rounded(linear(model).coef_)


def test_scales_are_rounded_inside_a_feature_union() -> None:
    scaler = StandardScaler()

    fitted(
        "model",
        make_pipeline(FeatureUnion([("s", scaler)]), LogisticRegression()),
        ROWS,
        INPUTS,
        "late",
    )

    assert shortened(scaler.scale_)


def test_coefficients_are_rounded_inside_a_transformed_target() -> None:
    model = TransformedTargetRegressor(LinearRegression(), transformer=StandardScaler())

    fitted("model", model, ROWS, INPUTS, "value")

    assert rounded(model.regressor_.coef_)
    assert shortened(model.transformer_.scale_)


@pytest.mark.parametrize(
    "estimator",
    [lambda: logistic_regression(1), lambda: gradient_boosting(1, max_iter=10)],
    ids=["logistic regression", "gradient boosting"],
)
def test_predictions_change_by_less_than_the_fourth_decimal(estimator: Any) -> None:
    frame = flights(1000)
    given = frame.columns.drop("late").tolist()
    raw = estimator().fit(frame[given], frame["late"])
    before = predict(raw, frame[given], "binary")

    after = predict(canonical(raw), frame[given], "binary")

    assert np.abs(after - before).max() < 1e-4


def test_digits_that_differ_between_processors_do_not_reach_the_bytes() -> None:
    def on_a_processor_off_by(noise: float) -> bytes:
        model = make_pipeline(StandardScaler(), LogisticRegression()).fit(
            ROWS[INPUTS], ROWS["late"]
        )
        model[0].mean_ *= 1 + noise
        model[0].scale_ *= 1 - noise
        model[1].coef_ *= 1 + noise
        model[1].intercept_ -= noise
        return content(canonical(model))

    assert on_a_processor_off_by(0) == on_a_processor_off_by(1e-13)
    assert on_a_processor_off_by(0) != on_a_processor_off_by(1e-3)


def test_a_coefficient_that_rounds_to_zero_has_no_sign() -> None:
    model = LogisticRegression().fit(ROWS[INPUTS], ROWS["late"])
    model.coef_ = np.array([[-1e-9, 0.0, 1e-9]])

    canonical(model)

    assert not np.signbit(model.coef_).any()


@pytest.mark.parametrize("kind", ["classifier", "regressor"])
def test_boosted_models_have_the_same_bytes_with_one_thread_and_with_two(kind: str) -> None:
    frame = flights(1000)
    given = frame.columns.drop("late").tolist()

    def trained(threads: int) -> bytes:
        with threadpool_limits(threads, user_api="openmp"):
            if kind == "classifier":
                pipeline = gradient_boosting(seed=1, max_iter=5)
                return content(fitted("model", pipeline, frame, given, "late"))
            model = HistGradientBoostingRegressor(max_iter=5, random_state=1)
            return content(fitted("model", model, ROWS, INPUTS, "value"))

    assert trained(1) == trained(2)


def test_a_forest_is_left_as_it_is() -> None:
    model = RandomForestRegressor(5, random_state=0).fit(ROWS[INPUTS], ROWS["value"])
    before = predict(model, ROWS[INPUTS], "regression")

    assert (predict(canonical(model), ROWS[INPUTS], "regression") == before).all()


@pytest.mark.parametrize("unit", [1e-9, 1.0, 1e9])
def test_the_unit_of_an_input_does_not_change_what_a_scaled_model_says(unit: float) -> None:
    """A concentration in mol/l is a small number; it must not be rounded away."""
    frame = ROWS.assign(a=ROWS["a"] * unit)

    model = make_pipeline(StandardScaler(), LinearRegression())
    p = predict(fitted("model", model, frame, INPUTS, "value"), frame[INPUTS], "regression")

    assert np.abs(p - ROWS["value"]).max() < 0.5


def test_a_model_that_rounding_would_ruin_is_refused_with_the_remedy() -> None:
    """Without a scaler, the coefficient of a column in the billions has no digit to keep."""
    frame = ROWS.assign(a=ROWS["a"] * 1e9)

    with pytest.raises(
        TrainingError, match=r"linear: .*6 decimals.*StandardScaler.*src/problem/model.py"
    ):
        fitted("linear", LinearRegression(), frame, INPUTS, "value")


def test_a_target_in_a_tiny_unit_is_refused_too() -> None:
    frame = ROWS.assign(value=ROWS["value"] * 1e-9)

    with pytest.raises(TrainingError, match="6 decimals"):
        fitted("model", make_pipeline(StandardScaler(), LinearRegression()), frame, INPUTS, "value")


def test_the_dummies_say_the_share_of_each_class_and_the_mean() -> None:
    shares = fitted("dummy", dummy("binary"), ROWS, INPUTS, "late")
    mean = fitted("dummy", dummy("regression"), ROWS, INPUTS, "value")

    assert set(predict(shares, ROWS[INPUTS], "binary")) == {round(float(ROWS["late"].mean()), 9)}
    assert predict(mean, ROWS[INPUTS], "regression") == pytest.approx(
        np.full(N, ROWS["value"].mean()), abs=1e-6
    )


def test_what_cannot_be_fitted_is_named_in_one_sentence() -> None:
    text = ROWS.assign(b="a word")

    with pytest.raises(
        TrainingError, match=r"^linear cannot be fitted: could not convert .*model\.py$"
    ):
        fitted("linear", LogisticRegression(), text, INPUTS, "late")


def test_a_classifier_of_words_without_probabilities_can_be_fitted() -> None:
    words = ROWS.assign(late=np.where(ROWS["late"] == 1, "late", "punctual"))

    model: Any = fitted("model", LinearSVC(), words, INPUTS, "late")

    assert rounded(model.coef_)


def test_a_target_with_gaps_is_named() -> None:
    with pytest.raises(TrainingError, match="NaN"):
        fitted("model", LinearRegression(), ROWS.assign(value=np.nan), INPUTS, "value")


def test_only_the_inputs_reach_the_model(tmp_path: Path) -> None:
    model: Any = fitted("model", LogisticRegression(), ROWS, ["c", "a"], "late")

    joblib.dump(model, tmp_path / "model.joblib")
    assert joblib.load(tmp_path / "model.joblib").feature_names_in_.tolist() == ["c", "a"]
