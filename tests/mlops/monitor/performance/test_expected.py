"""Expected metrics, against outcomes that are drawn and against outcomes that are certain."""

import numpy as np
import pytest
from scipy.special import expit, logit
from sklearn import metrics as sk

from mlops.evaluation.metrics import Truth, scores
from mlops.evaluation.names import BETTER
from mlops.evaluation.predict import Array
from mlops.monitor.performance.expected import expected, recalibrated
from tests.mlops.monitor import worlds

THRESHOLD = 0.4
DRAWS = 20


def forecasts(rng: np.random.Generator, rows: int = 4000) -> tuple[Array, Array]:
    """What a model says, and the probabilities with which it happens: not the same."""
    said = rng.normal(-1, 1.2, rows)
    return expit(said), expit(0.8 * said + 0.2)


def test_of_a_binary_forecast_they_are_the_mean_over_outcomes_that_are_drawn() -> None:
    rng = np.random.default_rng(1)
    p, q = forecasts(rng)

    found = expected("binary", p, q, THRESHOLD)

    draws = [
        scores("binary", Truth((rng.random(len(q)) < q).astype(float), 2, THRESHOLD), p, found)
        for _ in range(DRAWS)
    ]
    assert set(found) == set(BETTER["binary"]) - {"calibration_error"}
    for name, value in found.items():
        drawn = np.array([draw[name] for draw in draws])
        assert value == pytest.approx(drawn.mean(), abs=4 * drawn.std() / np.sqrt(DRAWS)), name


def test_of_several_classes_they_are_the_mean_over_outcomes_that_are_drawn() -> None:
    rng = np.random.default_rng(2)
    p, q = (rng.dirichlet([2, 1, 1], 3000), rng.dirichlet([2, 1, 1], 3000))
    q = (p + q) / 2

    found = expected("multiclass", p, q, THRESHOLD)

    draws = []
    for _ in range(DRAWS):
        truth = Truth(worlds.drawn(rng, q).astype(float), 3, THRESHOLD)
        draws.append(scores("multiclass", truth, p, found))
    assert set(found) == set(BETTER["multiclass"]) - {"calibration_error"}
    for name, value in found.items():
        drawn = np.array([draw[name] for draw in draws])
        assert value == pytest.approx(drawn.mean(), abs=4 * drawn.std() / np.sqrt(DRAWS)), name


def test_of_outcomes_that_are_certain_they_are_the_metrics_themselves() -> None:
    rng = np.random.default_rng(3)
    p, q = forecasts(rng)
    late = (rng.random(len(q)) < q).astype(float)
    classes = rng.dirichlet([2, 1, 1], 3000)
    which = worlds.drawn(rng, classes)

    of_two = expected("binary", p, late, THRESHOLD)
    of_three = expected("multiclass", classes, np.eye(3)[which], THRESHOLD)

    assert of_two == pytest.approx(scores("binary", Truth(late, 2, THRESHOLD), p, of_two))
    truth = Truth(which.astype(float), 3, THRESHOLD)
    assert of_three == pytest.approx(scores("multiclass", truth, classes, of_three))


def test_what_cannot_happen_cannot_be_ranked() -> None:
    found = expected("binary", np.array([0.2, 0.3]), np.zeros(2), THRESHOLD)

    assert np.isnan(found["roc_auc"])
    assert (found["precision"], found["recall"], found["f1"]) == (0.0, 0.0, 0.0)
    assert found["brier"] == pytest.approx((0.2**2 + 0.3**2) / 2)


def test_over_confident_forecasts_are_corrected() -> None:
    rng = np.random.default_rng(4)
    real = expit(rng.normal(-1, 1, 40_000))
    late = (rng.random(len(real)) < real).astype(float)
    said = expit(2 * logit(real) + 0.5)

    found = recalibrated(late, said, said[:1000])

    assert np.abs(found - real[:1000]).max() < 0.02
    assert sk.roc_auc_score(late[:1000], found) == sk.roc_auc_score(late[:1000], said[:1000])


def test_forecasts_of_certainty_can_be_corrected_too() -> None:
    found = recalibrated(np.array([0.0, 1, 0, 1]), np.array([0.0, 1, 1, 0]), np.array([0.0, 1]))

    assert found == pytest.approx([0.5, 0.5])


def test_nothing_is_learned_from_several_classes_or_from_one() -> None:
    several, one = np.array([[0.2, 0.5, 0.3]]), np.array([0.2, 0.5, 0.3])

    assert recalibrated(np.array([1.0]), several, several) is several
    assert recalibrated(np.zeros(3), one, one) is one
